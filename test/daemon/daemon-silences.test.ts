import { expect, it, vi } from 'vitest';
import type { Silence } from '../../src/record/silence-store.ts';
import { useFakeTime } from '../run/fake-drill.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { NOON } from '../support/run-records.ts';
import { drillOf, makeFakeDaemon, scheduleOf } from './fake-daemon.ts';

useFakeTime(); // from noon on

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

/** Two hours of a drill that is due every half hour, with what people set before and after the start. */
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

it('starts no scheduled run in a pause, and counts none of them as missed', async () => {
  const { runs, skips, standing } = await runsWith(pause());
  expect(runs).toEqual(['13:50']);
  expect(skips.map(({ kind, reason, count }) => ({ kind, reason, count }))).toEqual([
    { kind: 'freeze', reason: expect.stringContaining('by alice: storage migration') as string, count: 1 },
    { kind: 'freeze', reason: expect.stringContaining('by alice: storage migration') as string, count: 1 },
    { kind: 'freeze', reason: expect.stringContaining('by alice: storage migration') as string, count: 1 },
  ]);
  expect(standing?.isOverdue).toBe(false);
});

it('is not overdue for what was due in a pause when its labels change after it', async () => {
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

it('goes on with runs in a silence that pauses nothing', async () => {
  const { runs, standing } = await runsWith(pause({ pausesRuns: false, until: later(150) }));
  expect(runs).toEqual(['12:20', '12:50', '13:20', '13:50']);
  expect(standing?.silenced?.id).toBe('00c0ffee');
});

it('sees at its next tick what another process has silenced', async () => {
  const store = createMemoryStore();
  const made = makeFakeDaemon([drillOf('orders', undefined)], { on: store });
  made.start();
  await vi.advanceTimersByTimeAsync(1000);
  await store.addSilence(pause({ match: {}, pausesRuns: false }));
  await vi.advanceTimersByTimeAsync(16_000);
  expect(made.daemon.facts.standings[0]?.silenced?.id).toBe('00c0ffee');
  await made.stop();
});
