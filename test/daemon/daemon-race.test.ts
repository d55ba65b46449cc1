import { expect, it, vi } from 'vitest';
import { DrillError } from '../../src/support/errors.ts';
import { useFakeTime } from '../run/fake-drill.ts';
import { passedRun, runningRun } from '../support/run-records.ts';
import { drillOf, makeFakeDaemon, scheduleOf } from './fake-daemon.ts';
import { makeFakeRunner } from './fake-runner.ts';

useFakeTime(); // starts at noon

const MINUTE_MS = 60_000;
const AT_12_05 = scheduleOf('5 12 * * *');

async function runUntil(minutes: number, drills: Parameters<typeof makeFakeDaemon>[0], options = {}) {
  const daemon = makeFakeDaemon(drills, options);
  daemon.start();
  await vi.advanceTimersByTimeAsync(minutes * MINUTE_MS);
  await daemon.stop();
  const runs = (await daemon.fake.store.findRuns({ limit: 20 })).toReversed();
  return { runs, log: daemon.log };
}

it('runs the drills that a due one races with after it, one by one, without schedules of their own', async () => {
  const load = () => new Promise<void>((resolve) => setTimeout(resolve, MINUTE_MS));
  const drills = [
    drillOf('physical', AT_12_05, { race: ['dump', 'mydumper'] }),
    drillOf('dump', undefined),
    drillOf('mydumper', undefined),
    drillOf('other', undefined),
  ];
  const { runs } = await runUntil(20, drills, { hooks: { load }, sandboxes: 9 });
  expect(runs.map(({ drill, triggeredBy }) => `${drill}: ${triggeredBy}`)).toEqual([
    expect.stringMatching(/^physical: schedule/),
    'dump: race with physical',
    'mydumper: race with physical',
  ]);
  const [first, second, third] = runs;
  expect(second?.startedAt.getTime()).toBeGreaterThanOrEqual(first?.endedAt?.getTime() ?? Number.NaN);
  expect(third?.startedAt.getTime()).toBeGreaterThanOrEqual(second?.endedAt?.getTime() ?? Number.NaN);
});

it.each([
  ['all of them in a pool', ['eu', 'eu', 'eu']],
  ['the first one in a pool', ['eu', undefined, undefined]],
  ['one of the others in a pool', [undefined, 'eu', undefined]],
])('runs the drills of a race one after the other with %s', async (_what, pools) => {
  const load = () => new Promise<void>((resolve) => setTimeout(resolve, MINUTE_MS));
  const drills = [
    drillOf('physical', AT_12_05, { race: ['dump', 'mydumper'], pool: pools[0] }),
    drillOf('dump', undefined, { pool: pools[1] }),
    drillOf('mydumper', undefined, { pool: pools[2] }),
  ];
  const scheduler = makeFakeDaemon(drills, { hooks: { load } });
  const { store } = scheduler.fake;
  const runner = makeFakeRunner(store, drills, { hooks: { load } });
  runner.start();
  scheduler.start();
  await vi.advanceTimersByTimeAsync(20 * MINUTE_MS);
  await Promise.all([scheduler.stop(), runner.stop()]);
  const runs = (await store.findRuns({ limit: 20 })).toReversed();
  expect(runs.map(({ drill }) => drill)).toEqual(['physical', 'dump', 'mydumper']);
  for (const [index, { startedAt }] of runs.slice(1).entries())
    expect(startedAt.getTime()).toBeGreaterThanOrEqual(runs[index]?.endedAt?.getTime() ?? Number.NaN);
});

it('runs both once when they name each other and are due at the same time', async () => {
  const drills = [drillOf('physical', AT_12_05, { race: ['dump'] }), drillOf('dump', AT_12_05, { race: ['physical'] })];
  const { runs } = await runUntil(30, drills, { sandboxes: 1 });
  expect(runs.map(({ drill }) => drill).sort()).toEqual(['dump', 'physical']);
});

it('skips a drill that is not loaded, says so, and continues with the next', async () => {
  const drills = [drillOf('physical', AT_12_05, { race: ['gone', 'dump'] }), drillOf('dump', undefined)];
  const { runs, log } = await runUntil(20, drills);
  expect(runs.map(({ drill }) => drill).sort()).toEqual(['dump', 'physical']);
  expect(log).toContain('warn: physical: not raced with gone: no drill of that name is loaded');
});

it('says once for each race that a drill is not loaded, however many runs end meanwhile', async () => {
  const drills = [
    drillOf('physical', AT_12_05, { race: ['gone', 'dump'] }),
    drillOf('dump', undefined, { pool: 'eu' }),
    drillOf('other', scheduleOf('* * * * *')),
  ];
  const { runs, log } = await runUntil(20, drills);
  expect(runs.filter(({ drill }) => drill === 'other').length).toBeGreaterThan(10);
  expect(log.filter((line) => line.startsWith('warn: physical: not raced with gone'))).toHaveLength(1);
});

const RACE_IN_POOL = [
  drillOf('physical', AT_12_05, { race: ['dump', 'mydumper'] }),
  drillOf('dump', undefined, { pool: 'eu' }),
  drillOf('mydumper', undefined),
];

it('continues a race after a runner has skipped one of its runs', async () => {
  const scheduler = makeFakeDaemon(RACE_IN_POOL);
  const { store } = scheduler.fake;
  await store.claim(runningRun({ id: 'a', drill: 'dump' }));
  await store.finish(passedRun({ id: 'a', drill: 'dump' })); // 4.34 USD
  const costPerMonth = { amount: 4, currency: 'USD' };
  const runner = makeFakeRunner(store, RACE_IN_POOL, { limits: { runs: [], rates: [], costPerMonth } });
  runner.start();
  scheduler.start();
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  await Promise.all([scheduler.stop(), runner.stop()]);
  expect(await store.findSkips({ limit: 9 })).toMatchObject([{ drill: 'dump', kind: 'budget' }]);
  const runs = (await store.findRuns({ limit: 20 })).map(({ drill }) => drill);
  expect(runs.sort()).toEqual(['dump', 'mydumper', 'physical']);
});

it('continues a race when a drill whose run is in a queue is removed', async () => {
  const scheduler = makeFakeDaemon(RACE_IN_POOL);
  const { store } = scheduler.fake;
  scheduler.start();
  await vi.advanceTimersByTimeAsync(7 * MINUTE_MS);
  expect(await store.findJobs('eu')).toMatchObject([{ drill: 'dump' }]);
  scheduler.setDrills(RACE_IN_POOL.filter(({ name }) => name !== 'dump'));
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
  await scheduler.stop();
  const runs = (await store.findRuns({ limit: 20 })).map(({ drill }) => drill);
  expect(runs.sort()).toEqual(['mydumper', 'physical']);
});

it('races a drill once its manual run in another process has ended', async () => {
  const drills = RACE_IN_POOL.map((drill) => ({ ...drill, pool: undefined }));
  const scheduler = makeFakeDaemon(drills, { store: (inner) => ({ ...inner, isShared: false }) });
  const { store } = scheduler.fake;
  scheduler.start();
  await vi.advanceTimersByTimeAsync(4 * MINUTE_MS);
  const startedAt = new Date();
  const leaseExpiresAt = new Date(Date.now() + 60 * MINUTE_MS);
  const byHand = { id: 'by-hand', drill: 'dump', startedAt, leaseOwner: 'other/boot/1/1', leaseExpiresAt };
  await store.claim(runningRun(byHand));
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS);
  expect(await store.findRuns({ limit: 20 })).toHaveLength(2);
  await store.finish(passedRun({ ...byHand, endedAt: new Date() }));
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  await scheduler.stop();
  const runs = (await store.findRuns({ limit: 20 })).map(({ drill }) => drill);
  expect(runs.sort()).toEqual(['dump', 'dump', 'mydumper', 'physical']);
});

it('does not race after a run without a verdict', async () => {
  const load = () => Promise.reject(new Error('the harness broke'));
  const drills = [drillOf('physical', AT_12_05, { race: ['dump'] }), drillOf('dump', undefined)];
  const { runs } = await runUntil(6, drills, { hooks: { load } });
  expect(runs.map(({ drill, status }) => `${drill} ${status}`)).toEqual(['physical errored']);
});

it('retries a raced run that errored, like a due one', async () => {
  let loads = 0;
  const load = () => (++loads === 2 ? Promise.reject(new DrillError('engine-unreachable', 'it restarts')) : undefined);
  const drills = [drillOf('physical', AT_12_05, { race: ['dump'] }), drillOf('dump', undefined)];
  const { runs } = await runUntil(20, drills, { hooks: { load } });
  expect(runs.map(({ drill, status }) => `${drill} ${status}`).sort()).toEqual([
    'dump completed',
    'dump errored',
    'physical completed',
  ]);
});

it.each([
  ['while the first one ends', 25],
  ['in the middle of the second, whose retry comes first', 42],
])('continues with the rest after a restart %s', async (_when, afterSeconds) => {
  const load = () => new Promise<void>((resolve) => setTimeout(resolve, 30_000));
  const drills = [
    drillOf('physical', scheduleOf('0 13 * * *'), { race: ['dump', 'mydumper'] }),
    drillOf('dump', undefined),
    drillOf('mydumper', undefined),
  ];
  const before = makeFakeDaemon(drills, { hooks: { load }, sandboxes: 1 });
  before.start();
  await vi.advanceTimersByTimeAsync(60 * MINUTE_MS + afterSeconds * 1000);
  const stopping = before.stop();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  await stopping;
  const after = makeFakeDaemon(drills, { hooks: { load }, sandboxes: 1, on: before.fake.store });
  after.start();
  await vi.advanceTimersByTimeAsync(20 * MINUTE_MS);
  await after.stop();
  const runs = (await after.fake.store.findRuns({ limit: 20 })).toReversed();
  const passed = runs.filter(({ verdict }) => verdict === 'passed').map(({ drill }) => drill);
  expect(passed).toEqual(['physical', 'dump', 'mydumper']);
});

it('does not start a race that was added to a drill after its run, or whose run is too long ago', async () => {
  const physical = drillOf('physical', AT_12_05);
  const dump = drillOf('dump', undefined);
  const raced = { ...physical, race: ['dump'] };
  const before = makeFakeDaemon([physical, dump]);
  before.start();
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  await before.stop();
  const after = makeFakeDaemon([raced, dump], { on: before.fake.store });
  after.start();
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  await after.stop();
  expect((await after.fake.store.findRuns({ limit: 9 })).map(({ drill }) => drill)).toEqual(['physical']);
});

/** Runs a scheduler for some minutes, and then another one on the same store. */
async function runWithRestart(
  drills: Parameters<typeof makeFakeDaemon>[0],
  minutes: readonly [before: number, after: number],
  options: Parameters<typeof makeFakeDaemon>[1] = {},
) {
  const before = makeFakeDaemon(drills, options);
  before.start();
  await vi.advanceTimersByTimeAsync(minutes[0] * MINUTE_MS);
  await before.stop();
  const after = makeFakeDaemon(drills, { ...options, on: before.fake.store });
  after.start();
  await vi.advanceTimersByTimeAsync(minutes[1] * MINUTE_MS);
  await after.stop();
  return (await after.fake.store.findRuns({ limit: 20 })).map(({ drill }) => drill).sort();
}

const ONCE_A_YEAR = scheduleOf('0 0 1 1 *');

it('does not mistake a run in the race of another drill for a due one that started its own race', async () => {
  const drills = [
    drillOf('physical', AT_12_05, { race: ['dump'] }),
    drillOf('dump', ONCE_A_YEAR, { race: ['mydumper'] }),
    drillOf('mydumper', undefined),
  ];
  expect(await runWithRestart(drills, [10, 10])).toEqual(['dump', 'physical']);
});

it('continues the race that a retried run was part of, not that of another drill in it', async () => {
  let loads = 0;
  const load = () => (++loads === 3 ? Promise.reject(new DrillError('engine-unreachable', 'it restarts')) : undefined);
  const drills = [
    drillOf('dump', ONCE_A_YEAR, { race: ['mydumper', 'other'] }),
    drillOf('physical', AT_12_05, { race: ['dump', 'mydumper'] }),
    drillOf('mydumper', undefined),
    drillOf('other', undefined),
  ];
  const { runs } = await runUntil(30, drills, { hooks: { load }, sandboxes: 1 });
  expect(runs.map(({ drill }) => drill).sort()).toEqual(['dump', 'mydumper', 'mydumper', 'physical']);
});

it.each([
  ['ended before its turn', 'physical', ['physical', 'dump', 'dump', 'mydumper']],
  ['is in progress at its turn', 'dump', ['physical', 'dump', 'dump', 'mydumper']],
])('races a drill whose manual run without a verdict %s', async (_when, slow, expected) => {
  const drills = [
    drillOf('physical', AT_12_05, { race: ['dump', 'mydumper'] }),
    drillOf('dump', undefined),
    drillOf('mydumper', undefined),
  ];
  let loads = 0;
  const load = async () => {
    loads += 1;
    const isByHand = loads === 2;
    const isSlow = loads <= 2 && isByHand === (slow === 'dump');
    await new Promise<void>((resolve) => setTimeout(resolve, isSlow ? 3 * MINUTE_MS : MINUTE_MS));
    if (isByHand) throw new DrillError('engine-unreachable', 'it restarts');
  };
  const made = makeFakeDaemon(drills, { hooks: { load } });
  made.start();
  await vi.advanceTimersByTimeAsync(5.5 * MINUTE_MS);
  expect(made.daemon.control.runNow('dump', 'alice, web')).toBe('queued');
  await vi.advanceTimersByTimeAsync(20 * MINUTE_MS);
  await made.stop();
  const runs = (await made.fake.store.findRuns({ limit: 20 })).toReversed();
  expect(runs.map(({ drill }) => drill)).toEqual(expected);
});

it('continues a race whose first run ends in a scheduler that stops, once, while this one leads', async () => {
  const load = () => new Promise<void>((resolve) => setTimeout(resolve, MINUTE_MS));
  const drills = [
    drillOf('physical', AT_12_05, { race: ['dump', 'mydumper'] }),
    drillOf('dump', undefined),
    drillOf('mydumper', undefined),
    drillOf('other', undefined),
  ];
  const now = new Date('2026-11-21T12:05:10Z');
  vi.setSystemTime(now);
  const made = makeFakeDaemon(drills, { hooks: { load }, sandboxes: 9 });
  const { store } = made.fake;
  const trigger = { kind: 'schedule', dueAt: new Date('2026-11-21T12:05:00Z'), attempt: 1 } as const;
  const first = {
    ...{ id: 'p', drill: 'physical', trigger, startedAt: now, definition: JSON.stringify(drills[0]) },
    ...{ leaseOwner: 'other/boot/1/1', leaseExpiresAt: new Date(now.getTime() + MINUTE_MS) },
  };
  await store.claim(runningRun(first));
  made.start();
  await vi.advanceTimersByTimeAsync(5000);
  expect(made.daemon.control.runNow('other', 'alice, web')).toBe('queued'); // ends while dump is in progress
  await vi.advanceTimersByTimeAsync(5000);
  await store.finish(passedRun({ ...first, endedAt: new Date() }));
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  await made.stop();
  const runs = (await store.findRuns({ limit: 20 })).toReversed();
  expect(runs.map(({ drill }) => drill).sort()).toEqual(['dump', 'mydumper', 'other', 'physical']);
  const [dump, mydumper] = ['dump', 'mydumper'].map((name) => runs.find(({ drill }) => drill === name));
  expect(mydumper?.startedAt.getTime()).toBeGreaterThanOrEqual(dump?.endedAt?.getTime() ?? 0);
});
