import type { ChangeRange } from './change-range.ts';

/** Changes of this much or less are not judged, because of small numbers any change is a large share. */
export interface Slack {
  readonly down: number;
  readonly up: number;
}

export interface ChangeFinding {
  readonly isWithin: boolean;
  /** In the newest good run. */
  readonly before: number;
  /** The least and the most that is accepted. */
  readonly least: number;
  readonly most: number;
}

/** What is kept of a number in the good runs: added from the newest backup to the oldest, and as large after a thousand as after one. */
export class PastValues {
  /** In the newest good run. */
  readonly newest: number;
  peak: number;
  trough: number;
  /** The lowest share of an earlier value that a later one had: 1 where it never fell. */
  fall = 1;
  /** The highest share of an earlier value that a later one had: 1 where it never rose. */
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
 * Compares a number with those of the good runs. It may fall by the range's `low` further than it has fallen from its highest value between those runs,
 * and grow by `high` further than it has grown from its lowest: what grew steadily is held to its last value, and what rises and falls each week may go on
 * to do so. Falling to zero is a change of its own: it is accepted only where a good run has seen it. From zero, any growth is.
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
