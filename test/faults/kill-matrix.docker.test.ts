import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { timeoutFor } from '../support/timeouts.ts';
import { type KillChild, makeKillChild } from './kill/kill-child.ts';
import { runMatrix } from './kill/kill-matrix.ts';
import { makeKillWorkspace, startRun } from './kill/kill-workspace.ts';

/**
 * Each of these changes something in the engine or next to it; between `sent` and the answer, the engine acts without anyone being informed. The
 * content of the store does not depend on the runtime: see kill-matrix.integration.test.ts.
 */
const POINTS = [
  'provision/fs.mkdtemp dir',
  'provision/fs.writeFile dir/owner.json:half',
  'provision/engine POST /containers/create:sent',
  'provision/engine POST /containers/create:answered',
  'provision/engine POST /containers/ID/start:sent',
  'restore/engine POST /containers/ID/exec:sent',
  'teardown/engine DELETE /containers/ID:sent',
  'teardown/fs.rm dir:half',
];
/** While the next start removes what the previous one left. */
const WHILE_SWEEPING = ['start/engine DELETE /containers/ID:sent', 'start/fs.rm dir:half'];

let child: KillChild;

describe.skipIf(!inject('dockerAnswers'))('kill -9 of a drill in containers', () => {
  beforeAll(async () => {
    child = await makeKillChild();
  });
  afterAll(() => child[Symbol.asyncDispose]());

  it('in any stage leaves no container, volume, network or file, loses no run, and lets the next one pass', {
    timeout: timeoutFor(200_000),
  }, async () => {
    const makeWorkspace = () => makeKillWorkspace({ runtime: 'docker', child });
    const options = { makeWorkspace, start: startRun, lanes: 3, killsPerChain: 7 };
    const result = await runMatrix({ fresh: [], any: POINTS, afterKill: WHILE_SWEEPING }, options);
    expect(result.wrong).toEqual([]);
    expect(result.missed).toEqual([]);
    expect(result.kills).toHaveLength(POINTS.length + 2 * WHILE_SWEEPING.length);
  });
});
