import { afterEach, beforeEach, expect, it } from 'vitest';
import { logsCommand } from '../../src/cli/commands/logs.ts';
import type { LogLine } from '../../src/record/store.ts';
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

async function logs(follow: boolean, store: ReturnType<typeof createMemoryStore>, interrupt?: AbortSignal) {
  const io = memoryIo(workspace.directory);
  const tools = {
    ...createToolbox({ ...io, interrupt: interrupt ?? io.interrupt }, new Redactor()),
    openStore: async () => store,
    clock: { now: () => NOON, monotonicMs: () => 0 },
  };
  const code = await logsCommand(tools, 'latest', { config: undefined, follow, json: false });
  return { code, lines: io.out().split('\n').slice(0, -1) };
}

function line(message: string): LogLine {
  return { at: NOON, level: 'info', message };
}

it('follows a run until it has ended, printing each line once', async () => {
  const memory = createMemoryStore();
  await memory.claim(runningRun());
  await memory.addLog(runningRun().id, [line('begun')]);
  let reads = 0;
  const store = {
    ...memory,
    getLog: async (id: string, from?: number) => {
      const lines = await memory.getLog(id, from);
      reads += 1;
      if (reads === 1) {
        await memory.addLog(id, [line('restored')]);
        await memory.finish(passedRun({ id }));
      }
      return lines;
    },
  };
  const { code, lines } = await logs(true, store);
  expect(code).toBe(0);
  expect(lines).toEqual(['2026-11-21T12:00:00.000Z info  begun', '2026-11-21T12:00:00.000Z info  restored']);
});

it('shows what a run in progress has logged so far', async () => {
  const store = createMemoryStore();
  await store.claim(runningRun());
  await store.addLog(runningRun().id, [line('begun')]);
  expect(await logs(false, store)).toMatchObject({ code: 0, lines: [expect.stringContaining('begun')] });
});

it('ends when the process of the run is gone', async () => {
  const store = createMemoryStore();
  await store.claim(runningRun({ leaseExpiresAt: NOON }));
  await store.addLog(runningRun().id, [line('begun')]);
  expect(await logs(true, store)).toMatchObject({ code: 0, lines: [expect.stringContaining('begun')] });
});

it('ends at Ctrl-C while following', async () => {
  const store = createMemoryStore();
  await store.claim(runningRun());
  expect(await logs(true, store, AbortSignal.abort())).toEqual({ code: 130, lines: [] });
});
