import type { ChangeRange } from './change-range.ts';

/** A number as a good run found it. */
export interface PastValue {
  /** When the backup was taken. */
  readonly takenAt: Date;
  readonly value: number;
}

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

/**
 * Compares a number with those of the good runs whose backups were taken within `sinceMs` before the newest of them. It may fall by the range's
 * `low` further than it has fallen from its highest value between those runs, and grow by `high` further than it has grown from its lowest: what grew
 * steadily is held to its last value, and what rises and falls each week may go on to do so. Falling to zero is a change of its own: it is
 * accepted only where a good run has seen it. From zero, any growth is.
 * @param past newest backup first, not empty.
 */
export function judgeChange(
  value: number,
  past: readonly PastValue[],
  { low, high }: ChangeRange,
  { sinceMs, slack }: { readonly sinceMs: number; readonly slack: Slack },
): ChangeFinding | undefined {
  const [newest] = past;
  if (!newest) return undefined;
  const window = past.filter(({ takenAt }) => takenAt.getTime() >= newest.takenAt.getTime() - sinceMs);
  const { peak, trough, fall, rise } = extremes(window.map((one) => one.value).toReversed());
  const before = newest.value;
  const least = Math.max(0, Math.min(peak * fall * (1 + low), before - slack.down));
  const most = trough === 0 ? Number.POSITIVE_INFINITY : Math.max(trough * rise * (1 + high), before + slack.up);
  const isEmptied = value === 0 && before > 0 && fall > 0;
  return { isWithin: value >= least && value <= most && !isEmptied, before, least, most };
}

/** @param values oldest first. `fall` is the lowest share of an earlier value that one had, `rise` the highest. */
function extremes(values: readonly number[]) {
  const [first = 0] = values;
  let peak = first;
  let trough = first;
  let fall = 1;
  let rise = 1;
  for (const value of values) {
    peak = Math.max(peak, value);
    trough = Math.min(trough, value);
    if (peak > 0) fall = Math.min(fall, value / peak);
    if (trough > 0) rise = Math.max(rise, value / trough);
  }
  return { peak, trough, fall, rise };
}
