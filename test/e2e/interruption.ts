import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunRecord } from '../../src/record/run-record.ts';
import { STAGES } from '../../src/support/vocabulary.ts';
import { sharedMemoryNow, sharedMemoryOf } from '../sandbox/local-leftovers.ts';
import { makeProcessWorkspace, type ProcessWorkspace } from '../support/process-workspace.ts';
import type { CliProcess } from '../support/spawn-cli.ts';

/** The stages in which a run is stopped; `provision` ends by itself, but not before the signal has arrived. */
type Stage = 'locate' | 'provision' | 'restore' | 'verify';

/**
 * Properties of real processes on one runtime, however they end. In containers, only what the runtime itself does is tested: a sandbox that is being
 * created, one that is loading, and one that is kept. See test/faults/kill-matrix.docker.test.ts for what a killed process leaves behind there, and the
 * contract of runtimes for sweeps that spare the sandboxes of live processes.
 */
export function describeInterruption(runtime: 'docker' | 'local'): void {
  let workspace: ProcessWorkspace;
  let running: CliProcess[];

  beforeEach(async () => {
    workspace = await makeProcessWorkspace(runtime);
    running = [];
  });
  afterEach(async () => {
    for (const process of running) await process[Symbol.asyncDispose]();
    // Whatever the test did, nothing may be left.
    const left = await workspace.leftovers();
    if (left.length > 0) await workspace.cli('sweep').ended;
    await workspace[Symbol.asyncDispose]();
    expect(left).toEqual([]);
  });

  const start = (...argv: string[]): CliProcess => {
    const process = workspace.cli(...argv);
    running.push(process);
    return process;
  };

  /** Starts a drill and waits until it has reached that stage. */
  async function startInto(stage: Stage, ...more: string[]): Promise<CliProcess> {
    const file = await workspace.addDrill(`held-in-${stage}`, stage === 'provision' ? {} : { heldIn: stage });
    const process = start('run', file, ...more, '--json');
    await process.stageStarted(stage);
    if (stage === 'locate') await workspace.asked;
    if (stage === 'restore') await process.event(isLoading);
    if (stage === 'verify') await process.event(({ type }) => type === 'check');
    return process;
  }

  const onHost = it.runIf(runtime === 'local');

  // During `locate` there is no sandbox yet, so the runtime makes no difference.
  const signals = [
    ...(runtime === 'local' ? [{ stage: 'locate', signal: 'SIGINT' } as const] : []),
    { stage: 'provision', signal: 'SIGTERM' },
    { stage: 'restore', signal: 'SIGHUP' },
  ] as const;
  it.each(signals)(
    '$signal during $stage tears down, records the run as interrupted, and exits with 130',
    async ({ stage, signal }) => {
      const process = await startInto(stage);
      process.kill(signal);
      const { code, stderr, events } = await process.ended;
      expect(code).toBe(130);
      expect(stderr).toBe('\nCanceling; removing the sandbox (this takes a moment)\n');
      expect(events.at(-1)).toMatchObject({ type: 'run-ended', run: { status: 'interrupted' } });
      const run = await onlyRun();
      expect(run).toMatchObject({
        status: 'interrupted',
        verdict: undefined,
        error: { code: 'interrupted', stage, message: `canceled by ${signal === 'SIGINT' ? 'Ctrl-C' : signal}` },
      });
      expect(timeline(run)).toEqual([
        ...wentWellBefore(stage),
        `${stage} interrupted`,
        `teardown ${stage === 'locate' ? 'skipped' : 'ok'}`,
      ]);
      if (run.sandbox) expect(run.sandbox.removed).toBe(true);
    },
  );

  onHost(
    'a second Ctrl-C during verify changes nothing: the sandbox is removed, the second drill is not run',
    async () => {
      const second = await workspace.addDrill('second');
      const process = await startInto('verify', second);
      process.kill('SIGINT');
      await process.said('Canceling');
      process.kill('SIGINT');
      const { code, stderr } = await process.ended;
      expect(code).toBe(130);
      expect(stderr).toContain('canceled; 1 of 2 drills were not run\n');
      expect(timeline(await onlyRun())).toEqual([
        'locate ok',
        'plan ok',
        'image-pull skipped',
        'provision ok',
        'restore ok',
        'verify interrupted',
        'teardown ok',
      ]);
    },
  );

  // For each point of every stage, see test/faults/kill-matrix.integration.test.ts.
  onHost('kill -9 during verify: the next command marks the run interrupted and removes what it left', async () => {
    const earlier = await sharedMemoryNow();
    const process = await startInto('verify');
    const processes = (await workspace.leftovers()).filter((line) => line.startsWith('process '));
    process.kill('SIGKILL');
    await process.ended;
    expect(await onlyRun()).toMatchObject({ status: 'running' });
    const { id } = await onlyRun();
    const sweep = await start('sweep').ended;
    expect(sweep.code).toBe(0);
    expect(sweep.stderr).toContain(
      `run ${id} of held-in-verify-${workspace.mark} was cut off when its process died: recorded as interrupted\n`,
    );
    const run = await onlyRun();
    expect(run).toMatchObject({
      status: 'interrupted',
      verdict: undefined,
      error: { code: 'interrupted', stage: 'verify' },
    });
    expect(timeline(run)).toEqual(wentWellBefore('verify'));
    expect(await workspace.logOf(id)).toContainEqual(expect.stringMatching(/^sandbox /));
    expect(await workspace.leftovers()).toEqual([]);
    const pids = processes.map((line) => line.slice('process '.length));
    expect(await sharedMemoryOf(pids, earlier)).toEqual([]);
  });

  onHost('a killed run is cleaned up by the next run, which leaves the sandbox of a live one alone', async () => {
    const living = await startInto('verify');
    const killed = await startInto('restore');
    killed.kill('SIGKILL');
    await killed.ended;
    const next = await start('run', await workspace.addDrill('next'), '--json').ended;
    expect(next.code).toBe(0);
    expect(next.stderr).toMatch(/^run \S+ of held-in-restore-\S+ was cut off when its process died/);
    const statuses = (await workspace.runs()).map(({ drill, status }) => `${drill.replace(/-\w+$/, '')} ${status}`);
    expect(statuses).toEqual(['next completed', 'held-in-restore interrupted', 'held-in-verify running']);
    living.kill('SIGINT');
    const { code, events } = await living.ended;
    expect(code).toBe(130);
    // Its server answered until the end: the run was canceled and did not lose its sandbox.
    expect(events.at(-1)).toMatchObject({ run: { error: { code: 'interrupted' }, sandbox: { removed: true } } });
  });

  onHost('a deadline that passes during a restore makes the run too slow, and leaves nothing', async () => {
    const file = await workspace.addDrill('late', { heldIn: 'restore', objectives: '{ rto: 500ms, deadline: 6s }' });
    const { code, events } = await start('run', file, '--json').ended;
    expect(code).toBe(1);
    expect(events.at(-1)).toMatchObject({
      type: 'run-ended',
      run: {
        status: 'completed',
        verdict: 'failed',
        reasons: [
          {
            reason: 'too-slow',
            sentence: expect.stringMatching(/^stopped at its deadline of 6.0 s during .*; the target is 500 ms$/),
          },
        ],
      },
    });
  });

  it('--keep shows the verdict at once, lets a user connect, and Ctrl-C removes the sandbox', async () => {
    const process = start('run', await workspace.addDrill('kept'), '--keep', '1h');
    await process.line(/^PASSED kept-/);
    const [, shell = ''] = await process.line(/^ {2}shell: +(.+)$/);
    const [, client = ''] = await process.line(/^ {2}connect: +(.+)$/);
    expect((await onlyRun()).verdict).toBe('passed');
    if (canType('script')) expect(await typeInto(shell, 'echo $((6 * 7)) in $HOME\nexit\n')).toMatch(/42 in /);
    if (canType('psql')) expect(await typeInto(client, 'select count(*) from t;\n\\q\n')).toMatch(/^ +2\s*$/m);
    expect((await workspace.leftovers()).length).toBeGreaterThan(0);
    process.kill('SIGINT');
    expect((await process.ended).code).toBe(0);
  });

  async function onlyRun(): Promise<RunRecord> {
    const [run, ...others] = await workspace.runs();
    if (!run || others.length > 0) throw new Error(`there are ${others.length + (run ? 1 : 0)} runs, not one`);
    return run;
  }
}

const isLoading = ({ type, progress }: { type: string; progress?: unknown }) =>
  type === 'progress' && (progress as { doing?: string }).doing !== 'fetching';

function timeline(run: RunRecord): string[] {
  return run.stages.map(({ name, outcome }) => `${name} ${outcome}`);
}

/** The printed commands need a terminal program and a client, which a machine with only Node lacks. */
function canType(tool: 'script' | 'psql'): boolean {
  const isThere = [tool, 'script'].every((name) => spawnSync(name, ['--version']).error === undefined);
  if (!isThere) console.warn(`SKIPPED: typing what --keep prints; install util-linux's script and a ${tool} for it`);
  return isThere;
}

/** Types into a command on its own terminal once it prompts, like a user who pasted the command. */
async function typeInto(command: string, input: string): Promise<string> {
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...process.env, TERM: 'dumb', PSQL_PAGER: 'cat' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  let isTyped = false;
  child.stdout.on('data', (chunk: Buffer) => {
    output += String(chunk);
    if (isTyped || !/[$#>] \S*$/.test(output)) return;
    isTyped = true;
    child.stdin.write(input);
  });
  await once(child, 'close');
  return output;
}

/** The outcomes when the image exists already. */
function wentWellBefore(stage: Stage): readonly string[] {
  return STAGES.slice(0, STAGES.indexOf(stage)).map((name) => `${name} ${name === 'image-pull' ? 'skipped' : 'ok'}`);
}
