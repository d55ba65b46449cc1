import { expect, it, vi } from 'vitest';
import { readFleet } from '../../src/status/fleet.ts';
import { useFakeTime } from '../run/fake-drill.ts';
import { discoveryOf, seriesFinding } from '../support/discoveries.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { runningRun } from '../support/run-records.ts';
import { drillState } from '../support/schedule-records.ts';
import { drillOf, makeFakeDaemon, scheduleOf } from './fake-daemon.ts';
import { makeFakeRunner } from './fake-runner.ts';

/** Schedulers on a store shared by several machines: one leads. */

useFakeTime(); // starts at noon

const MINUTE_MS = 60_000;
const orders = drillOf('orders', scheduleOf('*/5 * * * *'), { pool: 'eu' });
const stock = drillOf('stock', scheduleOf('*/5 * * * *'));

async function startTwo(drills: readonly (typeof orders)[], others = drills) {
  const store = createMemoryStore();
  const [first, second] = [makeFakeDaemon(drills, { on: store }), makeFakeDaemon(others, { on: store })];
  first.start();
  await vi.advanceTimersByTimeAsync(100);
  second.start();
  await vi.advanceTimersByTimeAsync(100);
  return { store, first, second };
}

it('only the scheduler that leads decides what is due and sends notifications; the other one says that it is on standby', async () => {
  const { store, first, second } = await startTwo([stock]);
  await vi.advanceTimersByTimeAsync(11 * MINUTE_MS);
  expect(await store.findRuns({ limit: 9 })).toHaveLength(2);
  expect(first.daemon.facts.standby).toBeUndefined();
  expect(second.daemon.facts).toMatchObject({
    standby: expect.stringMatching(/^on standby: the scheduler on \S+ \(process \d+\) leads$/),
    nextDueAt: undefined,
    standings: [{ standing: { state: 'passed' } }],
  });
  expect(second.log).toContainEqual(expect.stringMatching(/^info: 1 drill, 1 scheduled; on standby: /));
  expect(first.told.length).toBeGreaterThan(0);
  expect(second.told).toEqual([]);
  for (const one of [first, second]) await one.stop();
  expect(await store.findSkips({ limit: 9 })).toEqual([]);
});

it('another scheduler leads within seconds after one has stopped, and misses nothing', async () => {
  const { store, first, second } = await startTwo([stock]);
  await vi.advanceTimersByTimeAsync(4.9 * MINUTE_MS);
  await first.stop();
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS);
  expect(second.log).toContain('info: leads the schedulers on this store');
  await second.stop();
  const runs = await store.findRuns({ limit: 9 });
  expect(runs.map(({ trigger }) => trigger.dueAt?.getUTCMinutes())).toEqual([10, 5]);
});

it('a scheduler announces that it is stopping before its last run has ended', async () => {
  const held = Promise.withResolvers<void>();
  const scheduler = makeFakeDaemon([stock], { hooks: { load: () => held.promise } });
  scheduler.start();
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS);
  const stopping = scheduler.stop();
  await vi.advanceTimersByTimeAsync(1000);
  const stateNow = async () => (await readFleet(scheduler.fake.store, [], new Map(), new Date())).processes[0]?.state;
  expect(await stateNow()).toBe('draining');
  held.resolve();
  await vi.advanceTimersByTimeAsync(1000);
  await stopping;
  expect(await stateNow()).toBe('stopped');
});

it('schedulers with other drill files do not change what the leader queued', async () => {
  const { store, first, second } = await startTwo([orders], [{ ...orders, definitionHash: 'ff', pool: 'us' }]);
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS);
  expect(await store.findJobs()).toMatchObject([{ pool: 'eu', definitionHash: orders.definitionHash }]);
  for (const one of [first, second]) await one.stop();
});

it('a scheduler on standby starts what users trigger', async () => {
  const { store, first, second } = await startTwo([orders, stock]);
  expect(second.daemon.control.runNow('stock', 'alice')).toBe('queued');
  expect(second.daemon.control.runNow('orders', 'alice')).toBe('queued');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await store.findRuns({ limit: 9 })).toMatchObject([{ drill: 'stock', triggeredBy: 'by hand (alice)' }]);
  expect(await store.findJobs()).toMatchObject([{ drill: 'orders', triggeredBy: 'by hand (alice)' }]);
  for (const one of [first, second]) await one.stop();
});

it('a scheduler that has lost the lead leaves its queue to the next leader, and starts afresh when it leads again', async () => {
  const held = Promise.withResolvers<void>();
  const store = createMemoryStore();
  let isLost = false;
  const openLead: typeof store.openLead = (name) => {
    const lead = store.openLead(name);
    return { ...lead, renew: async () => (isLost ? { isOwn: false, by: undefined } : lead.renew()) };
  };
  const billing = drillOf('billing', scheduleOf('4 * * * *'));
  const daemon = makeFakeDaemon([billing, stock], {
    on: { ...store, openLead },
    sandboxes: 1,
    hooks: { load: () => held.promise },
  });
  daemon.start();
  await vi.advanceTimersByTimeAsync(5.5 * MINUTE_MS); // billing continues, stock waits
  isLost = true;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(daemon.daemon.facts).toMatchObject({ standby: 'on standby: another scheduler leads', waiting: [] });
  held.resolve();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await store.findRuns({ limit: 9 })).toMatchObject([{ drill: 'billing', status: 'completed' }]);
  isLost = false;
  await vi.advanceTimersByTimeAsync(10_000);
  await daemon.stop();
  expect((await store.findRuns({ limit: 9 })).map(({ drill }) => drill)).toEqual(['stock', 'billing']);
});

it('a scheduler that cannot find out who leads says so, and leads once it can', async () => {
  const store = createMemoryStore();
  let isDown = true;
  const openLead: typeof store.openLead = (name) => {
    const lead = store.openLead(name);
    return { ...lead, renew: () => (isDown ? Promise.reject(new Error('the server is down')) : lead.renew()) };
  };
  const scheduler = makeFakeDaemon([stock], { on: { ...store, openLead } });
  scheduler.start();
  await vi.advanceTimersByTimeAsync(5000);
  expect(scheduler.daemon.facts.standby).toBe('on standby: the store does not answer which scheduler leads');
  isDown = false;
  await vi.advanceTimersByTimeAsync(5000);
  expect(scheduler.daemon.facts.standby).toBeUndefined();
  await scheduler.stop();
});

it('a process that does not lead sends nothing when it stops, since it may not have the channels', async () => {
  const store = createMemoryStore();
  const deliverers: string[] = [];
  const start = async (name: string, only?: 'pages') => {
    const one = makeFakeDaemon([stock], { on: store, ...(only && { only }), onDeliver: () => deliverers.push(name) });
    one.start();
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    return one;
  };
  const others = [await start('leader'), await start('standby'), await start('pages', 'pages')];
  for (const one of others.toReversed()) await one.stop();
  expect(new Set(deliverers)).toEqual(new Set(['leader']));
});

it('a process with pages only shows what others found without a drill, and that no scheduler is running', async () => {
  const store = createMemoryStore();
  const pages = makeFakeDaemon([stock], { on: store, only: 'pages' });
  pages.start();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(pages.daemon.facts).toMatchObject({ discovery: undefined, schedulerSilence: 'no scheduler has run yet' });
  const scheduler = makeFakeDaemon([stock], { on: store });
  scheduler.start();
  await store.saveDiscovery(discoveryOf([seriesFinding()]));
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(pages.daemon.facts).toMatchObject({ discovery: discoveryOf([seriesFinding()]), schedulerSilence: undefined });
  expect(scheduler.daemon.facts.schedulerSilence).toBeUndefined();
  await scheduler.stop();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(pages.daemon.facts.schedulerSilence).toMatch(/^the scheduler was stopped /);
  await pages.stop();
});

it('a process with the scheduler only leaves drills without a pool, and their retries, to runners of the default one', async () => {
  const store = createMemoryStore();
  const scheduler = makeFakeDaemon([stock], { on: store, only: 'scheduler' });
  scheduler.start();
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS);
  const [job] = await store.findJobs();
  expect(job).toMatchObject({ drill: 'stock', pool: 'default', definitionHash: stock.definitionHash });
  expect(scheduler.daemon.facts).toMatchObject({
    sandboxes: 0,
    waiting: [{ drill: 'stock', waitsFor: 'because no runner serves pool default; none ever has' }],
  });
  const [state = drillState()] = await store.getDrillStates();
  const killed = runningRun({ drill: 'stock', trigger: { kind: 'schedule', dueAt: job?.dueAt, attempt: 1 } });
  await store.claimDue(killed, { state, skips: [], maxRunning: 1, job });
  await vi.advanceTimersByTimeAsync(5000); // it sees the run in progress
  await store.interruptAbandoned(new Date(), () => 'silent');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await store.findJobs()).toMatchObject([{ pool: 'default', retryOf: killed.id }]);

  const runner = makeFakeRunner(store, [stock], { pool: 'default' });
  runner.start();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  for (const one of [runner, scheduler]) await one.stop();
  expect((await store.findRuns({ limit: 9 })).map(({ status }) => status)).toEqual(['completed', 'interrupted']);
});

it('a process with pages only schedules nothing, does not count as a scheduler, and queues what users trigger', async () => {
  const store = createMemoryStore();
  const pages = makeFakeDaemon([stock], { on: store, only: 'pages' });
  pages.start();
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS);
  expect(await store.findJobs()).toEqual([]);
  expect(await store.getDaemons()).toEqual([]);
  expect(pages.daemon.facts).toMatchObject({
    standby: 'scheduling is left to other processes',
    standings: [{ standing: { state: 'never' } }],
  });
  expect(pages.daemon.control.runNow('stock', 'alice')).toBe('queued');
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(await store.findJobs()).toMatchObject([{ drill: 'stock', pool: 'default', triggeredBy: 'by hand (alice)' }]);
  await pages.stop();
});
