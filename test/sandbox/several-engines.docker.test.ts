import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { chooseRuntime } from '../../src/sandbox/choose-runtime.ts';
import { createDockerRuntimes } from '../../src/sandbox/docker/docker-runtime.ts';
import type { SandboxRuntime } from '../../src/sandbox/sandbox.ts';
import { sweepAll } from '../../src/sandbox/sweep.ts';
import { TEST_IMAGES } from '../support/cli.ts';
import { makeDrillWorkspace, plainDump } from '../support/cli-drill.ts';
import { canStartSecondEngine, type SecondEngine, startSecondEngine } from '../support/second-engine.ts';
import { makeRequest, never } from './docker-sandboxes.ts';

const HERE = 'unix:///var/run/docker.sock';
const NOWHERE = 'tcp://127.0.0.1:1';
const IMAGE = 'firedrill-test/postgres:17';

describe.skipIf(!inject('dockerAnswers') || !canStartSecondEngine())('several Docker engines', () => {
  let engine: SecondEngine;
  let runtimes: readonly SandboxRuntime[];

  beforeAll(async () => {
    engine = await startSecondEngine();
    engine.load(IMAGE);
    runtimes = createDockerRuntimes([HERE, engine.host], { project: `several-${process.pid}` });
  });
  afterAll(async () => {
    await engine.stop();
  });

  const start = async () => {
    const request = makeRequest({ image: IMAGE });
    const runtime = await chooseRuntime(runtimes, 'docker', request, never);
    return await runtime.start(request, never);
  };

  it('receive sandboxes by free memory, and those that answer receive them while another is down', async () => {
    await using first = await start();
    const second = await start();
    expect([first.containerEngine, second.containerEngine]).toEqual([HERE, engine.host]);
    expect(engine.run('ps', '-q')).toBe(second.id.slice(0, 12));
    expect(second.shellCommand.slice(0, 4)).toEqual(['docker', '--host', engine.host, 'exec']);

    await engine.end('SIGKILL');
    await using third = await start();
    expect(third.containerEngine).toBe(HERE);
    await expect(second.dispose()).rejects.toMatchObject({ code: 'sandbox-leaked' });
    const { unanswered } = await sweepAll(runtimes, new Date(), never);
    expect(unanswered.map(({ runtime }) => runtime.containerEngine)).toEqual([engine.host]);

    await engine.startAgain();
    await engine.removed(second.id);
    const { swept } = await sweepAll(runtimes, new Date(), never);
    expect(swept).toEqual([expect.objectContaining({ kind: 'volume', error: undefined })]);
    expect(engine.run('ps', '-aq') + engine.run('volume', 'ls', '-q')).toBe('');
  });

  it('are named in the settings, and in the record of a run; one that does not answer does not prevent a run', async () => {
    await using workspace = await makeDrillWorkspace({ FIREDRILL_RUNTIME: 'docker' });
    const engines = [NOWHERE, engine.host];
    await workspace.write('firedrill.yaml', JSON.stringify({ images: TEST_IMAGES, sandbox: { engines } }));
    await workspace.write(
      'backups/shop.sql',
      plainDump('create table public.orders (id int);\n').replaceAll('18.4', '17.11'),
    );
    await workspace.writeDrill({
      backup: { source: './backups', match: '*.sql' },
      engine: { type: 'postgres', database: 'shop' },
      checks: [{ name: 'orders are there', sql: 'select count(*) from orders', expect: { equals: 0 } }],
    });
    const { run } = await workspace.drill();
    expect(run.sandbox).toMatchObject({ containerEngine: engine.host, removed: true });
    expect((await workspace.firedrill(['show', run.id])).stdout).toContain(engine.host);

    const swept = await workspace.firedrill(['sweep']);
    expect(swept).toMatchObject({ code: 2, stdout: `nothing found; not searched: docker at ${NOWHERE}\n` });
    const { stdout } = await workspace.firedrill(['doctor']);
    expect(stdout).toMatch(new RegExp(`– docker +no Docker engine answers at ${NOWHERE}`));
    expect(stdout).toContain('not encrypted');
  });
});
