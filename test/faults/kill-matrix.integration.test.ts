import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STAGES } from '../../src/support/vocabulary.ts';
import { isFullMatrix } from '../support/full-matrix.ts';
import { timeoutFor } from '../support/timeouts.ts';
import { type Chain, type MatrixOptions, runChain } from './kill/kill-chain.ts';
import { type KillChild, makeKillChild } from './kill/kill-child.ts';
import { choosePoints, listPoints, runMatrix } from './kill/kill-matrix.ts';
import { makeKillWorkspace, type Start, startRun } from './kill/kill-workspace.ts';
import { PICKED } from './kill/picked-points.ts';

const isLinux = process.platform === 'linux';
if (!isLinux) console.warn('SKIPPED: what a killed process leaves is looked up in /proc; run the tests on Linux');

const inTurn = (points: readonly string[]): Chain => points.map((point) => ({ point, mode: 'process' }));

let child: KillChild;
let options: MatrixOptions;

describe.skipIf(!isLinux)('kill -9 of a drill on this host', () => {
  beforeAll(async () => {
    child = await makeKillChild();
    const makeWorkspace = () => makeKillWorkspace({ runtime: 'local', child });
    options = { makeWorkspace, start: startRun, lanes: 3, killsPerChain: 9 };
  });
  afterAll(() => child[Symbol.asyncDispose]());

  it('at each picked point leaves nothing behind, loses no run, and lets the next one pass', {
    timeout: timeoutFor(150_000),
  }, async () => {
    const result = await runMatrix(PICKED, options);
    console.info(`${result.kills.length} kills; not come by: ${result.missed.join(', ') || 'none'}`);
    expect(result.wrong).toEqual([]);
    // The time at which a lease is extended varies, and shifts the numbers of what a stage writes.
    expect(result.missed.length).toBeLessThanOrEqual(2);
    expect(result.kills.length).toBeGreaterThanOrEqual(PICKED.any.length);
    expectPointsEverywhere(result.points);
  });

  it.runIf(isFullMatrix)(
    'at over a hundred points leaves nothing behind, loses no run, and lets the next one pass',
    {
      timeout: timeoutFor(300_000),
    },
    async () => {
      const list = await listPoints(options);
      const result = await runMatrix({ ...list, any: choosePoints(list.any, 105) }, options);
      console.info(`${result.kills.length} kills; not come by: ${result.missed.join(', ') || 'none'}`);
      expect(result.wrong).toEqual([]);
      expect(new Set(result.kills).size).toBeGreaterThanOrEqual(100);
    },
  );

  it('leaves nothing behind without namespaces, where the server outlives its parent, with sandboxes of two directories', {
    timeout: timeoutFor(100_000),
  }, async () => {
    const makeWorkspace = () => makeKillWorkspace({ runtime: 'local', child, temporaryName: 'long'.repeat(20) });
    const chain = inTurn([
      'provision/fs.mkdir box#2',
      'provision/spawn sh',
      'verify/session.query:before',
      'start/fs.rm box:half',
    ]);
    const { wrong, missed } = await runChain(chain, {
      ...options,
      makeWorkspace,
      startOptions: { env: { FD_SEAL: 'open' } },
    });
    expect({ wrong, missed }).toEqual({ wrong: [], missed: [] });
  });

  it('leaves nothing in memory, and nothing of a kept sandbox', {
    timeout: timeoutFor(100_000),
  }, async () => {
    const makeWorkspace = () => makeKillWorkspace({ runtime: 'local', child, storage: 'tmpfs' });
    const startKeeping: Start = (workspace, how) =>
      workspace.spawn(['run', 'drill.yaml', '--json', ...(how.killAt ? ['--keep', '1h'] : [])], how);
    const chain = inTurn(['restore/restoration.run:after', 'ended/server.prepareClient:after']);
    const { wrong, missed } = await runChain(chain, { ...options, makeWorkspace, start: startKeeping });
    expect({ wrong, missed }).toEqual({ wrong: [], missed: [] });
  });
});

/** Before the first stage, after the last, and at least ten in each stage that does something. */
function expectPointsEverywhere(points: readonly string[]): void {
  const counts = new Map<string, number>();
  for (const [, stage = ''] of points.map((point) => /^(.*?)\//.exec(point) ?? [])) {
    counts.set(stage, (counts.get(stage) ?? 0) + 1);
  }
  expect([...counts.keys()]).toEqual(expect.arrayContaining(['start', 'check', 'after teardown', 'ended']));
  const busy = STAGES.filter((stage) => stage !== 'plan' && stage !== 'image-pull');
  expect(busy.map((stage) => Math.min(counts.get(stage) ?? 0, 10))).toEqual(busy.map(() => 10));
}
