import { fitLine } from '../report/statistics.ts';

export interface SizedTiming {
  readonly at: Date;
  readonly recoveryTimeMs: number;
  readonly dataBytes: number;
}

/** How recovery time grows with the data: a fixed part and one that is linear in size, fitted to recorded runs. */
export type Growth =
  | {
      readonly kind: 'line';
      /** What recovery would take with no data. */
      readonly fixedMs: number;
      readonly msPerByte: number;
      readonly largest: number;
      readonly runs: number;
    }
  | { readonly kind: 'needs-runs'; readonly runs: number }
  /** All runs had about as much data. */
  | { readonly kind: 'needs-sizes'; readonly percent: number; readonly bytes: number };

const MIN_RUNS = 2;
/** Sizes that differ by less say nothing about growth: runs of one size differ by as much. */
const SPREAD = 0.25;
/** Any value will do: the line's interval is not used. */
const CONFIDENCE = 0.9;

/** A robust line through the recoveries, constrained so that recovery never gets faster with more data, and never takes negative time. */
export function fitGrowth(timings: readonly SizedTiming[]): Growth {
  const [newest] = timings;
  if (!newest || timings.length < MIN_RUNS) return { kind: 'needs-runs', runs: MIN_RUNS - timings.length };
  const sizes = timings.map(({ dataBytes }) => dataBytes);
  const [smallest, largest] = [Math.min(...sizes), Math.max(...sizes)];
  const line =
    largest < smallest * (1 + SPREAD)
      ? undefined
      : fitLine(
          sizes,
          timings.map(({ recoveryTimeMs }) => recoveryTimeMs),
          CONFIDENCE,
        );
  if (!line) return { kind: 'needs-sizes', percent: SPREAD * 100, bytes: newest.dataBytes };
  const slope = Math.max(0, line.slope);
  const fixed = line.y - slope * line.x;
  if (fixed >= 0) return { kind: 'line', fixedMs: fixed, msPerByte: slope, largest, runs: timings.length };
  return { kind: 'line', fixedMs: 0, msPerByte: line.y / line.x, largest, runs: timings.length };
}
