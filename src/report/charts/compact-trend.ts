import { timeAxis, valueAxis } from './axes.ts';
import type { ChartLabel } from './clean-svg.ts';
import { draw } from './draw.ts';
import { type Coord, Painting, type Shape } from './painting.ts';
import { type Frame, heightOf, makeFrame, type RecoverySpan, type RecoveryTrend } from './recovery-frame.ts';
import { bandPath, barPath, crossPath, linePath, ringPath, trianglePath } from './shapes.ts';
import { intoSlots, type Slots } from './slots.ts';
import { paintTarget } from './target-line.ts';

/** Drawn at the size at which half a page shows it, so that its text stays legible. */
const WIDTH = 440;
const HEIGHT = 176;
const GRID = { left: 68, right: 10, top: 18, height: 130, outerBoundsMode: 'none' as const };
/** Maximum share of the width for the forecast: measurements matter more. */
const MAX_AHEAD = 0.15;

/** Recovery times by stage against their target, with failures and the forecast, for a report with a dozen such charts. */
export function drawCompactTrend(trend: RecoveryTrend, span: RecoverySpan, label: ChartLabel): string {
  const frame = cutAhead(makeFrame(trend, span), span);
  const painting = new Painting();
  const option = {
    grid: [GRID],
    xAxis: [timeAxis(0, frame.fromMs, frame.toMs, true)],
    yAxis: [valueAxis(0, frame.scale)],
    series: [painting.series(0, (coord) => paint(trend, frame, coord))],
  };
  return draw(option, { width: WIDTH, height: HEIGHT, painting }, label);
}

function cutAhead(frame: Frame, { fromMs, toMs, toWallMs }: RecoverySpan): Frame {
  const endMs = Math.min(frame.instants.toMs, toMs + ((toMs - fromMs) * MAX_AHEAD) / (1 - MAX_AHEAD));
  const wallEndMs = toWallMs(endMs);
  return {
    ...frame,
    toMs: wallEndMs,
    instants: { ...frame.instants, toMs: endMs },
    forecast: frame.forecast.filter(({ atMs }) => atMs <= wallEndMs),
  };
}

function paint(trend: RecoveryTrend, frame: Frame, coord: Coord): Shape[] {
  const widthPx = WIDTH - GRID.left - GRID.right;
  const { barWidth, slots } = intoSlots(frame.points, { ...frame.instants, widthPx, bucketMs: trend.bucketMs });
  const placed = slots.map(({ atMs, points }) => ({ atMs: frame.wall(new Date(atMs)), points }));
  return [
    ...trend.steps.map(({ at }): Shape => {
      const x = coord([frame.wall(at), 0])[0];
      return {
        path: linePath([
          [x, GRID.top],
          [x, GRID.top + GRID.height],
        ]),
        stroke: 'text',
        width: 1,
        dash: [2, 3],
      };
    }),
    ...paintBars(trend, placed, barWidth, coord),
    ...paintForecast(frame, coord),
    ...paintTarget(frame, coord),
    ...paintMarks(trend, frame, placed, coord),
  ];
}

type TimeSlots = Slots<Frame['points'][number]>['slots'];

function paintBars({ counts }: RecoveryTrend, slots: TimeSlots, width: number, coord: Coord): Shape[] {
  return counts.map((name, place): Shape => {
    const path = slots.map(({ atMs, points }) => {
      const timed = points.filter(({ recoveryTimeMs }) => recoveryTimeMs !== undefined);
      const { stagesMs = {} } = timed.toSorted((a, b) => heightOf(a) - heightOf(b))[Math.floor(timed.length / 2)] ?? {};
      const belowMs = counts.slice(0, place).reduce((sum, stage) => sum + (stagesMs[stage] ?? 0), 0);
      return barPath(coord([atMs, belowMs]), coord([atMs, belowMs + (stagesMs[name] ?? 0)]), width);
    });
    return { path: path.join(''), fill: name };
  });
}

function paintForecast({ forecast }: Frame, coord: Coord): Shape[] {
  if (forecast.length < 2) return [];
  const high = forecast.map(({ atMs, highMs }) => coord([atMs, highMs]));
  const low = forecast.map(({ atMs, lowMs }) => coord([atMs, lowMs]));
  return [
    { path: bandPath(high, low), fill: 'forecast', opacity: 0.2 },
    {
      path: linePath(forecast.map(({ atMs, expectedMs }) => coord([atMs, expectedMs]))),
      stroke: 'forecast',
      width: 1.5,
      dash: [4, 3],
    },
  ];
}

/** A cross for a failed run, a ring for one without a verdict, a triangle for one slower than usual. */
function paintMarks({ slowRuns }: RecoveryTrend, { wall }: Frame, slots: TimeSlots, coord: Coord): Shape[] {
  const paths = { bad: '', unknown: '' };
  for (const { atMs, points } of slots) {
    const failed = points.filter((point) => point.failed > 0);
    const marked = failed.length > 0 ? failed : points.filter((point) => point.withoutVerdict > 0);
    if (marked.length === 0) continue;
    const [x, y] = coord([atMs, Math.max(...marked.map(heightOf))]);
    if (failed.length > 0) paths.bad += crossPath([x, y - 6]);
    else paths.unknown += ringPath([x, y - 6]);
  }
  const slow = slowRuns.map(({ at, recoveryTimeMs }) => {
    const [x, y] = coord([wall(at), recoveryTimeMs]);
    return trianglePath([x, y - 6]);
  });
  return [
    { path: paths.unknown, stroke: 'unknown', width: 1.5 },
    { path: slow.join(''), fill: 'slow' },
    { path: paths.bad, stroke: 'bad', width: 2 },
  ];
}
