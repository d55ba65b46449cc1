import { expect, it, vi } from 'vitest';
import type { DrillState } from '../../src/record/schedule-store.ts';
import type { Store } from '../../src/record/store.ts';
import { scheduleHash } from '../../src/schedule/schedule-hash.ts';
import { DrillError } from '../../src/support/errors.ts';
import { hang, storedBackup, useFakeTime } from '../run/fake-drill.ts';
import { drillOf, makeFakeDaemon, scheduleOf } from './fake-daemon.ts';

useFakeTime(); // starts at noon

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A store that cannot save state while `isFull` returns true. */
function fullStore(isFull: (state: DrillState) => boolean) {
  return (inner: Store): Store => ({
    ...inner,
    saveDrillState: async (state, skips) => {
      if (isFull(state)) throw new DrillError('disk-full', 'no space is left for the store');
      return inner.saveDrillState(state, skips);
    },
  });
}

it('loads changed drills once a full store has space again', async () => {
  let isFull = false;
  const after = scheduleOf('30 14 * * *');
  const made = makeFakeDaemon([drillOf('orders', scheduleOf('0 13 * * *'))], { store: fullStore(() => isFull) });
  made.start();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  isFull = true;
  made.setDrills([drillOf('orders', after)]);
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  isFull = false;
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  await made.stop();
  // Otherwise it would be unknown since when this schedule is in use, and a missing run would never be overdue.
  const [state] = await made.fake.store.getDrillStates();
  expect(state).toMatchObject({ scheduleHash: scheduleHash(after), scheduledSince: expect.any(Date) });
});

it('polls a source again soon when a full store lost the result', async () => {
  let failures = 0;
  const store = fullStore(({ newestBackup }) => newestBackup !== undefined && ++failures === 1);
  const drill = drillOf('orders', scheduleOf('0 23 * * *'));
  const made = makeFakeDaemon([{ ...drill, objectives: { ...drill.objectives, rpoMs: 24 * HOUR_MS } }], { store });
  made.start();
  await vi.advanceTimersByTimeAsync(MINUTE_MS); // its next regular poll is in an hour
  await made.stop();
  expect(failures).toBeGreaterThan(1);
  expect((await made.fake.store.getDrillStates())[0]?.newestBackup).toBeDefined();
});

it('cancels a poll that hangs, reports it, and polls again', async () => {
  let hangs = true;
  const drill = drillOf('orders', scheduleOf(undefined, { onNewBackup: { pollMs: MINUTE_MS } }));
  const made = makeFakeDaemon([drill], {
    hooks: { openSource: () => (hangs ? hang() : undefined) },
    listed: () => [storedBackup(new Date('2026-11-21T11:00:00Z'))],
  });
  made.start();
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS);
  const [state] = await made.fake.store.getDrillStates();
  expect(state?.pollError).toEqual({
    code: 'source-unreachable',
    message: 'the source was not listed within 5 min',
  });
  hangs = false;
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  expect(await made.fake.store.findRuns({ limit: 10 })).toMatchObject([{ verdict: 'passed' }]);
  await made.stop();
});

it('stops even while a poll hangs', async () => {
  const drill = drillOf('orders', scheduleOf(undefined, { onNewBackup: { pollMs: MINUTE_MS } }));
  const made = makeFakeDaemon([drill], { hooks: { list: hang } });
  made.start();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  const stopped = made.stop();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await stopped).toBe('stopped');
});

it('makes no second retry when the first ends while the scheduler is deciding', async () => {
  let opened = 0;
  let isLookingLong = false;
  const made = makeFakeDaemon([drillOf('orders', scheduleOf('0 13 * * *')), drillOf('shop', undefined)], {
    sandboxes: 1,
    hooks: {
      openSource: async () => {
        opened += 1;
        if (opened > 2) return;
        if (opened === 2) {
          isLookingLong = made.daemon.control.runNow('shop', 'alice') === 'queued';
          await sleep(1000);
        }
        throw new DrillError('source-unreachable', 'no answer from the store');
      },
      chooseRuntime: () => (isLookingLong ? sleep(3000) : undefined), // measuring the capacity for shop
    },
  });
  made.start();
  await vi.advanceTimersByTimeAsync(90 * MINUTE_MS);
  await made.stop();
  const runs = await made.fake.store.findRuns({ limit: 10 });
  expect(runs.map(({ drill, trigger }) => `${drill} ${trigger.kind} ${trigger.attempt}`)).toEqual([
    'shop hand 1',
    'orders schedule 2',
    'orders schedule 1',
  ]);
});

it('reads the runs of a drill once, however often its state is computed', async () => {
  const asked: string[] = [];
  const store = (inner: Store): Store => ({
    ...inner,
    findRuns: (filter) => {
      if (filter.drill !== undefined) asked.push(filter.drill);
      return inner.findRuns(filter);
    },
  });
  const made = makeFakeDaemon([drillOf('orders', scheduleOf('*/10 * * * *')), drillOf('shop', undefined)], { store });
  made.start();
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  await made.stop();
  expect(made.told.length).toBeGreaterThan(100);
  expect(made.told.at(-1)).toBe('orders passed, shop never');
  expect(asked.length).toBeLessThan(20); // ended runs are cached, and only new ones are read
});

it('cancels no run while the store is locked for a minute, and quietly reopens it when none is in progress', async () => {
  const held = Promise.withResolvers<void>();
  let isLocked = false;
  const store = (inner: Store): Store => ({
    ...inner,
    check: () => (isLocked ? Promise.reject(new DrillError('store-failed', 'locked')) : inner.check()),
  });
  const orders = drillOf('orders', scheduleOf('1 12 * * *'));
  const made = makeFakeDaemon([orders], { store, hooks: { load: () => held.promise } });
  const ended = made.daemon.run(new AbortController().signal, new AbortController().signal);
  await vi.advanceTimersByTimeAsync(65_000); // the run continues
  isLocked = true;
  await vi.advanceTimersByTimeAsync(50_000);
  isLocked = false;
  await vi.advanceTimersByTimeAsync(10_000);
  held.resolve();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await made.fake.store.findRuns({ limit: 10 })).toMatchObject([{ status: 'completed' }]);

  isLocked = true;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await ended).toBe('store-lost');
  expect(made.log.filter((line) => /stop|given up/.test(line))).toEqual([]);
});

it('does not mention canceled runs on shutdown when none is in progress', async () => {
  const made = makeFakeDaemon([drillOf('orders', scheduleOf('0 13 * * *'))]);
  made.start();
  await vi.advanceTimersByTimeAsync(10_000);
  await made.stop({ hurry: true });
  expect(made.log.slice(-2)).toEqual(['info: stopping', 'info: stopped']);
});

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
