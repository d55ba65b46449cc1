import { expect, it, vi } from 'vitest';
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
  expect(reads).toBeLessThan(5 * COUNT ** 2);
  await scheduler.stop();
});
