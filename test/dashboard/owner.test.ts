import { expect, it } from 'vitest';
import { readOwnerAttainment } from '../../src/dashboard/pages/owner.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { failedRun, NOON, passedRun } from '../support/run-records.ts';

const HOUR_MS = 3_600_000;

it('counts every run with a verdict of the last 30 days, however many there are', async () => {
  const store = createMemoryStore();
  const add = async (drill: string, hoursAgo: number, run = passedRun()) => {
    const startedAt = new Date(NOON.getTime() - hoursAgo * HOUR_MS);
    const ended = { ...run, id: `${drill}-${hoursAgo}`, drill, startedAt };
    await store.claim({ ...ended, status: 'running', verdict: undefined });
    await store.finish(ended);
  };
  for (let hour = 1; hour <= 720; hour += 1) await add('orders', hour, hour <= 500 ? passedRun() : failedRun());
  await add('orders', 721, failedRun());
  await add('shop', 2);
  await add('shop', 3, { ...failedRun(), status: 'errored', verdict: undefined });
  await add('other', 2);
  const readsNoRun = { ...store, findRuns: () => Promise.reject(new Error('reads whole runs')) };
  const asked = { store: () => readsNoRun, clock: { now: () => NOON, monotonicMs: () => 0 } };
  expect(await readOwnerAttainment(asked, ['orders', 'shop'])).toEqual({ met: 501, judged: 721 });
});
