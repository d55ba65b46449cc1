import { expect, it, vi } from 'vitest';
import type { LiveChange } from '../../src/daemon/control.ts';
import { useFakeTime } from '../run/fake-drill.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { drillOf, makeFakeDaemon, scheduleOf } from './fake-daemon.ts';
import { makeFakeRunner } from './fake-runner.ts';

useFakeTime(); // starts at noon

const MINUTE_MS = 60_000;
const orders = drillOf('orders', scheduleOf('5 12 * * *'), { pool: 'eu' });

/** A scheduler, and a runner with a run in progress whose load continues until `held` resolves. */
async function startHeldRun() {
  const held = Promise.withResolvers<void>();
  const changes: LiveChange[] = [];
  const scheduler = makeFakeDaemon([orders], { onChange: (change) => changes.push(change) });
  const { store } = scheduler.fake;
  const runner = makeFakeRunner(store, [orders], { hooks: { load: () => held.promise } });
  scheduler.start();
  runner.start();
  await vi.advanceTimersByTimeAsync(5.1 * MINUTE_MS);
  const { control } = scheduler.daemon;
  const look = async () => {
    await vi.advanceTimersByTimeAsync(3000);
    await control.refreshRunning();
    return scheduler.daemon.control;
  };
  const stop = async () => {
    held.resolve();
    await scheduler.stop();
    await runner.stop();
  };
  return { store, scheduler, runner, changes, held, control, look, stop };
}

it('shows a runner’s run on the pages of a scheduler until it ends', async () => {
  const { store, scheduler, changes, held, look, stop } = await startHeldRun();
  const { running, waiting } = await look();
  expect(running).toMatchObject([
    {
      drill: 'orders',
      stage: { name: 'restore', startedAt: expect.any(Date) },
      triggeredBy: 'schedule (due at 21 Nov 2026, 12:05)',
      backup: { takenAt: new Date('2026-11-21T03:00:00.000Z') },
      rtoMs: expect.any(Number),
    },
  ]);
  expect(running[0]?.lastLines.at(-1)).toMatchObject({ level: 'info', at: expect.any(Date) });
  expect(waiting).toEqual([]);
  const runId = running[0]?.runId;
  expect(changes.filter((change) => change.runId === runId).map(({ kind }) => kind)).toEqual(['started']);
  held.resolve();
  expect((await look()).running).toEqual([]);
  expect(await store.findLive(new Date())).toEqual([]);
  expect(changes.filter((change) => change.runId === runId).at(-1)?.kind).toBe('ended');
  await vi.advanceTimersByTimeAsync(1000);
  expect(scheduler.told.at(-1)).toContain('orders passed');
  await stop();
});

it('cancels a runner’s run once, for a user of a scheduler', async () => {
  const { store, runner, look, control, stop } = await startHeldRun();
  const [run] = (await look()).running;
  const { runId = '' } = run ?? {};
  expect(await control.stop(runId, 'alice (web)')).toBe('accepted');
  await vi.advanceTimersByTimeAsync(5000);
  expect(await store.getRun(runId)).toMatchObject({ status: 'interrupted', canceledBy: 'alice (web)' });
  expect(await store.findCommands([runId])).toEqual([]);
  expect(await control.stop(runId, 'alice (web)')).toBe('ended');
  expect(runner.log.filter((line) => line === `warn: run ${runId}: canceled by alice (web)`)).toHaveLength(1);
  await stop();
});

it('keeps the sandbox of a runner’s run, shows it there, and removes it on request', async () => {
  const { store, held, look, control, stop } = await startHeldRun();
  const [run] = (await look()).running;
  const { runId = '' } = run ?? {};
  expect(await control.keep(runId, 30 * MINUTE_MS, 'alice (web)')).toBe('accepted');
  expect((await look()).running).toMatchObject([{ keepMs: 30 * MINUTE_MS }]);
  held.resolve();
  await vi.advanceTimersByTimeAsync(5000);
  expect((await look()).running).toMatchObject([{ runId, kept: { shellCommand: 'docker exec -it box-1 sh' } }]);
  expect(await store.getRun(runId)).toMatchObject({ verdict: 'passed' });
  expect(await control.keep(runId, MINUTE_MS, 'alice (web)')).toBe('ended');
  expect(await control.stop(runId, 'alice (web)')).toBe('accepted');
  await vi.advanceTimersByTimeAsync(5000);
  expect((await look()).running).toEqual([]);
  expect(await store.findLive(new Date())).toEqual([]);
  await stop();
});

it('saves no snapshot of a run that ends at once', async () => {
  const store = createMemoryStore();
  const saveLive = vi.spyOn(store, 'saveLive');
  const scheduler = makeFakeDaemon([orders], { on: store });
  const runner = makeFakeRunner(store, [orders]);
  scheduler.start();
  runner.start();
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS);
  expect(await store.findRuns({ limit: 9 })).toMatchObject([{ verdict: 'passed' }]);
  expect(saveLive).not.toHaveBeenCalled();
  await scheduler.stop();
  await runner.stop();
});

it('continues a run that cannot be shown, and says so once', async () => {
  const { store, runner, look, held, stop } = await startHeldRun();
  const [run] = (await look()).running;
  vi.spyOn(store, 'findCommands').mockRejectedValue(new Error('the server is down'));
  await vi.advanceTimersByTimeAsync(10_000);
  held.resolve();
  await vi.advanceTimersByTimeAsync(5000);
  expect(await store.getRun(run?.runId ?? '')).toMatchObject({ verdict: 'passed' });
  expect(runner.log.filter((line) => line.startsWith('warn: could not show runs'))).toHaveLength(1);
  await stop();
});
