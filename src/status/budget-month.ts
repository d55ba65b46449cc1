import { budgetFor, describeMonth, nameMonth } from '../record/month-budget.ts';
import type { ScheduleStore } from '../record/schedule-store.ts';
import type { Money } from '../support/reading.ts';

/** What the subject of alerts about the budget of the month begins with; no drill and no file has such a name. */
export const BUDGET_SUBJECT = 'budget:';

/** How the budget of a month stands. */
export interface BudgetMonth {
  /** `Nov 2026`. */
  readonly month: string;
  readonly from: Date;
  /** `budget of 200.00 USD for Nov 2026: 201.30 USD spent; 3 runs skipped`; undefined: runs are started. */
  readonly exceeded: string | undefined;
}

/** @returns undefined: there is no such budget. Throws what the store throws. */
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
