import { expect, it, vi } from 'vitest';
import { useFakeTime } from '../run/fake-drill.ts';
import { passedRun, runningRun } from '../support/run-records.ts';
import { drillState } from '../support/schedule-records.ts';
import { drillOf, makeFakeDaemon, scheduleOf } from './fake-daemon.ts';

/** How a scheduler handles the queues of pools; runner.test.ts is about runners. */

useFakeTime(); // starts at noon

const MINUTE_MS = 60_000;
const orders = drillOf('orders', scheduleOf('5 12 * * *'), { pool: 'eu' });

it('drops a queued retry once another run followed the one that it repeats', async () => {
  const scheduler = makeFakeDaemon([orders]);
  const { store } = scheduler.fake;
  scheduler.start();
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS);
  const [job] = await store.findJobs('eu');
  const [state = drillState()] = await store.getDrillStates();
  const killed = runningRun({ trigger: { kind: 'schedule', dueAt: job?.dueAt, attempt: 1 } });
  await store.claimDue(killed, { state, skips: [], maxRunning: 1, job });
  await store.interruptAbandoned(new Date(), () => 'gone');
  await vi.advanceTimersByTimeAsync(3 * MINUTE_MS);
  expect(await store.findJobs('eu')).toMatchObject([{ retryOf: killed.id, trigger: { attempt: 2 } }]);

  await store.claim(runningRun({ id: 'by-hand', startedAt: new Date() }));
  await store.finish(passedRun({ id: 'by-hand', startedAt: new Date(), endedAt: new Date() }));
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(await store.findJobs('eu')).toEqual([]);
  expect((await store.getDrillStates())[0]?.waitsFor).toBeUndefined();
  expect(scheduler.daemon.control.waiting).toEqual([]);
  expect(scheduler.daemon.control.runNow('orders', 'alice')).toBe('queued');
  await scheduler.stop();
});

it('checks the queues until they are empty even if no drill is in a pool any more', async () => {
  const scheduler = makeFakeDaemon([orders]);
  const { store } = scheduler.fake;
  scheduler.start();
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS);
  scheduler.setDrills([{ ...orders, pool: undefined }]);
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(await store.findRuns({ limit: 9 })).toMatchObject([{ drill: 'orders', verdict: 'passed' }]);
  expect(scheduler.daemon.control.waiting).toEqual([]);
  expect(scheduler.daemon.control.runNow('orders', 'alice')).toBe('queued');
  await scheduler.stop();
});

it('leaves a queued run of a drill that it never had alone for a day', async () => {
  const scheduler = makeFakeDaemon([orders]);
  const { store } = scheduler.fake;
  scheduler.start();
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS);
  await scheduler.stop();
  const other = makeFakeDaemon([drillOf('billing', undefined, { pool: 'us' })], { on: store });
  other.start();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  vi.setSystemTime(Date.now() + 23 * 60 * MINUTE_MS);
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(await store.findJobs()).toMatchObject([{ drill: 'orders' }]);
  expect(await store.findSkips({ limit: 9 })).toEqual([]);
  vi.setSystemTime(Date.now() + 60 * MINUTE_MS);
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  await other.stop();
  expect(await store.findJobs()).toEqual([]);
  expect(await store.findSkips({ limit: 9 })).toMatchObject([{ drill: 'orders', kind: 'gone' }]);
});
