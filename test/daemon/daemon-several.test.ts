import { expect, it, vi } from 'vitest';
import { useFakeTime } from '../run/fake-drill.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { passedRun, runningRun } from '../support/run-records.ts';
import { drillState } from '../support/schedule-records.ts';
import { drillOf, makeFakeDaemon, scheduleOf } from './fake-daemon.ts';

/** Several schedulers on one store; daemon.test.ts is about a single one, leadership.test.ts about who decides on a shared store. */

useFakeTime(); // starts at noon

const MINUTE_MS = 60_000;

it('does not start a queued run that another scheduler has run meanwhile, whatever it read from the store', async () => {
  const billing = drillOf('billing', scheduleOf('5 12 * * *'));
  const orders = drillOf('orders', scheduleOf('6 12 * * *'));
  const stock = drillOf('stock', scheduleOf('7 12 * * *'));
  const held = Promise.withResolvers<void>();
  let loads = 0;
  const load = () => (++loads === 1 ? held.promise : undefined);
  const store = createMemoryStore({ isShared: false });
  const full = makeFakeDaemon([billing, orders, stock], { on: store, hooks: { load }, sandboxes: 1 });
  full.start();
  await vi.advanceTimersByTimeAsync(6.5 * MINUTE_MS); // billing continues, orders waits
  const free = makeFakeDaemon([orders, stock], { on: store, sandboxes: 9 });
  free.start();
  await vi.advanceTimersByTimeAsync(3 * MINUTE_MS);
  held.resolve();
  await vi.advanceTimersByTimeAsync(5 * MINUTE_MS);
  await full.stop();
  await free.stop();

  const runs = await full.fake.store.findRuns({ limit: 10 });
  expect(runs.map(({ drill }) => drill).sort()).toEqual(['billing', 'orders', 'stock']);
  expect(await full.fake.store.findSkips({ limit: 10 })).toEqual([]);
});

it('skips a run as an overlap when it is due seconds after the previous start', async () => {
  const load = () => new Promise<void>((resolve) => setTimeout(resolve, 5000));
  const { fake, start, stop } = makeFakeDaemon([drillOf('orders', scheduleOf('*/2 * * * * *'))], { hooks: { load } });
  start();
  await vi.advanceTimersByTimeAsync(13_500);
  await stop();
  const [second, first] = await fake.store.findRuns({ limit: 20 });
  expect([first, second].map((run) => run?.trigger.dueAt?.getSeconds())).toEqual([2, 8]);
  const skips = await fake.store.findSkips({ limit: 20 });
  expect(skips.map(({ kind, first: at }) => `${kind} ${at.getSeconds()}`).sort()).toEqual([
    'overlap 10',
    'overlap 12',
    'overlap 4',
    'overlap 6',
  ]);
});

it('runs a raced drill even though another scheduler has changed its state since it was last read', async () => {
  const drills = [drillOf('physical', scheduleOf('5 12 * * *'), { race: ['dump'] }), drillOf('dump', undefined)];
  const { fake, start, stop } = makeFakeDaemon(drills);
  start();
  await vi.advanceTimersByTimeAsync(4 * MINUTE_MS);
  const [state = drillState({ drill: 'dump' })] = (await fake.store.getDrillStates()).filter(
    (one) => one.drill === 'dump',
  );
  expect(await fake.store.saveDrillState({ ...state, waitsFor: 'for memory' }, [])).toBe(true);
  await vi.advanceTimersByTimeAsync(3 * MINUTE_MS);
  await stop();
  const runs = await fake.store.findRuns({ limit: 9 });
  expect(runs.map(({ drill }) => drill).sort()).toEqual(['dump', 'physical']);
});

it('starts no run while other machines use up the limit of its source, and says what it waits for', async () => {
  const limits = { runs: [{ kind: 'source', name: '/backups', maxRuns: 1 } as const], rates: [] };
  const { fake, daemon, start, stop } = makeFakeDaemon([drillOf('orders', scheduleOf('5 12 * * *'))], { limits });
  const other = runningRun({ drill: 'billing', leaseOwner: 'far/boot/1/1', readsFrom: ['/backups/billing'] });
  await fake.store.claim(other);
  const beat = () => void fake.store.extendLease(other.id, new Date(Date.now() + 2 * MINUTE_MS));
  const beating = setInterval(beat, 5000);
  start();
  await vi.advanceTimersByTimeAsync(7 * MINUTE_MS);
  const why = 'for source /backups: 1 of 1 runs read from it';
  expect(daemon.control.waiting).toMatchObject([{ drill: 'orders', waitsFor: why }]);
  clearInterval(beating);
  await fake.store.finish(passedRun({ drill: 'billing' }));
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  await stop();
  const runs = await fake.store.findRuns({ limit: 10 });
  expect(runs.map(({ drill, verdict }) => `${drill} ${verdict}`).sort()).toEqual(['billing passed', 'orders passed']);
  expect(await fake.store.findSkips({ limit: 10 })).toEqual([]);
});
