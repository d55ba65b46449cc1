import { expect, test } from 'vitest';
import { keepStandings } from '../../src/status/keep-standings.ts';
import { readStandings } from '../../src/status/read-standings.ts';
import { drillOf, scheduleOf } from '../daemon/fake-daemon.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { failedRun, NOON, passedRun, runningRun } from '../support/run-records.ts';

const DRILLS = ['orders', 'shop'].map((name) => drillOf(name, scheduleOf('0 */2 * * *')));
const later = (ms: number) => new Date(NOON.getTime() + ms);

test('cached drill states match the store, and are at most a second old', async () => {
  await using store = createMemoryStore();
  const kept = keepStandings(store);
  const isSame = async (ms: number) => {
    expect(await kept.read(DRILLS, later(ms))).toStrictEqual(await readStandings(store, DRILLS, later(ms)));
  };
  await isSame(0);
  await store.claim(runningRun());
  const [one, other] = await Promise.all([kept.read(DRILLS, later(400)), kept.read(DRILLS, later(999))]);
  expect(one).toBe(other);
  expect(one?.drills[0]?.standing.state).toBe('never');
  await isSame(1000);
  await store.finish(failedRun());
  await isSame(2000);
  await store.claim(runningRun({ id: 'two', startedAt: later(2500) }));
  await store.finish(passedRun({ id: 'two', startedAt: later(2500) }));
  await isSame(3000);
});

test('other drills are read at once, and a failed read is retried at once', async () => {
  await using store = createMemoryStore();
  let fails = false;
  const kept = keepStandings({
    ...store,
    findRunning: async () => {
      if (fails) throw new Error('locked');
      return store.findRunning();
    },
  });
  await kept.read(DRILLS, NOON);
  expect((await kept.read(DRILLS.slice(1), NOON)).drills).toHaveLength(1);
  fails = true;
  await expect(kept.read(DRILLS, later(1))).rejects.toThrow('locked');
  fails = false;
  expect((await kept.read(DRILLS, later(2))).drills).toHaveLength(2);
});
