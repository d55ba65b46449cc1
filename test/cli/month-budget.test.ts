import { expect, it } from 'vitest';
import { checkMonthBudget } from '../../src/cli/month-budget.ts';
import { expectCode } from '../support/expect-code.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { NOON, passedRun, runningRun } from '../support/run-records.ts';
import { memoryIo } from './memory-io.ts';

const DRILL = { name: 'orders', place: { file: 'drills/orders.yaml', checkLines: [] } };

it('refuses a manual run that would exceed the monthly budget unless that is allowed, and says so', async () => {
  await using store = createMemoryStore();
  await store.claim(runningRun());
  await store.finish(passedRun()); // 4.34 USD
  const io = memoryIo('/srv');
  const tools = { io, clock: { now: () => NOON, monotonicMs: () => 0 } as never };
  const check = (amount: number, isAllowed: boolean) => {
    const limits = { runs: [], rates: [], costPerMonth: { amount, currency: 'USD' } };
    return checkMonthBudget(tools, { limits }, store, { drill: DRILL, isAllowed });
  };
  await check(9, false);
  expect(io.err()).toBe('');
  const error = await expectCode('budget-exceeded', () => check(8, false));
  expect(error).toMatchObject({ hint: expect.stringContaining('`firedrill run drills/orders.yaml --over-budget`') });
  await check(8, true);
  expect(io.err()).toBe('orders: over the budget of 8.00 USD for Nov 2026: 4.34 USD spent, this run about 4.34 USD\n');
});
