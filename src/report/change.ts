import { medianSorted, quantileSorted } from 'simple-statistics';
import type { Change, Spread, Step } from './report-trend.ts';
import { mannWhitney } from './statistics.ts';

/** The normal approximation of the test is valid from this many runs. */
const MIN_RUNS = 8;
/** A smaller change is not reported, however significant. */
const MIN_CHANGE = 0.03;
/** The maximum expected share of false positives among the significant changes of all drills in a report. */
export const FALSE_DISCOVERY_RATE = 0.05;

/**
 * Compares recovery times with those of the previous period: the medians, and whether the difference is more than noise. It is if a Mann–Whitney test is
 * significant, which assumes nothing about the distribution, and the medians differ by 3 % or more. Consecutive runs are correlated, which makes the p-value
 * somewhat too small: hence the second condition.
 * @param now and `before`: milliseconds, sorted.
 */
export function compareWithBefore(
  now: readonly number[],
  before: readonly number[],
  step: Step | undefined,
  previousLabel: string,
): Change {
  if (now.length < MIN_RUNS || before.length < MIN_RUNS) {
    const fewer = now.length < MIN_RUNS ? `${now.length} in this period` : `${before.length} ${previousLabel}`;
    return { kind: 'unknown', sentence: `needs ${MIN_RUNS} timed runs per period (has ${fewer})` };
  }
  const ratio = medianSorted(now) / medianSorted(before);
  const pValue = mannWhitney(now, before);
  const compared = { kind: 'compared', ratio, pValue, before: describeSpread(before), step } as const;
  return decideNoise({ ...compared, isMoreThanNoise: false, sentence: '' }, FALSE_DISCOVERY_RATE, previousLabel);
}

/** @param limit the largest p-value that counts as significant, see `falseDiscoveryLimit`. */
export function decideNoise(change: Change, limit: number, previousLabel: string): Change {
  if (change.kind === 'unknown') return change;
  const isMoreThanNoise = change.pValue <= limit && Math.abs(change.ratio - 1) >= MIN_CHANGE;
  const percent = Math.round(Math.abs(change.ratio - 1) * 100);
  const how = percent === 0 ? 'as fast as' : `${percent} % ${change.ratio > 1 ? 'slower' : 'faster'} than`;
  const noise = isMoreThanNoise ? '' : ', which may be noise';
  const why = change.step ? `; ${change.step.sentence}` : '';
  return { ...change, isMoreThanNoise, sentence: `${how} ${previousLabel}${percent === 0 ? '' : noise}${why}` };
}

/** @param sortedMs recovery times in milliseconds, sorted. */
export function describeSpread(sortedMs: readonly number[]): Spread {
  if (sortedMs.length === 0) return { count: 0, medianMs: undefined, p95Ms: undefined };
  return { count: sortedMs.length, medianMs: medianSorted(sortedMs), p95Ms: quantileSorted(sortedMs, 0.95) };
}
