import { type EndpointRate, endOfDays, falseAlertChance, isUnusualDay } from './request-rates.ts';
import { sumTrials, type Trials } from './usual-range.ts';

/** Consecutive days on which an operation of an endpoint failed more often than usual. */
export interface UnusualPeriod extends Trials {
  readonly endpoint: string;
  readonly operation: string;
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

const DAY_MS = 86_400_000;

/**
 * The periods of the last 30 days, newest first. Each day is compared with the days before it that are still on record, so the oldest ones have little to
 * compare with.
 */
export function findUnusualPeriods(rates: readonly EndpointRate[], now: Date): readonly UnusualPeriod[] {
  const chance = falseAlertChance(rates.reduce((sum, { operations }) => sum + operations.length, 0));
  return rates
    .flatMap(({ endpoint, operations }) =>
      operations.flatMap(({ operation, days }) =>
        runsOf(days.map((_, index) => isUnusualDay(days.slice(0, index + 1), chance))).map(({ first, last }) => ({
          endpoint,
          operation,
          from: endOf(first - 1, days.length, now),
          to: endOf(last, days.length, now),
          ...sumTrials(days.slice(first, last + 1)),
        })),
      ),
    )
    .toSorted((a, b) => b.to.getTime() - a.to.getTime() || b.errors - a.errors);
}

function endOf(index: number, count: number, now: Date): Date {
  return new Date(endOfDays(now).getTime() - (count - 1 - index) * DAY_MS);
}

/** The first and last index of each streak of `true`. */
function runsOf(flags: readonly boolean[]): { readonly first: number; readonly last: number }[] {
  const runs: { first: number; last: number }[] = [];
  for (const [index, isSet] of flags.entries()) {
    const open = runs.at(-1);
    if (isSet && open?.last === index - 1) open.last = index;
    else if (isSet) runs.push({ first: index, last: index });
  }
  return runs;
}
