import { formatMoney, type Money } from '../support/reading.ts';
import type { RunRecord } from './run-record.ts';
import type { BudgetClaim, MonthBudget, MonthSpending, SkipRecord, Spending } from './schedule-store.ts';

/** @returns the budget for the month of that instant; undefined: there is none. */
export function budgetFor(limit: Money | undefined, now: Date): MonthBudget | undefined {
  return limit && { limit, from: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth())) };
}

/** Whether a run must not start: the budget is spent, or would be passed by what it is expected to cost. */
export function exceeds({ limit }: MonthBudget, { amount, estimate = 0 }: Spending): boolean {
  return amount >= limit.amount || amount + estimate > limit.amount;
}

/** `budget of 200.00 USD for Nov 2026: 198.20 USD spent, this run about 4.34 USD`. */
export function describeBudget({ limit, from }: MonthBudget, { amount, estimate }: Spending): string {
  const money = (sum: number) => formatMoney({ ...limit, amount: sum });
  const run = estimate === undefined ? '' : `, this run about ${money(estimate)}`;
  return `budget of ${formatMoney(limit)} for ${nameMonth(from)}: ${money(amount)} spent${run}`;
}

/**
 * What people are told of a month in which runs are not started for the budget.
 * @returns undefined: there is something left, and none was skipped.
 */
export function describeMonth(budget: MonthBudget, { amount, skipped }: MonthSpending): string | undefined {
  if (skipped === 0 && amount < budget.limit.amount) return undefined;
  const runs = skipped === 0 ? 'no run was skipped so far' : `${skipped} ${skipped === 1 ? 'run' : 'runs'} skipped`;
  return `${describeBudget(budget, { amount, estimate: undefined })}; ${runs}`;
}

/** `Nov 2026`. */
export function nameMonth(from: Date): string {
  return from.toLocaleDateString('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' });
}

/** @returns what the run has cost, with what its proof read; undefined: not known. */
export function costOf({ reading }: Pick<RunRecord, 'reading'>): Money | undefined {
  const cost = reading?.actual?.cost;
  const proof = reading?.proof?.cost;
  return cost && { ...cost, amount: cost.amount + (proof?.currency === cost.currency ? proof.amount : 0) };
}

/** The record of a due run that is not started for its budget. @param why as {@link describeBudget} says it. */
export function toBudgetSkip(drill: string, { dueAt }: BudgetClaim, why: string, recordedAt: Date): SkipRecord {
  return { drill, kind: 'budget', reason: `over the ${why}`, count: 1, first: dueAt, last: dueAt, recordedAt };
}
