import { formatMoney, type Money } from '../support/reading.ts';
import type { RunRecord } from './run-record.ts';
import type { BudgetClaim, MonthBudget, MonthSpending, SkipRecord, Spending } from './schedule-store.ts';

/** @returns the budget for the month of that instant; undefined: none is set. */
export function budgetFor(limit: Money | undefined, now: Date): MonthBudget | undefined {
  return limit && { limit, from: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth())) };
}

/** Whether a run must not start: the budget is spent, or the run's expected cost would exceed it. */
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
 * The message about a month in which runs are not started because of the budget.
 * @returns undefined: budget is left, and no run was skipped.
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

/** @returns the cost of the run, including what its proof read; undefined: unknown. */
export function costOf({ reading }: Pick<RunRecord, 'reading'>): Money | undefined {
  const cost = reading?.actual?.cost;
  const proof = reading?.proof?.cost;
  return cost && { ...cost, amount: cost.amount + (proof?.currency === cost.currency ? proof.amount : 0) };
}

/** The record of a due run that is not started because of its budget. @param why the text of {@link describeBudget}. */
export function toBudgetSkip(drill: string, { dueAt }: BudgetClaim, why: string, recordedAt: Date): SkipRecord {
  return { drill, kind: 'budget', reason: `over the ${why}`, count: 1, first: dueAt, last: dueAt, recordedAt };
}
