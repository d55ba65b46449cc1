import { expect, it, vi } from 'vitest';
import type { Silence } from '../../src/record/silence-store.ts';
import { DrillError } from '../../src/support/errors.ts';
import { useFakeTime } from '../run/fake-drill.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { NOON } from '../support/run-records.ts';
import { drillOf, makeFakeDaemon, scheduleOf } from './fake-daemon.ts';

useFakeTime(); // starts at noon

const MINUTE_MS = 60_000;
const later = (minutes: number) => new Date(NOON.getTime() + minutes * MINUTE_MS);
const pause = (changes: Partial<Silence> = {}): Silence => ({
  id: '00c0ffee',
  match: { labels: { service: 'shop' } },
  from: NOON,
  until: later(90),
  reason: 'storage migration',
  pausesRuns: true,
  at: NOON,
  by: 'alice',
  ended: undefined,
  ...changes,
});

/** Two hours of a drill that is due every half hour, with silences added after the start. */
async function runsWith(...silences: readonly Silence[]) {
  const store = createMemoryStore();
  const drill = drillOf('orders', scheduleOf('20,50 * * * *'), { labels: { service: 'shop' } });
  const made = makeFakeDaemon([drill], { on: store });
  made.start();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  for (const silence of silences) await store.addSilence(silence);
  await vi.advanceTimersByTimeAsync(119 * MINUTE_MS);
  const runs = (await store.findRuns({ limit: 10 })).map(({ trigger }) => trigger.dueAt?.toISOString().slice(11, 16));
  const skips = await store.findSkips({ drill: 'orders', limit: 10 });
  const [standing] = made.daemon.facts.standings;
  await made.stop();
  return { runs: runs.toReversed(), skips, standing };
}

it('starts no scheduled run during a pause, and counts none of them as missed', async () => {
  const { runs, skips, standing } = await runsWith(pause());
  expect(runs).toEqual(['13:50']);
  expect(skips.map(({ kind, reason, count }) => ({ kind, reason, count }))).toEqual([
    { kind: 'freeze', reason: expect.stringContaining('by alice: storage migration') as string, count: 1 },
    { kind: 'freeze', reason: expect.stringContaining('by alice: storage migration') as string, count: 1 },
    { kind: 'freeze', reason: expect.stringContaining('by alice: storage migration') as string, count: 1 },
  ]);
  expect(standing?.isOverdue).toBe(false);
});

it('is not overdue for a run that was due during a pause when its labels change afterwards', async () => {
  const store = createMemoryStore();
  const drillIn = (service: string) => drillOf('orders', scheduleOf('20 12 * * *'), { labels: { service } });
  const made = makeFakeDaemon([drillIn('shop')], { on: store });
  made.start();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  await store.addSilence(pause({ until: later(45) }));
  await vi.advanceTimersByTimeAsync(46 * MINUTE_MS);
  made.setDrills([drillIn('store')]);
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
  expect(made.daemon.facts.standings[0]?.isOverdue).toBe(false);
  await vi.advanceTimersByTimeAsync(24 * 60 * MINUTE_MS);
  expect(await store.findRuns({ limit: 9 })).toHaveLength(1);
  await made.stop();
});

it('is not overdue after a pause before its next run is due', async () => {
  const { runs, standing } = await runsWith(pause({ until: later(119) }));
  expect(runs).toEqual([]);
  expect(standing?.isOverdue).toBe(false);
});

it('continues to run during a silence that does not pause runs', async () => {
  const { runs, standing } = await runsWith(pause({ pausesRuns: false, until: later(150) }));
  expect(runs).toEqual(['12:20', '12:50', '13:20', '13:50']);
  expect(standing?.silenced?.id).toBe('00c0ffee');
});

it('notices at its next tick what another process has silenced', async () => {
  const store = createMemoryStore();
  const made = makeFakeDaemon([drillOf('orders', undefined)], { on: store });
  made.start();
  await vi.advanceTimersByTimeAsync(1000);
  await store.addSilence(pause({ match: {}, pausesRuns: false }));
  await vi.advanceTimersByTimeAsync(16_000);
  expect(made.daemon.facts.standings[0]?.silenced?.id).toBe('00c0ffee');
  await made.stop();
});

/** A run that occupies the only sandbox until a pause has begun, and the drills that wait for it. */
async function runsQueuedBefore(silence: Silence, drills: Parameters<typeof makeFakeDaemon>[0], byHand: string[] = []) {
  const held = Promise.withResolvers<void>();
  let loads = 0;
  const load = () => (++loads === 1 ? held.promise : undefined);
  const store = createMemoryStore();
  const made = makeFakeDaemon(drills, { hooks: { load }, sandboxes: 1, on: store });
  made.start();
  await vi.advanceTimersByTimeAsync(11 * MINUTE_MS);
  for (const name of byHand) made.daemon.control.runNow(name, 'alice, web');
  await store.addSilence(silence);
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
  held.resolve();
  await vi.advanceTimersByTimeAsync(20 * MINUTE_MS);
  const { standings } = made.daemon.facts;
  await made.stop();
  const runs = (await store.findRuns({ limit: 10 })).map(({ drill }) => drill).toReversed();
  const skips = await store.findSkips({ limit: 10 });
  return { runs, skips: skips.map(({ drill, kind }) => `${drill} ${kind}`), reason: skips[0]?.reason, standings };
}

const inQueue = (match: Silence['match']) => pause({ match, from: later(11), at: later(11), until: later(180) });
const AT_12_10 = scheduleOf('10 12 * * *');

it('does not start a queued run during a pause that began while it waited, and records it as skipped', async () => {
  const drills = ['billing', 'orders'].map((name) => drillOf(name, AT_12_10));
  const { runs, skips, reason, standings } = await runsQueuedBefore(inQueue({ drills: ['orders'] }), drills);
  expect([runs, skips]).toEqual([['billing'], ['orders freeze']]);
  expect(reason).toContain('by alice: storage migration');
  expect(standings.map(({ isOverdue }) => isOverdue)).toEqual([false, false]);
});

it('starts a queued manual run during a pause', async () => {
  const drills = [drillOf('billing', AT_12_10), drillOf('orders', undefined)];
  const { runs, skips } = await runsQueuedBefore(inQueue({ drills: ['orders'] }), drills, ['orders']);
  expect([runs, skips]).toEqual([['billing', 'orders'], []]);
});

it('leaves paused drills out of a race, and continues with the next', async () => {
  const drills = [
    drillOf('billing', AT_12_10, { race: ['orders', 'ledger'] }),
    drillOf('orders', undefined),
    drillOf('ledger', undefined),
  ];
  const { runs, skips } = await runsQueuedBefore(inQueue({ drills: ['orders'] }), drills);
  expect([runs, skips]).toEqual([['billing', 'ledger'], ['orders freeze']]);
});

it('does not race, after a restart, with a drill whose run was skipped during a pause', async () => {
  const store = createMemoryStore();
  const drills = [drillOf('billing', AT_12_10, { race: ['orders'] }), drillOf('orders', undefined)];
  const made = makeFakeDaemon(drills, { on: store });
  await store.addSilence(pause({ match: { drills: ['orders'] }, from: later(5), at: later(0), until: later(20) }));
  made.start();
  await vi.advanceTimersByTimeAsync(15 * MINUTE_MS);
  await made.stop();
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  const after = makeFakeDaemon(drills, { on: store });
  after.start();
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  await after.stop();
  expect((await store.findRuns({ limit: 9 })).map(({ drill }) => drill)).toEqual(['billing']);
  expect(await store.findSkips({ limit: 9 })).toMatchObject([{ drill: 'orders', kind: 'freeze' }]);
});

it('does not retry a raced drill during a pause', async () => {
  const store = createMemoryStore();
  let loads = 0;
  const load = () => (++loads === 2 ? Promise.reject(new DrillError('engine-unreachable', 'it restarts')) : undefined);
  const drills = [drillOf('billing', AT_12_10, { race: ['orders'] }), drillOf('orders', undefined)];
  const made = makeFakeDaemon(drills, { hooks: { load }, on: store });
  made.start();
  await vi.advanceTimersByTimeAsync(10.5 * MINUTE_MS);
  await store.addSilence(inQueue({ drills: ['orders'] }));
  await vi.advanceTimersByTimeAsync(40 * MINUTE_MS);
  await made.stop();
  expect((await store.findRuns({ limit: 10 })).map(({ drill, status }) => `${drill} ${status}`).sort()).toEqual([
    'billing completed',
    'orders errored',
  ]);
});
