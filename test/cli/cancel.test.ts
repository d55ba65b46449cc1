import { afterEach, beforeEach, expect, it } from 'vitest';
import { cancelCommand } from '../../src/cli/commands/cancel.ts';
import { Redactor } from '../../src/support/redact.ts';
import { createToolbox } from '../../src/wiring.ts';
import { makeWorkspace } from '../support/cli.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { NOON, passedRun, runningRun } from '../support/run-records.ts';
import { memoryIo } from './memory-io.ts';

let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
beforeEach(async () => {
  workspace = await makeWorkspace();
});
afterEach(() => workspace[Symbol.asyncDispose]());

it('sends the request to the process that has the run, and says why it cannot', async () => {
  const store = { ...createMemoryStore(), [Symbol.asyncDispose]: async () => undefined };
  const io = memoryIo(workspace.directory);
  const clock = { now: () => NOON, monotonicMs: () => 0 };
  const tools = { ...createToolbox(io, new Redactor()), openStore: async () => store, clock };
  const cancel = () => cancelCommand(tools, 'orders', { config: undefined, json: false });
  await expect(cancel()).rejects.toMatchObject({ code: 'run-not-found' });
  await store.claim(runningRun({ id: 'r', leaseOwner: 'db-host/boot/4242/1' }));
  await expect(cancel()).rejects.toMatchObject({
    code: 'usage',
    message: 'run r of orders (process 4242 on db-host) takes no commands from here',
    hint: expect.stringMatching(/Ctrl-C there.* try again in a few seconds/),
  });
  await store.saveLive([{ runId: 'r', savedAt: NOON, keptUntil: undefined, view: {} }]);
  expect(await cancel()).toBe(0);
  expect(io.out()).toBe('orders: canceling run r (process 4242 on db-host); its sandbox will be removed\n');
  expect(await store.findCommands(['r'])).toMatchObject([
    { kind: 'cancel', by: expect.stringContaining('(command line)') },
  ]);
  await store.finish(passedRun({ id: 'r' }));
  await expect(cancel()).rejects.toMatchObject({ message: 'run r of orders has already ended: passed' });
});
