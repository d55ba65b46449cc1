import { sql, type Transaction } from 'kysely';
import type { Money } from '../../support/reading.ts';
import { costOf } from '../month-budget.ts';
import type { RunRecord } from '../run-record.ts';
import type { MonthBudget, MonthSpending, Spending } from '../schedule-store.ts';
import type { Schema } from './schema.ts';

type Trx = Transaction<Schema>;

/** While a run is in progress, its columns contain the expected cost. */
export function costColumns(cost: Money | undefined) {
  return { cost: cost?.amount ?? null, cost_currency: cost?.currency ?? null };
}

export function runCostColumns(run: RunRecord) {
  return costColumns(costOf(run));
}

/** @returns the cost of the drill's newest run with a recorded cost; undefined: none. */
export async function expectedCost(trx: Trx, drill: string): Promise<Money | undefined> {
  const row = await trx
    .selectFrom('run')
    .select(['cost', 'cost_currency'])
    .where('drill', '=', drill)
    .where('cost', 'is not', null)
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && row.cost !== null && row.cost_currency !== null
    ? { amount: row.cost, currency: row.cost_currency }
    : undefined;
}

/** @param expected cost of the run about to start. */
export async function readSpending(
  trx: Trx,
  { limit, from }: MonthBudget,
  expected: Money | undefined,
): Promise<Spending> {
  const { currency } = limit;
  const row = await trx
    .selectFrom('run')
    .select((eb) => eb.fn.sum('cost').as('amount'))
    .where('cost_currency', '=', currency)
    .where('started_at', '>=', from.toISOString())
    .where('cost', 'is not', null)
    .executeTakeFirst();
  return {
    amount: Number(row?.amount ?? 0),
    estimate: expected?.currency === currency ? expected.amount : undefined,
  };
}

/** @param drill whose run is about to start; undefined: none. */
export async function readMonth(trx: Trx, budget: MonthBudget, drill?: string): Promise<MonthSpending> {
  const spending = await readSpending(trx, budget, drill === undefined ? undefined : await expectedCost(trx, drill));
  const row = await trx
    .selectFrom('skip')
    .select((eb) => eb.fn.sum('count').as('skipped'))
    .where('recorded_at', '>=', budget.from.toISOString())
    .where('kind', '=', sql.lit('budget'))
    .executeTakeFirst();
  return { ...spending, skipped: Number(row?.skipped ?? 0) };
}
