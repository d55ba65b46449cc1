import { expect, it, vi } from 'vitest';
import { useFakeTime } from '../run/fake-drill.ts';
import { passedRun, runningRun } from '../support/run-records.ts';
import { drillOf, makeFakeDaemon, scheduleOf } from './fake-daemon.ts';

useFakeTime(); // starts at noon, 21 November 2026

const MINUTE_MS = 60_000;
const LIMITS = { runs: [], rates: [], costPerMonth: { amount: 8, currency: 'USD' } };

it('skips due runs once the monthly budget is spent, says so once, and resumes with the next month', async () => {
  const drills = [
    drillOf('orders', scheduleOf('5 12 21,30 11 *'), { race: ['billing'] }),
    drillOf('billing', undefined),
    drillOf('shop', scheduleOf('0 1 1 12 *')),
  ];
  const { fake, daemon, log, told, start, stop } = makeFakeDaemon(drills, { limits: LIMITS });
  const { store } = fake;
  for (const drill of ['orders', 'billing']) {
    await store.claim(runningRun({ id: drill, drill }));
    await store.finish(passedRun({ id: drill, drill })); // 4.34 USD each
  }
  start();
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  const why = 'over the budget of 8.00 USD for Nov 2026: 8.68 USD spent, this run about 4.34 USD';
  expect(await store.findSkips({ limit: 9 })).toMatchObject([{ drill: 'orders', kind: 'budget', reason: why }]);
  expect(log.filter((line) => /budget/.test(line))).toEqual([`warn: orders: a run skipped (budget): ${why}`]);
  expect(daemon.facts.budgetExceeded).toBe('budget of 8.00 USD for Nov 2026: 8.68 USD spent; 1 run skipped');
  expect(told.at(-1)).toContain('budget:month errored');
  expect(daemon.control.runNow('billing', 'alice')).toBe('queued');
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(await store.findSkips({ limit: 1 })).toMatchObject([{ drill: 'billing', kind: 'budget' }]);
  expect(daemon.control.waiting).toEqual([]);
  expect(daemon.control.runNow('billing', 'alice', true)).toBe('queued');
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(await store.findRuns({ drill: 'billing', limit: 1 })).toMatchObject([
    { status: 'completed', triggeredBy: 'by hand (alice, over budget)' },
  ]);
  vi.setSystemTime(new Date('2026-12-01T00:59:30.000Z'));
  await vi.advanceTimersByTimeAsync(3 * MINUTE_MS);
  expect(told.at(-1)).toContain('budget:month passed');
  await stop();
  const runs = await store.findRuns({ limit: 9, since: new Date('2026-12-01T00:00:00.000Z') });
  expect(runs.map(({ drill }) => drill)).toContain('shop');
});

it('keeps a retry that would exceed the budget waiting, and says what it waits for', async () => {
  const { fake, daemon, start, stop } = makeFakeDaemon([drillOf('orders', scheduleOf('0 3 * * *'))], {
    limits: LIMITS,
  });
  const { store } = fake;
  await store.claim(runningRun({ id: 'shop', drill: 'shop' }));
  await store.finish(passedRun({ id: 'shop', drill: 'shop', reading: readingOf(9) }));
  const trigger = { kind: 'schedule', dueAt: new Date(Date.now() - MINUTE_MS), attempt: 1 } as const;
  const errored = { status: 'errored', verdict: undefined, retryable: true, trigger, reading: undefined } as const;
  await store.claim(runningRun({ id: 'a', trigger }));
  await store.finish(passedRun({ id: 'a', ...errored, endedAt: new Date() }));
  start();
  await vi.advanceTimersByTimeAsync(5 * MINUTE_MS);
  const waitsFor = 'for the budget of 8.00 USD for Nov 2026: 9.00 USD spent';
  expect(daemon.control.waiting).toMatchObject([{ drill: 'orders', waitsFor }]);
  await stop();
  expect(await store.findSkips({ limit: 9 })).toEqual([]);
});

function readingOf(amount: number) {
  const read = { bytes: 1, requests: undefined, cost: { amount, currency: 'USD' } };
  return { planned: read, actual: read };
}
