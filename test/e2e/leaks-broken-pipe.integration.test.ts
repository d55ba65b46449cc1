import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeProcessWorkspace, type ProcessWorkspace } from '../support/process-workspace.ts';

describe('an output that is closed', () => {
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

  it('on stdout and stderr, like a closed terminal, still lets the run be torn down and recorded', async () => {
    await using process = workspace.cli('run', await workspace.addDrill('alone', { heldIn: 'restore' }), '--json');
    await process.stageStarted('restore');
    process.child.stdout?.destroy();
    process.child.stderr?.destroy();
    process.kill('SIGHUP');
    expect(await process.ended).toMatchObject({ code: 130, signal: null });
    expect(await workspace.runs()).toMatchObject([{ status: 'interrupted', sandbox: { removed: true } }]);
  });
});
