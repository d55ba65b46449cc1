import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { TEST_IMAGES } from '../support/cli.ts';
import { type DrillWorkspace, makeDrillWorkspace, plainDump } from '../support/cli-drill.ts';
import { readCommandLines } from './command-lines.ts';
import { expectGoneWhileRestoring } from './sandbox-gone.ts';

const docker = (...argv: string[]): string =>
  execFileSync('docker', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Matches what the engine generates from 24 random bytes. Ids and digests are longer. */
const PASSWORD = /(?<![0-9a-f])[0-9a-f]{48}(?![0-9a-f])/;

describe.skipIf(!inject('dockerAnswers'))('a drill in containers', () => {
  let workspace: DrillWorkspace;
  let drill: string;
  beforeEach(async () => {
    workspace = await makeDrillWorkspace({ FIREDRILL_RUNTIME: 'docker' });
    drill = `gone-${process.pid}-${Date.now()}`;
  });
  afterEach(() => workspace[Symbol.asyncDispose]());

  const containers = () =>
    docker('ps', '-aq', '--filter', `label=dev.firedrill.drill=${drill}`).split('\n').filter(Boolean);

  it.each([
    ['removed', ['rm', '-f', '-v']],
    ['killed', ['kill']],
  ])('breaks when its container is %s halfway, and leaves nothing behind', async (_how, command) => {
    await workspace.write('firedrill.yaml', JSON.stringify({ images: TEST_IMAGES }));
    const found: string[] = [];
    await expectGoneWhileRestoring(
      workspace,
      () => {
        found.push(...containers());
        docker(...command, ...found);
      },
      'sandbox-died',
      drill,
    );
    expect(found).toHaveLength(1);
    expect(containers()).toEqual([]);
  });

  it("shows its passwords neither in the engine's data nor in any command line", async () => {
    await workspace.write('firedrill.yaml', JSON.stringify({ images: TEST_IMAGES }));
    await workspace.write('backups/orders.sql', plainDump());
    await workspace.writeDrill({ name: drill });
    const told: string[] = [];
    const onStdout = () => told.push(readCommandLines(), ...containers().map((id) => docker('inspect', id)));
    const { code, log, run, stdout } = await workspace.drill([], { onStdout });
    expect(code).toBe(0);
    expect(told.join()).toContain(`"dev.firedrill.run": "${run.id}"`);
    for (const text of [...told, stdout, JSON.stringify(log), JSON.stringify(run)]) expect(text).not.toMatch(PASSWORD);
  });

  it('breaks at once when its image is neither local nor available', async () => {
    await workspace.write('backups/orders.sql', plainDump());
    await workspace.writeDrill({ name: drill, engine: { type: 'postgres', image: '127.0.0.1:9/no-such/postgres:18' } });
    const { code, run, timeline } = await workspace.drill();
    expect(code).toBe(2);
    expect(run.error).toMatchObject({
      code: 'image-missing',
      message: expect.stringContaining('127.0.0.1:9/no-such/postgres:18'),
      hint: expect.stringMatching(/\.$/),
    });
    expect(run).toMatchObject({ status: 'errored', reasons: [] });
    expect(timeline).toEqual(['locate ok', 'plan ok', 'image-pull errored', 'teardown skipped']);
    expect(containers()).toEqual([]);
  });
});
