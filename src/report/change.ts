import { medianSorted, quantileSorted } from 'simple-statistics';
import type { Change, Spread, Step } from './report.ts';
import { mannWhitney } from './statistics.ts';

/** The normal approximation of the test holds from here on. */
const LEAST_RUNS = 8;
/** Less than that is no news, however sure. */
const LEAST_CHANGE = 0.03;
/** Of the changes that are called more than noise, over all drills of a report, at most so many are not. */
export const FALSE_DISCOVERY_RATE = 0.05;

/**
 * How recovery times compare with those of the period before: their medians, and whether they differ by more than noise. That they do when a Mann–Whitney
 * test says so, which takes nothing for granted about how they are distributed, and when the medians differ by 3 % or more. Runs that follow each other
 * are alike, which makes the p-value rather too small: hence the second condition.
 * @param now and `before`: milliseconds, sorted.
 */
export function compareWithBefore(
  now: readonly number[],
  before: readonly number[],
  step: Step | undefined,
  previousLabel: string,
): Change {
  if (now.length < LEAST_RUNS || before.length < LEAST_RUNS) {
    const fewer = now.length < LEAST_RUNS ? `${now.length} in this period` : `${before.length} ${previousLabel}`;
    return { kind: 'unknown', sentence: `needs ${LEAST_RUNS} timed runs per period (has ${fewer})` };
  }
  const ratio = medianSorted(now) / medianSorted(before);
  const pValue = mannWhitney(now, before);
  const compared = { kind: 'compared', ratio, pValue, before: describeSpread(before), step } as const;
  return decideNoise({ ...compared, isMoreThanNoise: false, sentence: '' }, FALSE_DISCOVERY_RATE, previousLabel);
}

/** @param limit the largest p-value that holds, see `falseDiscoveryLimit`. */
export function decideNoise(change: Change, limit: number, previousLabel: string): Change {
  if (change.kind === 'unknown') return change;
  const isMoreThanNoise = change.pValue <= limit && Math.abs(change.ratio - 1) >= LEAST_CHANGE;
  const percent = Math.round(Math.abs(change.ratio - 1) * 100);
  const how = percent === 0 ? 'as fast as' : `${percent} % ${change.ratio > 1 ? 'slower' : 'faster'} than`;
  const noise = isMoreThanNoise ? '' : ', which may be noise';
  const why = change.step ? `; ${change.step.sentence}` : '';
  return { ...change, isMoreThanNoise, sentence: `${how} ${previousLabel}${percent === 0 ? '' : noise}${why}` };
}

/** @param sortedMs of recovery. */
export function describeSpread(sortedMs: readonly number[]): Spread {
  if (sortedMs.length === 0) return { count: 0, medianMs: undefined, p95Ms: undefined };
  return { count: sortedMs.length, medianMs: medianSorted(sortedMs), p95Ms: quantileSorted(sortedMs, 0.95) };
}
