/** The points of a series to draw when there is not enough room for all of them. */
export interface Slots<Point> {
  /** In CSS pixels. */
  readonly barWidth: number;
  /** Non-empty slots, in order. */
  readonly slots: readonly Slot<Point>[];
}

interface Slot<Point> {
  /** Where the slot is drawn. */
  readonly atMs: number;
  readonly points: readonly Point[];
}

interface Dated {
  readonly at: Date;
}

export interface SlotSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly widthPx: number;
  /** The time span that each point represents, counted from `fromMs`; undefined: a single run. */
  readonly bucketMs: number | undefined;
}

const WIDEST = 14;
const NARROWEST = 3;
/** The bar's share of the width of a slot. */
const SHARE = 0.7;

/**
 * Groups points that would overlap into slots. Points that stand for time buckets are drawn in the middle of whole buckets, because slots of another
 * width would leave gaps in a continuous series. Single runs are drawn where they are.
 * @param points oldest first.
 */
export function intoSlots<Point extends Dated>(points: readonly Point[], span: SlotSpan): Slots<Point> {
  return span.bucketMs === undefined ? ofRuns(points, span) : ofBuckets(points, span, span.bucketMs);
}

function ofBuckets<Point extends Dated>(points: readonly Point[], span: SlotSpan, bucketMs: number): Slots<Point> {
  const { fromMs } = span;
  const pxPerMs = pxPerMsOf(span);
  const slotMs = bucketMs * Math.max(1, Math.ceil(NARROWEST / SHARE / (bucketMs * pxPerMs)));
  const bySlot = Map.groupBy(points, ({ at }) => Math.floor((at.getTime() - fromMs) / slotMs));
  return {
    barWidth: barWidthOf(slotMs * pxPerMs),
    slots: Array.from(bySlot, ([index, shared]) => ({ atMs: fromMs + (index + 0.5) * slotMs, points: shared })),
  };
}

function ofRuns<Point extends Dated>(points: readonly Point[], span: SlotSpan): Slots<Point> {
  const pxPerMs = pxPerMsOf(span);
  const gapPx = usualGapMs(points) * pxPerMs;
  const barWidth = barWidthOf(gapPx);
  const groups: Point[][] = [];
  for (const point of points) {
    const group = groups.at(-1);
    const sinceMs = group?.[0] ? point.at.getTime() - group[0].at.getTime() : Number.POSITIVE_INFINITY;
    // Half of the previous bar stays visible.
    if (group && sinceMs * pxPerMs < barWidth / 2) group.push(point);
    else groups.push([point]);
  }
  return {
    barWidth,
    slots: groups.flatMap((shared) => (shared[0] ? [{ atMs: shared[0].at.getTime(), points: shared }] : [])),
  };
}

function pxPerMsOf({ fromMs, toMs, widthPx }: SlotSpan): number {
  return widthPx / Math.max(1, toMs - fromMs);
}

function barWidthOf(roomPx: number): number {
  return Math.min(WIDEST, Math.max(NARROWEST, SHARE * roomPx));
}

/** The median gap, so that neither a pause nor a burst of runs skews it. */
function usualGapMs(points: readonly Dated[]): number {
  const gaps = points.slice(1).map(({ at }, index) => at.getTime() - (points[index]?.at ?? at).getTime());
  return gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? Number.POSITIVE_INFINITY;
}
