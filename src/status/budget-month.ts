import { budgetFor, describeMonth, nameMonth } from '../record/month-budget.ts';
import type { ScheduleStore } from '../record/schedule-store.ts';
import type { Money } from '../support/reading.ts';

/** Prefix of the alert subjects for the month's budget; no drill or file has such a name. */
export const BUDGET_SUBJECT = 'budget:';

/** State of a month's budget. */
export interface BudgetMonth {
  /** `Nov 2026`. */
  readonly month: string;
  readonly from: Date;
  /** `budget of 200.00 USD for Nov 2026: 201.30 USD spent; 3 runs skipped`; undefined: not exceeded, so runs are started. */
  readonly exceeded: string | undefined;
}

/** @returns undefined if there is no such budget. Throws what the store throws. */
export async function readBudgetMonth(
  store: Pick<ScheduleStore, 'getSpending'>,
  limit: Money | undefined,
  now: Date,
): Promise<BudgetMonth | undefined> {
  const budget = budgetFor(limit, now);
  if (!budget) return undefined;
  const { from } = budget;
  return { month: nameMonth(from), from, exceeded: describeMonth(budget, await store.getSpending(budget)) };
}
