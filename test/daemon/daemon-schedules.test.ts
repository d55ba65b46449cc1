import { expect, it, vi } from 'vitest';
import { useFakeTime } from '../run/fake-drill.ts';
import { drillOf, type FakeDaemon, makeFakeDaemon, scheduleOf } from './fake-daemon.ts';

useFakeTime(); // starts at noon

const MINUTE_MS = 60_000;
const AT_ONE = scheduleOf('0 13 * * *', { overdueAfterMs: 5 * MINUTE_MS }); // a run ends within ten
const AT_SIX = scheduleOf('0 18 * * *', { overdueAfterMs: 5 * MINUTE_MS });
const billing = drillOf('billing', AT_ONE);

function isOverdue({ daemon }: FakeDaemon): boolean | undefined {
  return daemon.facts.standings.find(({ drill }) => drill.name === 'orders')?.isOverdue;
}

/** Both are due at one, and the first occupies the only sandbox until it is released. */
function startBusy() {
  const held = Promise.withResolvers<void>();
  let loads = 0;
  const load = () => (++loads === 1 ? held.promise : undefined);
  const made = makeFakeDaemon([billing, drillOf('orders', AT_ONE)], { hooks: { load }, sandboxes: 1 });
  made.start();
  return { made, release: held.resolve };
}

it('keeps a drill overdue through an edit until it has run', async () => {
  const { made, release } = startBusy();
  await vi.advanceTimersByTimeAsync(67 * MINUTE_MS);
  expect(isOverdue(made)).toBe(true);
  made.setDrills([billing, drillOf('orders', AT_SIX)]);
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  release();
  await vi.advanceTimersByTimeAsync(240 * MINUTE_MS);
  expect(isOverdue(made)).toBe(true);
  await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
  expect(isOverdue(made)).toBe(false);
  await made.stop();
  expect((await made.fake.store.findRuns({ limit: 9 })).map(({ drill }) => drill)).toEqual(['orders', 'billing']);
});

it('keeps a drill overdue that is edited between two schedulers', async () => {
  const { made } = startBusy();
  await vi.advanceTimersByTimeAsync(67 * MINUTE_MS);
  const stopped = made.stop({ hurry: true });
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  await stopped;
  const next = makeFakeDaemon([drillOf('orders', AT_SIX)], { on: made.fake.store });
  next.start();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(isOverdue(next)).toBe(true);
  await next.stop();
});

it('does not call a drill overdue for a schedule that was edited while no scheduler ran', async () => {
  const first = makeFakeDaemon([drillOf('orders', AT_ONE)]);
  first.start();
  await vi.advanceTimersByTimeAsync(30 * MINUTE_MS);
  await first.stop();
  await vi.advanceTimersByTimeAsync(120 * MINUTE_MS);
  const next = makeFakeDaemon([drillOf('orders', AT_SIX)], { on: first.fake.store });
  next.start();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(isOverdue(next)).toBe(false);
  await next.stop();
});

it('records every schedule with the time it was in use, including manual drills', async () => {
  const made = makeFakeDaemon([drillOf('orders', undefined)]);
  made.start();
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  made.setDrills([drillOf('orders', AT_SIX)]);
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  await made.stop();
  const [state] = await made.fake.store.getDrillStates();
  expect(state?.schedules).toMatchObject([
    { since: new Date('2026-11-21T12:00:00Z'), knownUntil: expect.any(Date), cron: undefined, onNewBackup: false },
    { knownUntil: undefined, cron: '0 18 * * *', timezone: 'UTC' },
  ]);
});

it.each([
  ['while a scheduler runs', 'running'],
  ['between two schedulers', 'stopped'],
])('does not call a drill overdue for the time in which it was removed, %s', async (_title, how) => {
  const first = makeFakeDaemon([billing, drillOf('orders', AT_ONE)]);
  first.start();
  await vi.advanceTimersByTimeAsync(30 * MINUTE_MS);
  let made = first;
  if (how === 'running') first.setDrills([billing]);
  else {
    await first.stop();
    made = makeFakeDaemon([billing], { on: first.fake.store });
    made.start();
  }
  await vi.advanceTimersByTimeAsync(180 * MINUTE_MS);
  made.setDrills([billing, drillOf('orders', AT_SIX)]);
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(isOverdue(made)).toBe(false);
  await made.stop();
});
