import type { StageName } from '../../support/vocabulary.ts';
import type { SlowRun, Step } from '../report-trend.ts';
import { timeAxis, valueAxis } from './axes.ts';
import type { ChartLabel } from './clean-svg.ts';
import { draw } from './draw.ts';
import { type Coord, Painting, type Shape } from './painting.ts';
import {
  type Frame,
  heightOf,
  makeFrame,
  type Point,
  type RecoverySpan,
  type RecoveryTrend,
} from './recovery-frame.ts';
import { bytesScale } from './scale.ts';
import { bandPath, barPath, crossPath, linePath, ringPath, trianglePath } from './shapes.ts';
import { intoSlots, type Slots } from './slots.ts';
import { paintTarget } from './target-line.ts';

/** The size of a chart, in CSS pixels, and what fits into it. */
export interface ChartLook {
  readonly width: number;
  /** The height of the part with the recovery times. */
  readonly timesHeight: number;
  /** The width of the labels on the left. */
  readonly left: number;
  /** Maximum number of ticks on the time axis. */
  readonly ticks: number;
  /** Maximum share of the width for the forecast; undefined: half. */
  readonly forecastShare: number | undefined;
}

const LOOK: ChartLook = { width: 760, timesHeight: 176, left: 68, ticks: 8, forecastShare: undefined };
const RIGHT = 16;
const TOP = 22;
const SIZE_HEIGHT = 44;

/** A chart, and the positions of its points. */
export interface DrawnTrend {
  readonly svg: string;
  /** The position of each point of the trend on the time axis, as a share of the width. */
  readonly positions: readonly number[];
}

/** Recovery time of each run, stacked by stage, against its target, with marks for failures and slow runs, the forecast, and the backup size below. */
export function drawRecoveryTrend(trend: RecoveryTrend, span: RecoverySpan, label: ChartLabel): string {
  return drawRecoveryChart(trend, span, label, LOOK).svg;
}

/** The same, in the given size. */
export function drawRecoveryChart(
  trend: RecoveryTrend,
  span: RecoverySpan,
  label: ChartLabel,
  look: ChartLook,
): DrawnTrend {
  const { width, timesHeight, left, ticks } = look;
  const sides = { left, right: RIGHT, outerBoundsMode: 'none' as const };
  const sizesTop = TOP + timesHeight + 28;
  const frame = makeFrame(trend, span, look.forecastShare);
  const size = bytesScale(Math.max(1, ...frame.points.map(({ sizeBytes }) => sizeBytes ?? 0)), 2);
  const painting = new Painting();
  const option = {
    grid: [
      { ...sides, top: TOP, height: timesHeight },
      { ...sides, top: sizesTop, height: SIZE_HEIGHT },
    ],
    xAxis: [timeAxis(0, frame.fromMs, frame.toMs, false, ticks), timeAxis(1, frame.fromMs, frame.toMs, true, ticks)],
    yAxis: [valueAxis(0, frame.scale), valueAxis(1, size)],
    series: [
      painting.series(0, (coord) => paintTimes(trend, frame, width - left - RIGHT, coord)),
      painting.series(1, (coord) => paintSizes(frame.points, coord)),
    ],
  };
  const svg = draw(option, { width, height: sizesTop + SIZE_HEIGHT + 30, painting }, label);
  const share = (ms: number) => (ms - frame.fromMs) / Math.max(1, frame.toMs - frame.fromMs);
  const positions = frame.points.map(({ startedMs }) => (left + share(startedMs) * (width - left - RIGHT)) / width);
  return { svg, positions };
}

function paintTimes(trend: RecoveryTrend, frame: Frame, widthPx: number, coord: Coord): Shape[] {
  const inSlots = intoSlots(frame.points, { ...frame.instants, widthPx, bucketMs: trend.bucketMs });
  const { barWidth } = inSlots;
  const slots = inSlots.slots.map(({ atMs, points }) => ({ atMs: frame.wall(new Date(atMs)), points }));
  return [
    ...paintChanges(trend.steps, frame, coord),
    ...paintBars(slots, trend.counts, barWidth, coord),
    ...paintForecast(frame.forecast, coord),
    ...paintTarget(frame, coord),
    ...paintMarks(slots, trend.slowRuns, frame.wall, coord),
  ];
}

function paintChanges(steps: readonly Step[], { wall, scale }: Frame, coord: Coord): Shape[] {
  return steps.flatMap(({ at }, index): Shape[] => {
    const [x, y] = coord([wall(at), scale.max]);
    return [
      { path: linePath([[x, y], coord([wall(at), 0])]), stroke: 'text', width: 1, dash: [2, 3] },
      { text: String(index + 1), at: [x, y - 3], align: 'center', fill: 'text' },
    ];
  });
}

type TimeSlots = Slots<Point>['slots'];

/** If several runs share a slot, draws the median run. */
function paintBars(slots: TimeSlots, counts: readonly StageName[], width: number, coord: Coord): Shape[] {
  const paths = new Map<StageName, string>();
  for (const { atMs, points } of slots) {
    const timed = points.filter(({ recoveryTimeMs }) => recoveryTimeMs !== undefined);
    const ordered = timed.toSorted((a, b) => heightOf(a) - heightOf(b));
    const { stagesMs = {} } = ordered[Math.floor(ordered.length / 2)] ?? {};
    let belowMs = 0;
    for (const name of counts) {
      const topMs = belowMs + (stagesMs[name] ?? 0);
      paths.set(name, (paths.get(name) ?? '') + barPath(coord([atMs, belowMs]), coord([atMs, topMs]), width));
      belowMs = topMs;
    }
  }
  return [...paths].map(([name, path]) => ({ path, fill: name }));
}

function paintForecast(forecast: Frame['forecast'], coord: Coord): Shape[] {
  if (forecast.length < 2) return [];
  const high = forecast.map(({ atMs, highMs }) => coord([atMs, highMs]));
  const low = forecast.map(({ atMs, lowMs }) => coord([atMs, lowMs]));
  const middle = forecast.map(({ atMs, expectedMs }) => coord([atMs, expectedMs]));
  return [
    { path: bandPath(high, low), fill: 'forecast', opacity: 0.2 },
    { path: linePath(middle), stroke: 'forecast', width: 2, dash: [5, 3] },
  ];
}

/** A cross for a failed run, a ring for one without a verdict, a triangle for one slower than usual. */
function paintMarks(slots: TimeSlots, slowRuns: readonly SlowRun[], wall: Frame['wall'], coord: Coord): Shape[] {
  const paths = { bad: '', slow: '', unknown: '' };
  for (const { atMs, points } of slots) {
    const failed = points.filter((point) => point.failed > 0);
    const marked = failed.length > 0 ? failed : points.filter((point) => point.withoutVerdict > 0);
    if (marked.length === 0) continue;
    const [x, y] = coord([atMs, Math.max(...marked.map(heightOf))]);
    if (failed.length > 0) paths.bad += crossPath([x, y - 8]);
    else paths.unknown += ringPath([x, y - 8]);
  }
  for (const { at, recoveryTimeMs } of slowRuns) {
    const [x, y] = coord([wall(at), recoveryTimeMs]);
    paths.slow += trianglePath([x, y - 8]);
  }
  return [
    { path: paths.unknown, stroke: 'unknown', width: 1.5 },
    { path: paths.slow, fill: 'slow' },
    { path: paths.bad, stroke: 'bad', width: 2.5 },
  ];
}

function paintSizes(points: readonly Point[], coord: Coord): Shape[] {
  const spots = points.flatMap(({ startedMs, sizeBytes }) =>
    sizeBytes === undefined ? [] : [coord([startedMs, sizeBytes])],
  );
  const [only] = spots;
  if (only && spots.length === 1)
    return [{ path: barPath([only[0], only[1] + 2], [only[0], only[1] - 2], 4), fill: 'size' }];
  return [{ path: linePath(spots), stroke: 'size', width: 1.5 }];
}
