import { expect, test } from 'vitest';
import { keepRecentRuns } from '../../src/record/recent-runs.ts';
import { findExpired } from '../../src/run/clean-up.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { failedRun, NOON, passedRun, runningRun } from '../support/run-records.ts';

const at = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000);

test('the newest runs of a drill match the store after each refresh', async () => {
  await using store = createMemoryStore();
  const recent = keepRecentRuns(store, 3);
  const isSame = async () => {
    await recent.refresh();
    expect(await recent.findLatestRuns()).toStrictEqual(await store.findLatestRuns());
    for (const drill of ['orders', 'shop', 'nope']) {
      for (const limit of [1, 3])
        expect(await recent.findRuns({ drill, limit })).toStrictEqual(await store.findRuns({ drill, limit }));
    }
  };
  await isSame();
  for (let index = 0; index < 6; index += 1) {
    const run = { id: `o${index}`, startedAt: at(index) };
    await store.claim(runningRun(run));
    await isSame();
    await store.finish(index % 2 ? passedRun(run) : failedRun(run));
    await isSame();
  }
  await store.claim(runningRun({ id: 's', drill: 'shop', leaseExpiresAt: at(9) }));
  await store.claim(runningRun({ id: 'late', startedAt: at(2) }));
  await store.finish(passedRun({ id: 'late', startedAt: at(2) }));
  await isSame();
  await store.interruptAbandoned(at(10), (lease) => findExpired(lease, at(10)));
  await isSame();
});

test('cached runs are not read again', async () => {
  await using store = createMemoryStore();
  const read: string[] = [];
  const watched = {
    ...store,
    getRuns: (ids: readonly string[]) => {
      read.push(...ids);
      return store.getRuns(ids);
    },
  };
  const recent = keepRecentRuns(watched, 20);
  await store.claim(runningRun({ id: 'a' }));
  await store.finish(passedRun({ id: 'a' }));
  await recent.refresh();
  await store.claim(runningRun({ id: 'b' }));
  await store.finish(passedRun({ id: 'b' }));
  await Promise.all([recent.refresh(), recent.refresh()]);
  await recent.refresh();
  expect(read).toStrictEqual(['a', 'b']);
});

test('the store is queried before the first refresh, and for more runs than are cached', async () => {
  await using store = createMemoryStore();
  const recent = keepRecentRuns(store, 1);
  await store.claim(runningRun());
  expect(await recent.findRuns({ drill: 'orders', limit: 1 })).toHaveLength(1);
  await recent.refresh();
  await store.claim(runningRun({ id: 'two', startedAt: at(1) }));
  expect(await recent.findRuns({ drill: 'orders', limit: 1 })).toHaveLength(1);
  expect(await recent.findRuns({ drill: 'orders', limit: 2 })).toHaveLength(2);
});
