import { expect, it } from 'vitest';
import { Housekeeper } from '../../src/daemon/housekeeper.ts';
import type { Store } from '../../src/record/store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { NOON, passedRun, runningRun } from '../support/run-records.ts';
import { drillState, skipOf } from '../support/schedule-records.ts';

const MINUTE_MS = 60_000;
const BEAT_MS = 5000;

/** A housekeeper whose two clocks the test controls. */
async function open(store: Store, { prunes = true } = {}) {
  const time = { wallMs: NOON.getTime(), monotonicMs: 1000 };
  const log: string[] = [];
  const write = (message: string) => void log.push(message);
  const clock = { now: () => new Date(time.wallMs), monotonicMs: () => time.monotonicMs };
  const housekeeper = new Housekeeper({
    services: { store, clock, chooseRuntime: () => Promise.reject(new Error('there is none')) },
    runtimes: [],
    prunes,
    log: { debug: write, info: write, warn: write, error: write },
  });
  const pass = async (ms: number, jumpMs = 0) => {
    time.monotonicMs += ms;
    time.wallMs += ms + jumpMs;
    return housekeeper.interruptAbandoned(clock.now());
  };
  return { housekeeper, pass, clock, log };
}

it.for([
  ['the clock has jumped ahead', 15_000, 8 * 60 * MINUTE_MS],
  ['the process was stopped for a while', 10 * MINUTE_MS, 0],
] as const)(
  'considers no run dead because %s, and afterwards every one whose lease is not renewed',
  async ([, ms, jumpMs]) => {
    await using store = createMemoryStore({ isShared: false });
    const leaseExpiresAt = new Date(NOON.getTime() + 2 * MINUTE_MS);
    await store.claim(runningRun({ id: 'alive', leaseExpiresAt }));
    await store.claim(runningRun({ id: 'dead', leaseExpiresAt }));
    const { pass, clock, log } = await open(store);
    expect(await pass(0)).toBe(false);
    expect(await pass(ms, jumpMs)).toBe(false);
    expect(log).toEqual([
      'the clock jumped ahead or this process was suspended: no run is considered dead for a minute',
    ]);
    await store.extendLease('alive', new Date(clock.now().getTime() + 2 * MINUTE_MS));
    expect(await pass(30_000)).toBe(false);
    expect(await pass(30_000)).toBe(true);
    expect((await store.findRunning()).map(({ id }) => id)).toEqual(['alive']);
  },
);

it('considers a run dead as soon as its lease expires on a steady clock', async () => {
  await using store = createMemoryStore({ isShared: false });
  await store.claim(runningRun({ leaseExpiresAt: new Date(NOON.getTime() + 2 * MINUTE_MS) }));
  const { pass } = await open(store);
  for (let count = 0; count < 7; count += 1) expect(await pass(15_000)).toBe(false);
  expect(await pass(15_000)).toBe(true);
});

it('considers a run of another machine dead after four missed heartbeats, whatever the time is there', async () => {
  await using store = createMemoryStore();
  const hourMs = 60 * MINUTE_MS;
  const lease = (id: string, ms: number) => ({
    id,
    drill: id,
    leaseExpiresAt: new Date(NOON.getTime() + ms),
    leaseBeatMs: BEAT_MS,
  });
  await store.claim(runningRun(lease('killed', 2 * MINUTE_MS)));
  await store.claim(runningRun(lease('behind', -hourMs)));
  const { pass } = await open(store);
  for (let beat = 0; beat < 4; beat += 1) {
    expect(await pass(5000)).toBe(false);
    await store.extendLease('behind', new Date(NOON.getTime() - hourMs + beat));
  }
  expect(await pass(5000)).toBe(true);
  expect((await store.findRunning()).map(({ id }) => id)).toEqual(['behind']);
  expect((await store.getRun('killed')).error?.message).toMatch(/has stopped sending heartbeats; no stage had ended$/);
});

it('does not count time in which it could not check, such as an outage of the store', async () => {
  await using store = createMemoryStore();
  await store.claim(runningRun({ leaseBeatMs: BEAT_MS }));
  const { pass } = await open(store);
  for (const ms of [0, 5000, 10 * MINUTE_MS, 5000]) expect(await pass(ms)).toBe(false);
  await store.extendLease(runningRun().id, new Date(NOON.getTime() + 20 * MINUTE_MS));
  for (const ms of [5000, 5000, 5000, 5000]) expect(await pass(ms)).toBe(false);
  expect(await pass(5000)).toBe(true);
});

it('waits for four heartbeats at the interval of the process that has the run, or at the longest one if that is not recorded', async () => {
  await using store = createMemoryStore();
  await store.claim(runningRun({ id: 'slow', drill: 'slow', leaseBeatMs: 15_000 }));
  await store.claim(runningRun({ id: 'older', drill: 'older' }));
  const { pass } = await open(store);
  const runningAfter = async (beats: number) => {
    for (let beat = 0; beat < beats; beat += 1) await pass(BEAT_MS);
    return (await store.findRunning()).map(({ id }) => id).toSorted();
  };
  expect(await runningAfter(12)).toEqual(['older', 'slow']); // the first check only learns of them
  expect(await runningAfter(1)).toEqual(['older']);
  expect(await runningAfter(11)).toEqual(['older']);
  expect(await runningAfter(1)).toEqual([]);
});

it('reports when a run on another machine has ended', async () => {
  await using store = createMemoryStore();
  await store.claim(runningRun());
  const { pass } = await open(store);
  expect(await pass(0)).toBe(false);
  await store.finish(passedRun());
  expect(await pass(5000)).toBe(true);
  expect(await pass(5000)).toBe(false);
});

it.for([
  ['removes old data from the store', true, 0],
  ['leaves old data to others where it is not its task', false, 1],
] as const)('%s', async ([, prunes, left]) => {
  await using store = createMemoryStore();
  await store.saveDrillState(drillState(), [skipOf({ recordedAt: new Date('2024-01-01T00:00:00Z') })]);
  const { housekeeper, pass, log } = await open(store, { prunes });
  await pass(0);
  await housekeeper.settle();
  expect(await store.findSkips({ limit: 9 })).toHaveLength(left);
  expect(log).toEqual([]);
});

it('reports no default runtime when none is available, instead of assuming docker', async () => {
  await using store = createMemoryStore();
  const { housekeeper } = await open(store);
  expect(await housekeeper.measure()).toEqual({ capacity: {}, defaultRuntime: undefined });
});
