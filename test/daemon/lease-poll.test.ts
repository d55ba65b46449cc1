import { expect, it, vi } from 'vitest';
import type { Store } from '../../src/record/store.ts';
import { useFakeTime } from '../run/fake-drill.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { NOON, runningRun } from '../support/run-records.ts';
import { drillState, jobOf } from '../support/schedule-records.ts';
import { drillOf, makeFakeDaemon, scheduleOf } from './fake-daemon.ts';
import { makeFakeRunner } from './fake-runner.ts';

useFakeTime(); // starts at noon

const BEAT_MS = 5000;
const orders = drillOf('orders', scheduleOf('0 12 * * *'), { pool: 'eu' });

it('interrupts the run of a dead process in time although each tick takes long', async () => {
  const store = createMemoryStore();
  await store.claim(runningRun({ leaseBeatMs: BEAT_MS }));
  const slow: Store = {
    ...store,
    beatRunner: async (runner) => {
      await store.beatRunner(runner);
      await new Promise((resolve) => setTimeout(resolve, 12_000));
    },
  };
  const runner = makeFakeRunner(slow, [orders]);
  runner.start();
  await vi.advanceTimersByTimeAsync(7 * BEAT_MS);
  expect(await store.getRun(runningRun().id)).toMatchObject({ status: 'interrupted', endedBy: 'process-lost' });
  const stopped = runner.stop();
  await vi.advanceTimersByTimeAsync(30_000);
  await stopped;
});

it('interrupts no run whose heartbeats come, however they are spread', async () => {
  const store = createMemoryStore();
  await store.claim(runningRun({ leaseBeatMs: BEAT_MS }));
  const runner = makeFakeRunner(store, [orders]);
  runner.start();
  for (const [beat, seconds] of [14, 1, 19, 5, 19].entries()) {
    await vi.advanceTimersByTimeAsync(seconds * 1000);
    await store.extendLease(runningRun().id, new Date(NOON.getTime() + beat + 1));
  }
  expect(await store.getRun(runningRun().id)).toMatchObject({ status: 'running' });
  await runner.stop();
});

it('queues the retry in the tick that finds the run of a dead process', async () => {
  const store = createMemoryStore();
  const calls: string[] = [];
  const note =
    <Args extends unknown[], Result>(name: string, method: (...args: Args) => Promise<Result>) =>
    (...args: Args) => {
      calls.push(name);
      return method(...args);
    };
  const noted: Store = {
    ...store,
    check: note('tick', store.check),
    interruptAbandoned: note('interrupt', store.interruptAbandoned),
    queueRun: note('queue', store.queueRun),
  };
  await store.queueRun(jobOf(), drillState({ handledUntil: NOON }), []);
  const [job] = await store.findJobs('eu');
  const [state = drillState()] = await store.getDrillStates();
  const run = runningRun({ leaseBeatMs: BEAT_MS, trigger: { kind: 'schedule', dueAt: NOON, attempt: 1 } });
  await store.claimDue(run, { state, skips: [], maxRunning: 1, job });
  const scheduler = makeFakeDaemon([orders], { on: noted });
  scheduler.start();
  await vi.advanceTimersByTimeAsync(6 * BEAT_MS);
  await scheduler.stop();
  expect(calls.slice(calls.indexOf('interrupt')).slice(0, 2)).toEqual(['interrupt', 'queue']);
});
