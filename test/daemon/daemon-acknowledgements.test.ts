import { expect, it, vi } from 'vitest';
import type { RunRecord } from '../../src/record/run-record.ts';
import { useFakeTime } from '../run/fake-drill.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { failedRun, NOON, passedRun } from '../support/run-records.ts';
import { drillOf, makeFakeDaemon } from './fake-daemon.ts';

useFakeTime(); // starts at noon

const HOUR_MS = 3_600_000;
const before = (hours: number) => new Date(NOON.getTime() - hours * HOUR_MS);

/** @returns the drills whose problem is still acknowledged after the scheduler has evaluated these runs, the newest last. */
async function acknowledgedAfter(runs: readonly RunRecord[]): Promise<string[]> {
  const store = createMemoryStore();
  for (const run of runs) {
    await store.claim({ ...run, status: 'running', verdict: undefined });
    await store.finish(run);
  }
  const said = { kind: 'acknowledged', by: 'alice', reason: 'known', until: undefined } as const;
  await store.acknowledge({ drill: 'orders', fingerprint: 'failed:too-slow', at: before(8), ...said });
  const made = makeFakeDaemon([drillOf('orders', undefined)], { on: store });
  made.start();
  await vi.advanceTimersByTimeAsync(60_000);
  const open = (await store.getAcknowledgements()).map(({ drill }) => drill);
  await made.stop();
  return open;
}

const failed = (hours: number, changes: Partial<RunRecord> = {}) =>
  failedRun({ id: `failed-${hours}`, startedAt: before(hours), ...changes });

it('keeps an acknowledgement while the problem lasts', async () => {
  expect(await acknowledgedAfter([failed(9), failed(2)])).toEqual(['orders']);
});

it('ends an acknowledgement for good once a run has passed', async () => {
  const passed = passedRun({ id: 'passed', startedAt: before(5) });
  expect(await acknowledgedAfter([failed(9), passed, failed(2)])).toEqual([]);
});

it('ends an acknowledgement for good once there is another problem', async () => {
  const other = { reason: 'wrong-data', sentence: 'x', hint: undefined } as const;
  expect(await acknowledgedAfter([failed(9), failed(2, { reasons: [other] })])).toEqual([]);
});
