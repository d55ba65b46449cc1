import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeProcessWorkspace, type ProcessWorkspace } from '../support/process-workspace.ts';

describe('a closed output', () => {
  let workspace: ProcessWorkspace;

  beforeEach(async () => {
    workspace = await makeProcessWorkspace('local');
  });
  afterEach(async () => {
    const left = await workspace.leftovers();
    if (left.length > 0) await workspace.cli('sweep').ended;
    await workspace[Symbol.asyncDispose]();
    expect(left).toEqual([]);
  });

  it('on stdout and stderr, like a closed terminal, does not prevent teardown and recording of the run', async () => {
    await using process = workspace.cli('run', await workspace.addDrill('alone', { heldIn: 'restore' }), '--json');
    await process.stageStarted('restore');
    process.child.stdout?.destroy();
    process.child.stderr?.destroy();
    process.kill('SIGHUP');
    expect(await process.ended).toMatchObject({ code: 130, signal: null });
    expect(await workspace.runs()).toMatchObject([{ status: 'interrupted', sandbox: { removed: true } }]);
  });
});
