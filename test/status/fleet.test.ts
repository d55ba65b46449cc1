import { expect, it } from 'vitest';
import { readFleet } from '../../src/status/fleet.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { NOON, runningRun } from '../support/run-records.ts';
import { daemonOf, drillState, jobOf } from '../support/schedule-records.ts';

const before = (minutes: number) => new Date(NOON.getTime() - minutes * 60_000);

it('lists what each process is doing, and hides one that was replaced by another', async () => {
  const store = createMemoryStore();
  await store.beat(daemonOf({ owner: 'sched/boot/1/1' }));
  const runner = (owner: string, changes: Partial<ReturnType<typeof daemonOf>> = {}) =>
    store.beatRunner({ ...daemonOf({ owner, ...changes }), pool: 'eu' });
  await runner('a/boot/1/1', { beatAt: before(60), stoppedAt: before(60) }); // restarted since
  await runner('a/boot/2/1');
  await runner('b/boot/1/1', { stoppedAt: before(1) });
  await runner('c/boot/1/1', { beatAt: before(3) });
  await runner('d/boot/1/1', { beatAt: before(8 * 24 * 60) });
  await runner('e/boot/1/1', { beatAt: before(60), stoppedAt: before(60), sandboxes: undefined });
  await store.claim(runningRun({ id: 'r', leaseOwner: 'a/boot/2/1' }));
  await store.claim(runningRun({ id: 's', drill: 'shop', leaseOwner: 'b/boot/1/1' }));
  const { processes } = await readFleet(store, [], new Map(), NOON);
  expect(
    processes.map(({ role, host, pid, state, sandboxes, runs }) => [
      role,
      `${host} ${pid}`,
      state,
      sandboxes,
      ...runs.map(({ id }) => id),
    ]),
  ).toEqual([
    ['scheduler', 'sched 1', 'serving', 4],
    ['runner', 'a 2', 'serving', 4, 'r'],
    ['runner', 'b 1', 'draining', 4, 's'],
    ['runner', 'c 1', 'lost', 4],
    ['runner', 'e 1', 'stopped', undefined],
  ]);
});

it('uses the clock of the store where it has one, whatever those of the machines say', async () => {
  const store = createMemoryStore();
  const hourBehind = { ...daemonOf({ owner: 'a/boot/1/1', beatAt: before(60), ageMs: 2000 }), pool: 'eu' };
  const hourAhead = { ...daemonOf({ owner: 'b/boot/1/1', beatAt: before(-60), ageMs: 180_000 }), pool: 'us' };
  const getRunners = async () => [hourAhead, hourBehind];
  const { processes, pools } = await readFleet({ ...store, getRunners }, [{ pool: 'us' }], new Map(), NOON);
  expect(processes).toMatchObject([
    { host: 'a', state: 'serving', lastSeenAt: new Date(NOON.getTime() - 2000) },
    { host: 'b', state: 'lost', lastSeenAt: before(3) },
  ]);
  expect(pools.map(({ sentence }) => sentence)).toEqual([
    'pool eu is served by a',
    'no runner serves pool us; last seen 3 min ago on b',
  ]);
});

it('says how long a runner with an overdue heartbeat has been silent, and its pool once all of its runners are', async () => {
  const store = createMemoryStore();
  for (const host of ['a', 'b']) await store.beatRunner({ ...daemonOf({ owner: `${host}/boot/1/1` }), pool: 'eu' });
  const sentenceWith = async (silences: Record<string, number>) => {
    const fleet = await readFleet(store, [], new Map(Object.entries(silences)), NOON);
    return [...fleet.processes.map(({ state, silentMs }) => silentMs ?? state), fleet.pools[0]?.sentence];
  };
  expect(await sentenceWith({ 'a/boot/1/1': 15_000 })).toEqual([15_000, 'serving', 'pool eu is served by b']);
  const both = await sentenceWith({ 'a/boot/1/1': 15_000, 'b/boot/1/1': 25_000 });
  expect(both).toEqual([15_000, 25_000, 'pool eu: no heartbeat from a, b for 15 s']);
});

it('lists pools that drills name, runners serve or runs wait in, with the runs waiting', async () => {
  const store = createMemoryStore();
  await store.beatRunner({ ...daemonOf({ owner: 'a/boot/1/1' }), pool: 'us' });
  await store.beatRunner({ ...daemonOf({ owner: 'b/boot/1/1', beatAt: before(60) }), pool: 'gone' });
  await store.queueRun(jobOf({ waitingSince: before(5) }), drillState(), []);
  const drills = [{ pool: 'us' }, { pool: 'us' }, { pool: 'ap' }, { pool: undefined }, {}];
  const { pools } = await readFleet(store, drills, new Map(), NOON);
  expect(pools).toMatchObject([
    { pool: 'ap', isServed: false, sentence: 'no runner serves pool ap; none ever has', drills: 1, queued: [] },
    { pool: 'eu', isServed: false, drills: 0, queued: [{ drill: 'orders', waitingSince: before(5) }] },
    { pool: 'us', isServed: true, sentence: 'pool us is served by a', drills: 2, queued: [] },
  ]);
});

it('reads each runner only a few times, however many there are', async () => {
  let reads = 0;
  const runners = Array.from({ length: 200 }, (_, index) => ({
    ...daemonOf({ owner: `host-${index}/boot/1/1` }),
    get pool() {
      reads += 1;
      return 'eu';
    },
  }));
  await readFleet({ ...createMemoryStore(), getRunners: async () => runners }, [], new Map(), NOON);
  expect(reads).toBeLessThan(10 * runners.length);
});
