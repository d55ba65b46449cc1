import { errorFunction, median, medianAbsoluteDeviation, probit } from 'simple-statistics';

/** The median absolute deviation times this factor is the standard deviation of normally distributed values. */
const MAD_TO_SIGMA = 1.4826;

/** Sorts ascending; several times faster than with a compare function. */
export function sortNumbers(values: readonly number[]): number[] {
  return Array.from(Float64Array.from(values).sort());
}

/** A standard deviation that is robust against outliers. @returns 0 for no values. */
export function robustSigma(values: readonly number[]): number {
  return values.length === 0 ? 0 : MAD_TO_SIGMA * medianAbsoluteDeviation([...values]);
}

/**
 * Tests whether two samples come from the same distribution, using only ranks: Mann–Whitney U, two-sided, in the normal approximation with corrections for ties
 * and continuity (H. B. Mann, D. R. Whitney 1947, https://doi.org/10.1214/aoms/1177730491); valid from 8 values each.
 * @returns the p-value; 1 when all values are the same.
 */
export function mannWhitney(one: readonly number[], other: readonly number[]): number {
  const [xs, ys] = [Float64Array.from(one).sort(), Float64Array.from(other).sort()];
  let [x, y, ranks, ties] = [0, 0, 0, 0];
  while (x < xs.length || y < ys.length) {
    const value = Math.min(xs[x] ?? Number.POSITIVE_INFINITY, ys[y] ?? Number.POSITIVE_INFINITY);
    const before = x + y;
    const firstX = x;
    while (xs[x] === value) x += 1;
    while (ys[y] === value) y += 1;
    const tied = x + y - before;
    ranks += ((x - firstX) * (before + 1 + x + y)) / 2;
    ties += tied ** 3 - tied;
  }
  const [m, n, all] = [xs.length, ys.length, xs.length + ys.length];
  const u = ranks - (m * (m + 1)) / 2;
  const sigma = Math.sqrt(((m * n) / 12) * (all + 1 - ties / (all * (all - 1))));
  if (!(sigma > 0)) return 1;
  const z = Math.max(0, Math.abs(u - (m * n) / 2) - 0.5) / sigma;
  return Math.max(0, 1 - errorFunction(z / Math.SQRT2));
}

/**
 * Limits the false discovery rate of several tests: of those accepted, the expected share of false ones is at most `rate`. Y. Benjamini, Y. Hochberg 1995,
 * https://doi.org/10.1111/j.2517-6161.1995.tb02031.x.
 * @returns the largest accepted p-value; below 0 when none is.
 */
export function falseDiscoveryLimit(pValues: readonly number[], rate: number): number {
  const sorted = pValues.toSorted((a, b) => a - b);
  const last = sorted.findLastIndex((p, index) => p <= (rate * (index + 1)) / sorted.length);
  return sorted[last] ?? -1;
}

export interface Line {
  readonly slope: number;
  /** The confidence interval of the slope. */
  readonly low: number;
  readonly high: number;
  /** The line goes through this point, the middle of the data. */
  readonly x: number;
  readonly y: number;
}

/**
 * Fits a line that is robust even if a quarter of the values are outliers: the median of the slopes between all pairs, with an interval from Kendall's tau
 * (P. K. Sen 1968, https://doi.org/10.1080/01621459.1968.10480934). The time grows with the square of the number of points: pass about a hundred.
 * @returns undefined without two different x.
 */
export function fitLine(xs: readonly number[], ys: readonly number[], confidence: number): Line | undefined {
  const slopes = pairSlopes(xs, ys);
  if (slopes.length === 0) return undefined;
  const count = xs.length;
  const width = probit(0.5 + confidence / 2) * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18);
  const at = (rank: number) => slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(rank)))] ?? 0;
  const slope = (at(Math.floor((slopes.length - 1) / 2)) + at(Math.ceil((slopes.length - 1) / 2))) / 2;
  const x = median([...xs]);
  return {
    slope,
    low: at((slopes.length - width) / 2 - 1),
    high: at((slopes.length + width) / 2),
    x,
    y: median(ys.map((value, index) => value - slope * ((xs[index] ?? x) - x))),
  };
}

/** The slopes between all pairs, sorted. */
export function pairSlopes(xs: readonly number[], ys: readonly number[]): Float64Array {
  const slopes = new Float64Array((xs.length * (xs.length - 1)) / 2);
  let count = 0;
  for (let right = 1; right < xs.length; right += 1) {
    for (let left = 0; left < right; left += 1) {
      const run = (xs[right] ?? 0) - (xs[left] ?? 0);
      if (run === 0) continue;
      slopes[count] = ((ys[right] ?? 0) - (ys[left] ?? 0)) / run;
      count += 1;
    }
  }
  return slopes.subarray(0, count).sort();
}
