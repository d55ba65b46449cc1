import { costOf } from '../../src/record/month-budget.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { MonthBudget, Spending } from '../../src/record/schedule-store.ts';
import type { Money } from '../../src/support/reading.ts';
import { compare } from './compare.ts';

/** The cost of runs, in memory. */
export function createMemorySpending(runs: () => readonly RunRecord[]) {
  const costs = new Map<string, Money | undefined>();
  const expected = (drill: string) =>
    runs()
      .filter((run) => run.drill === drill && costs.get(run.id))
      .toSorted((a, b) => compare(b.startedAt, a.startedAt))
      .map(({ id }) => costs.get(id))[0];
  return {
    begin: (run: RunRecord) => void costs.set(run.id, expected(run.drill)),
    end: (run: RunRecord) => void costs.set(run.id, costOf(run)),
    read: ({ limit, from }: MonthBudget, drill: string | undefined): Spending => {
      const { currency } = limit;
      const amountOf = (cost: Money | undefined) => (cost?.currency === currency ? cost.amount : undefined);
      return {
        amount: runs()
          .filter(({ startedAt }) => startedAt >= from)
          .reduce((sum, { id }) => sum + (amountOf(costs.get(id)) ?? 0), 0),
        estimate: drill === undefined ? undefined : amountOf(expected(drill)),
      };
    },
  };
}

export type MemorySpending = ReturnType<typeof createMemorySpending>;
