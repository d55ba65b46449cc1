import { queryObjects } from 'node:v8';
import { expect, it, vi } from 'vitest';
import { DrillError } from '../../src/support/errors.ts';
import { storedBackup, useFakeTime } from '../run/fake-drill.ts';
import { drillOf, makeFakeDaemon, scheduleOf } from './fake-daemon.ts';

useFakeTime();

const HOUR_MS = 3_600_000;
/** Objects that come and go with a tick in progress. */
const SLACK = 5;

it('does not leak signals, promises or timers over many runs, polls and notifications', async () => {
  let loads = 0;
  const load = () => {
    loads += 1;
    if (loads % 5 === 0) throw new DrillError('engine-unreachable', 'the engine restarts'); // gets a retry
  };
  const drill = drillOf('orders', scheduleOf('*/3 * * * *', { onNewBackup: { pollMs: 60_000 } }));
  const made = makeFakeDaemon([{ ...drill, objectives: { ...drill.objectives, rpoMs: HOUR_MS } }], {
    hooks: { load },
    listed: () => [storedBackup(new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS))],
  });
  // Counting live objects collects garbage first.
  const count = () => ({ signals: Number(queryObjects(AbortSignal)), promises: Number(queryObjects(Promise)) });
  made.start();
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  const some = count();
  const timers = vi.getTimerCount();
  const runs = loads;
  await vi.advanceTimersByTimeAsync(4 * HOUR_MS);
  const many = count();
  expect(loads - runs).toBeGreaterThan(80);
  expect(many.signals - some.signals).toBeLessThan(SLACK);
  expect(many.promises - some.promises).toBeLessThan(SLACK);
  expect(vi.getTimerCount()).toBeLessThanOrEqual(timers);
  await made.stop();
  await vi.advanceTimersByTimeAsync(60_000); // deadlines of the last teardown, which do not keep the process alive
  expect(vi.getTimerCount()).toBe(0);
});
