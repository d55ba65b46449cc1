/** Which points of a series are drawn where there is not room for all of them. */
export interface Slots<Point> {
  /** In CSS pixels. */
  readonly barWidth: number;
  /** Those with a point in it, in order. */
  readonly slots: readonly Slot<Point>[];
}

interface Slot<Point> {
  /** Where it is drawn: at the point itself where each has a slot of its own, else in the middle of the slot. */
  readonly atMs: number;
  readonly points: readonly Point[];
}

const WIDEST = 14;
const NARROWEST = 3;
/** Of the room of a slot, the bar takes this much. */
const SHARE = 0.7;

/**
 * Points that would be drawn over each other share a slot of time.
 * @param points oldest first.
 */
export function intoSlots<Point extends { readonly startedMs: number }>(
  points: readonly Point[],
  fromMs: number,
  toMs: number,
  widthPx: number,
): Slots<Point> {
  const pxPerMs = widthPx / Math.max(1, toMs - fromMs);
  const barWidth = Math.min(WIDEST, Math.max(NARROWEST, SHARE * usualGapMs(points) * pxPerMs));
  const slotMs = barWidth / SHARE / pxPerMs;
  const bySlot = Map.groupBy(points, ({ startedMs }) => Math.floor((startedMs - fromMs) / slotMs));
  const isCrowded = points.length > 1.2 * bySlot.size;
  const slots = [...bySlot].flatMap(([index, shared]) => {
    const [first] = shared;
    return first ? [{ atMs: isCrowded ? fromMs + (index + 0.5) * slotMs : first.startedMs, points: shared }] : [];
  });
  return { barWidth, slots };
}

/** The median, so that neither a pause nor a hectic hour decides. */
function usualGapMs(points: readonly { readonly startedMs: number }[]): number {
  const gaps = points.slice(1).map(({ startedMs }, index) => startedMs - (points[index]?.startedMs ?? startedMs));
  return gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? Number.POSITIVE_INFINITY;
}
