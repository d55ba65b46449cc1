import type { ChangeRange } from './change-range.ts';

/** Changes up to this much are ignored, because any change of a small number is a large share of it. */
export interface Slack {
  readonly down: number;
  readonly up: number;
}

export interface ChangeFinding {
  readonly isWithin: boolean;
  /** The value in the newest good run. */
  readonly before: number;
  /** The smallest and the largest accepted value. */
  readonly least: number;
  readonly most: number;
}

/** Summary of a number in the good runs: updated from the newest backup to the oldest, in constant memory. */
export class PastValues {
  /** The value in the newest good run. */
  readonly newest: number;
  peak: number;
  trough: number;
  /** Smallest ratio of a later value to an earlier one: 1 if it never fell. */
  fall = 1;
  /** Largest ratio of a later value to an earlier one: 1 if it never rose. */
  rise = 1;

  constructor(newest: number) {
    this.newest = newest;
    this.peak = newest;
    this.trough = newest;
  }

  addOlder(value: number): void {
    if (value > 0) {
      this.fall = Math.min(this.fall, this.trough / value);
      this.rise = Math.max(this.rise, this.peak / value);
    }
    this.peak = Math.max(this.peak, value);
    this.trough = Math.min(this.trough, value);
  }
}

/**
 * Compares a number with those of the good runs. It may fall by the range's `low` further than it has ever fallen from a peak in those runs, and grow by `high`
 * further than it has ever grown from a low: a value that grew steadily is compared with its last value, and one that rises and falls every week may continue
 * to do so. A fall to zero is special: it is accepted only if a good run has seen it. Any growth from zero is accepted.
 * @returns undefined without a good run.
 */
export function judgeChange(
  value: number,
  past: PastValues | undefined,
  { low, high }: ChangeRange,
  slack: Slack,
): ChangeFinding | undefined {
  if (!past) return undefined;
  const { newest: before, peak, trough, fall, rise } = past;
  const least = Math.max(0, Math.min(peak * fall * (1 + low), before - slack.down));
  const most = trough === 0 ? Number.POSITIVE_INFINITY : Math.max(trough * rise * (1 + high), before + slack.up);
  const isEmptied = value === 0 && before > 0 && fall > 0;
  return { isWithin: value >= least && value <= most && !isEmptied, before, least, most };
}
