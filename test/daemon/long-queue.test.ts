import { expect, it, vi } from 'vitest';
import type { Silence } from '../../src/record/silence-store.ts';
import { useFakeTime } from '../run/fake-drill.ts';
import { drillState, jobOf } from '../support/schedule-records.ts';
import { drillOf, makeFakeDaemon, scheduleOf } from './fake-daemon.ts';
import { makeFakeRunner } from './fake-runner.ts';

useFakeTime(); // starts at noon

const COUNT = 100;
const drills = Array.from({ length: COUNT }, (_, at) =>
  drillOf(`drill-${at}`, scheduleOf('1 12 * * *'), { pool: 'eu' }),
);

it('queues many runs that are due at once without reading the queue again for each', async () => {
  const { store } = makeFakeDaemon([]).fake;
  const findJobs = vi.fn(store.findJobs);
  const scheduler = makeFakeDaemon(drills, { on: { ...store, findJobs } });
  scheduler.start();
  await vi.advanceTimersByTimeAsync(59_000);
  findJobs.mockClear();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(scheduler.daemon.control.waiting).toHaveLength(COUNT);
  expect(findJobs.mock.calls.length).toBeLessThan(COUNT / 10);
  await scheduler.stop();
  expect(await store.findJobs()).toHaveLength(COUNT);
});

it('scans its drills once for all runs in the queue', async () => {
  const { store } = makeFakeDaemon([]).fake;
  const names = drills.map(({ name }) => name);
  for (const drill of names) await store.queueRun(jobOf({ drill, definitionHash: 'other' }), drillState({ drill }), []);
  let reads = 0;
  const read = (name: string) => {
    reads += 1;
    return name;
  };
  const counted = drills.map((drill) => Object.defineProperty({ ...drill }, 'name', { get: () => read(drill.name) }));
  const runner = makeFakeRunner(store, counted);
  runner.start();
  await vi.advanceTimersByTimeAsync(1000);
  reads = 0;
  await vi.advanceTimersByTimeAsync(5000);
  expect(reads).toBeLessThan(10 * COUNT);
  await runner.stop();
});

it('finds due retries without scanning all drills for each', async () => {
  const { store } = makeFakeDaemon([]).fake;
  let reads = 0;
  const read = () => {
    reads += 1;
    return undefined;
  };
  const counted = drills.map(({ name }) =>
    Object.defineProperty({ ...drillOf(name, scheduleOf('0 0 1 1 *')) }, 'race', { get: read }),
  );
  const scheduler = makeFakeDaemon(counted, { on: store });
  scheduler.start();
  await vi.advanceTimersByTimeAsync(1000);
  reads = 0;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(reads).toBeLessThan(50 * COUNT);
  await scheduler.stop();
});

it('skips paused runs without scanning the queue again for each', async () => {
  const { store } = makeFakeDaemon([]).fake;
  let reads = 0;
  const at = new Date('2026-11-21T12:03:00.000Z');
  const silence: Silence = {
    ...{ id: 's1', from: at, at, until: new Date('2026-11-22T00:00:00.000Z'), by: 'alice', reason: 'migration' },
    ...{ pausesRuns: true, ended: undefined },
    get match() {
      reads += 1;
      return { labels: { service: 'shop' } };
    },
  };
  let silences: readonly Silence[] = [];
  const findSilences = async () => silences;
  const held = Promise.withResolvers<void>();
  const load = () => held.promise;
  const own = drills.map(({ name }, at) => {
    const [cron, service] = at < COUNT / 2 ? ['1 12 * * *', 'bank'] : ['2 12 * * *', 'shop'];
    return drillOf(name, scheduleOf(cron), { labels: { service } });
  });
  const scheduler = makeFakeDaemon(own, { on: { ...store, findSilences }, hooks: { load }, sandboxes: 1 });
  scheduler.start();
  await vi.advanceTimersByTimeAsync(180_000);
  silences = [silence];
  reads = 0;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await store.findSkips({ limit: 2 * COUNT })).toHaveLength(COUNT / 2);
  expect(reads).toBeLessThan(20 * COUNT);
  held.resolve();
  await scheduler.stop();
});

it('reads states once for all runs that are already queued when they become due', async () => {
  const { store } = makeFakeDaemon([]).fake;
  for (const { name: drill, definitionHash } of drills)
    await store.queueRun(jobOf({ drill, definitionHash }), drillState({ drill }), []);
  const getDrillStates = vi.fn(store.getDrillStates);
  const scheduler = makeFakeDaemon(drills, { on: { ...store, getDrillStates } });
  scheduler.start();
  await vi.advanceTimersByTimeAsync(59_000);
  getDrillStates.mockClear();
  await vi.advanceTimersByTimeAsync(20_000);
  await scheduler.stop();
  expect(await store.findSkips({ limit: 2 * COUNT })).toHaveLength(COUNT);
  expect(getDrillStates.mock.calls.length).toBeLessThan(COUNT / 2);
});

it('stores what a bounded number of runs wait for at a time, first those that are next', async () => {
  const { store } = makeFakeDaemon([]).fake;
  const held = Promise.withResolvers<void>();
  const load = () => held.promise;
  const own = Array.from({ length: 5 * COUNT }, (_, at) =>
    drillOf(`drill-${String(at).padStart(3, '0')}`, scheduleOf('1 12 * * *')),
  );
  const saveDrillState = vi.fn(store.saveDrillState);
  const scheduler = makeFakeDaemon(own, { on: { ...store, saveDrillState }, hooks: { load }, sandboxes: 1 });
  scheduler.start();
  await vi.advanceTimersByTimeAsync(59_000);
  saveDrillState.mockClear();
  await vi.advanceTimersByTimeAsync(2000);
  expect(saveDrillState.mock.calls.length).toBeLessThan(own.length);
  const states = new Map((await store.getDrillStates()).map(({ drill, waitsFor }) => [drill, waitsFor]));
  expect(states.get('drill-001')).toBe('for the only sandbox');
  expect(states.get('drill-499')).toBeUndefined();
  await vi.advanceTimersByTimeAsync(60_000);
  expect((await store.getDrillStates()).filter(({ waitsFor }) => waitsFor !== undefined)).toHaveLength(5 * COUNT - 1);
  held.resolve();
  await scheduler.stop();
});
