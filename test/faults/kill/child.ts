/** Run as a separate process by the kill matrix: the command line with its real drivers, which dies where it is told to. */
import { enableCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import type { Settings } from '../../../src/config/settings.ts';
import { ALL_ENGINES } from '../../../src/engines/registry.ts';
import { type KillMode, KillPoints } from './kill-points.ts';
import { faultOf } from './store-faults.ts';
import { watchSystem } from './watch-system.ts';

const { env } = process;
enableCompileCache(env['FD_CACHE']);
const points = new KillPoints({
  journalFile: env['FD_JOURNAL'] ?? '',
  killAt: env['FD_KILL_AT'],
  mode: (env['FD_KILL_MODE'] ?? 'process') as KillMode,
  fault: faultOf(env),
});
watchSystem(points, tmpdir());

const { createToolbox } = await import('../../../src/wiring.ts');
const { createProgram } = await import('../../../src/cli/program.ts');
const { asDrillError, exitCodeOf, formatError } = await import('../../../src/support/errors.ts');
const { Redactor } = await import('../../../src/support/redact.ts');
const { watchToolbox } = await import('./watch-seams.ts');
const { noService } = await import('../../support/no-service.ts');

const redactor = new Redactor();
const io = {
  stdout: { write: (text: string) => process.stdout.write(follow(text)) },
  stderr: process.stderr,
  stdin: process.stdin,
  env,
  cwd: process.cwd(),
  interrupt: new AbortController().signal,
  service: noService,
  terminal: undefined,
};
try {
  const tools = { ...createToolbox(io, redactor), openStore };
  process.exitCode = await createProgram(watchToolbox(tools, await makeRuntimes(), points)).run(process.argv.slice(2));
} catch (thrown) {
  const error = asDrillError(thrown);
  process.stderr.write(`${redactor.redact(formatError(error))}\n`);
  process.exitCode = exitCodeOf(error);
}

/** The usual store, except for how long it waits for a lock. */
async function openStore(settings: Settings) {
  const { openSqliteStore } = await import('../../../src/record/sqlite/sqlite-store.ts');
  const lockWaitMs = Number(env['FD_LOCK_WAIT_MS'] ?? 10_000);
  const { withRedaction } = await import('../../../src/record/with-redaction.ts');
  if (settings.store.kind !== 'sqlite') throw new Error('the store of these tests is a file');
  return withRedaction(await openSqliteStore(settings.store.path, { lockWaitMs }), redactor);
}

/** Only one of them, so that nothing else is loaded; the Docker one has its own project, which no other test's sweep inspects. */
async function makeRuntimes() {
  const project = env['FD_PROJECT'];
  if (project !== undefined) {
    const { createDockerRuntime } = await import('../../../src/sandbox/docker/docker-runtime.ts');
    return [createDockerRuntime({ project })];
  }
  const { createLocalRuntime } = await import('../../../src/sandbox/local/runtime.ts');
  const seals = env['FD_SEAL'] === 'open' ? { seals: ['open'] as const } : {};
  return [createLocalRuntime({ engines: ALL_ENGINES, searchPath: env['PATH'] ?? '', ...seals })];
}

/** Takes the current stage from the lines of `--json`. */
function follow(text: string): string {
  if (!text.startsWith('{')) return text;
  const { type, stage } = JSON.parse(text) as { readonly type: string; readonly stage?: string };
  if (type === 'run-started') points.stage = 'claimed';
  if (type === 'stage-started' && stage) points.stage = stage;
  if (type === 'stage-ended' && stage) points.stage = `after ${stage}`;
  if (type === 'run-ended') points.stage = 'ended';
  return text;
}
