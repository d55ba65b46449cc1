import { expect, it, vi } from 'vitest';
import { useFakeTime } from '../run/fake-drill.ts';
import { runningRun } from '../support/run-records.ts';
import { daemonOf, drillState, jobOf } from '../support/schedule-records.ts';
import { drillOf, makeFakeDaemon, scheduleOf } from './fake-daemon.ts';
import { makeFakeRunner } from './fake-runner.ts';

useFakeTime(); // starts at noon

const MINUTE_MS = 60_000;
const orders = drillOf('orders', scheduleOf('5 12 * * *'), { pool: 'eu' });

it('runs what a scheduler queues in its pool, once, and leaves other pools alone', async () => {
  const other = drillOf('billing', scheduleOf('5 12 * * *'), { pool: 'us' });
  const own = drillOf('stock', scheduleOf('5 12 * * *'));
  const drills = [orders, other, own];
  const scheduler = makeFakeDaemon(drills);
  const { store } = scheduler.fake;
  const second = makeFakeDaemon(drills, { on: store });
  const runner = makeFakeRunner(store, drills);
  for (const one of [scheduler, second, runner]) one.start();
  await vi.advanceTimersByTimeAsync(7 * MINUTE_MS);
  expect((await store.findJobs()).map(({ drill, pool }) => `${pool} ${drill}`)).toEqual(['us billing']);
  expect(scheduler.daemon.control.waiting).toEqual([
    {
      drill: 'billing',
      since: new Date('2026-11-21T12:05:00.000Z'),
      triggeredBy: 'schedule (due at 21 Nov 2026, 12:05)',
      waitsFor: 'because no runner serves pool us; none ever has',
    },
  ]);
  expect(scheduler.daemon.facts.waiting).toHaveLength(1);
  for (const one of [scheduler, second, runner]) await one.stop();

  const runs = await store.findRuns({ limit: 9 });
  expect(runs.map(({ drill, verdict }) => `${drill} ${verdict}`).toSorted()).toEqual(['orders passed', 'stock passed']);
  expect(await store.findSkips({ limit: 9 })).toEqual([]);
});

it('has an interrupted run repeated once by the pool', async () => {
  const scheduler = makeFakeDaemon([orders]);
  const { store } = scheduler.fake;
  scheduler.start();
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS);
  const [job] = await store.findJobs('eu');
  const [state = drillState()] = await store.getDrillStates();
  const claim = { state, skips: [], maxRunning: 1, job };
  const killed = runningRun({ trigger: { kind: 'schedule', dueAt: job?.dueAt, attempt: 1 } });
  expect(await store.claimDue(killed, claim)).toEqual({ kind: 'claimed' });
  await store.interruptAbandoned(new Date(), () => 'gone');
  const runner = makeFakeRunner(store, [orders]);
  runner.start();
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS);
  await scheduler.stop();
  await runner.stop();

  const [retry, first, ...more] = await store.findRuns({ limit: 9 });
  expect(more).toEqual([]);
  expect(first).toMatchObject({ id: killed.id, status: 'interrupted', trigger: { attempt: 1 } });
  expect(retry).toMatchObject({ verdict: 'passed', trigger: { attempt: 2 } });
});

it('says that the scheduler is another version, which may read the same drill file differently', async () => {
  const { store } = makeFakeDaemon([]).fake;
  await store.queueRun(jobOf({ definitionHash: 'ff' }), drillState(), []);
  await store.beat(daemonOf({ firedrillVersion: '9.9.9', beatAt: new Date() }));
  const runner = makeFakeRunner(store, [orders]);
  runner.start();
  await vi.advanceTimersByTimeAsync(1000);
  await runner.stop();
  expect((await store.getDrillStates())[0]?.waitsFor).toMatch(/if they are the same: .*, the scheduler 9\.9\.9$/);
});

it('does not run a drill that differs from the scheduler’s until it is the same', async () => {
  const scheduler = makeFakeDaemon([orders]);
  const { store } = scheduler.fake;
  const runner = makeFakeRunner(store, [{ ...orders, definitionHash: 'ff' }]);
  scheduler.start();
  runner.start();
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS);
  const [state] = await store.getDrillStates();
  expect(state?.waitsFor).toMatch(/^for its drill file: .*orders\.yaml on runner .* differs from the scheduler's/);
  expect(runner.log.filter((line) => line.startsWith('error'))).toHaveLength(1);
  runner.files.drills = [];
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect((await store.getDrillStates())[0]?.waitsFor).toMatch(/has no valid drill orders$/);
  runner.files.drills = [orders];
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  await scheduler.stop();
  await runner.stop();
  expect(await store.findRuns({ limit: 9 })).toMatchObject([{ drill: 'orders', verdict: 'passed' }]);
  expect((await store.getDrillStates())[0]?.waitsFor).toBeUndefined();
});

it('moves queued runs along with their drill: to another pool, back to the scheduler, and out', async () => {
  const stays = drillOf('stays', scheduleOf('5 12 * * *'), { pool: 'eu' });
  const goes = drillOf('goes', scheduleOf('5 12 * * *'), { pool: 'eu' });
  const scheduler = makeFakeDaemon([orders, stays, goes]);
  const { store } = scheduler.fake;
  scheduler.start();
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS);
  expect(await store.findJobs('eu')).toHaveLength(3);
  scheduler.setDrills([
    { ...orders, pool: 'us', definitionHash: 'ff' },
    { ...stays, pool: undefined },
  ]);
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  await scheduler.stop();
  expect(await store.findJobs()).toMatchObject([{ drill: 'orders', pool: 'us', definitionHash: 'ff' }]);
  expect(await store.findRuns({ limit: 9 })).toMatchObject([{ drill: 'stays', verdict: 'passed' }]);
  expect(await store.findSkips({ limit: 9 })).toMatchObject([{ drill: 'goes', kind: 'gone' }]);
});

it('takes no more runs once it stops, and reports that it is gone', async () => {
  const scheduler = makeFakeDaemon([orders]);
  const { store } = scheduler.fake;
  const runner = makeFakeRunner(store, [orders]);
  runner.start();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(await store.getRunners()).toMatchObject([{ pool: 'eu', stoppedAt: undefined }]);
  await runner.stop();
  expect(await store.getRunners()).toMatchObject([{ pool: 'eu', stoppedAt: expect.any(Date) }]);
  scheduler.start();
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS);
  await scheduler.stop();
  expect(await store.findJobs('eu')).toHaveLength(1);
});

it('claims a run within two seconds of being queued', async () => {
  const { store } = makeFakeDaemon([]).fake;
  const runner = makeFakeRunner(store, [orders]);
  runner.start();
  await vi.advanceTimersByTimeAsync(10_500);
  const { definitionHash } = orders;
  await store.queueRun(jobOf({ drill: 'orders', pool: 'eu', definitionHash }), drillState(), []);
  await vi.advanceTimersByTimeAsync(1500);
  expect(await store.findRuns({ limit: 9 })).toMatchObject([{ drill: 'orders' }]);
  await runner.stop();
});

it('runs a raced drill of its pool each time, though runners change its state as well', async () => {
  const drills = [
    drillOf('physical', scheduleOf('5 * * * *'), { race: ['dump'] }),
    drillOf('dump', undefined, { pool: 'eu' }),
  ];
  const scheduler = makeFakeDaemon(drills);
  const { store } = scheduler.fake;
  const runner = makeFakeRunner(store, drills);
  for (const one of [scheduler, runner]) one.start();
  await vi.advanceTimersByTimeAsync(70 * MINUTE_MS);
  for (const one of [scheduler, runner]) await one.stop();
  const runs = await store.findRuns({ limit: 20 });
  expect(runs.map(({ drill }) => drill).toSorted()).toEqual(['dump', 'dump', 'physical', 'physical']);
});

it('says once why it does not run a drill, whatever other runners say about it', async () => {
  const scheduler = makeFakeDaemon([orders]);
  const { store } = scheduler.fake;
  const runners = [makeFakeRunner(store, []), makeFakeRunner(store, [{ ...orders, definitionHash: 'ff' }])];
  for (const one of [scheduler, ...runners]) one.start();
  await vi.advanceTimersByTimeAsync(8 * MINUTE_MS);
  for (const one of [scheduler, ...runners]) await one.stop();
  for (const { log } of runners) expect(log.filter((line) => line.startsWith('error'))).toHaveLength(1);
});

it('does not run a paused drill, and says until when', async () => {
  const scheduler = makeFakeDaemon([orders]);
  const { store } = scheduler.fake;
  scheduler.start();
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS);
  const until = new Date(Date.now() + 10 * MINUTE_MS);
  const by = { by: 'alice', at: new Date(), reason: 'storage migration' };
  await store.addSilence({ id: 's1', match: {}, from: new Date(), until, pausesRuns: true, ...by });
  const runner = makeFakeRunner(store, [orders]);
  runner.start();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(runner.log).toContain(
    'info: orders waits because it is paused until 21 Nov 2026, 12:16 UTC by alice: storage migration',
  );
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  for (const one of [scheduler, runner]) await one.stop();
  expect(await store.findRuns({ limit: 9 })).toMatchObject([{ drill: 'orders', verdict: 'passed' }]);
});
