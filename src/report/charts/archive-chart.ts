import { formatDuration } from '../../support/quantities.ts';
import type { Trend } from '../report-trend.ts';
import { timeAxis, valueAxis } from './axes.ts';
import type { ChartLabel } from './clean-svg.ts';
import { draw } from './draw.ts';
import { type Coord, Painting, type Shape } from './painting.ts';
import type { ChartColour } from './palette.ts';
import type { RecoverySpan } from './recovery-frame.ts';
import { durationScale } from './scale.ts';
import { linePath, ringPath, type Spot, stairPath } from './shapes.ts';

const WIDTH = 760;
const HEIGHT = 130;
const GRID = { left: 68, right: 16, top: 18, height: 84, outerBoundsMode: 'none' as const };

/** An RPO this many times higher than everything else would flatten the lines, so it is shown as text instead. */
const FLAT = 4;

type ArchiveTrend = Pick<Trend, 'points'>;

/** The age of the newest archived log file and of the newest commit in it when each run started, against the RPO. */
export function drawArchiveLag({ points }: ArchiveTrend, span: RecoverySpan, label: ChartLabel): string {
  const shown = points
    .filter(({ archiveLagMs }) => archiveLagMs !== undefined)
    .map((point) => ({ ...point, wallMs: span.toWallMs(point.at.getTime()) }));
  const highest = Math.max(1, ...shown.flatMap(({ archiveLagMs = 0, dataLossMs = 0 }) => [archiveLagMs, dataLossMs]));
  const rpoMs = shown.at(-1)?.rpoMs;
  const isTargetShown = rpoMs !== undefined && rpoMs <= FLAT * highest;
  const scale = durationScale(1.08 * Math.max(highest, isTargetShown ? rpoMs : 0), 3);
  const [fromMs, toMs] = [span.toWallMs(span.fromMs), span.toWallMs(span.toMs)];
  const painting = new Painting();
  const paint = (coord: Coord): Shape[] => {
    const spots = (value: (point: (typeof shown)[number]) => number | undefined): Spot[] =>
      shown.flatMap((point) => {
        const ms = value(point);
        return ms === undefined ? [] : [coord([point.wallMs, ms])];
      });
    return [
      ...paintLine(
        spots(({ archiveLagMs }) => archiveLagMs),
        'size',
      ),
      ...paintLine(
        spots(({ dataLossMs }) => dataLossMs),
        'restore',
      ),
      ...paintTarget(),
    ];

    function paintTarget(): Shape[] {
      if (rpoMs === undefined) return [];
      const write = (text: string, ms: number): Shape => {
        const [x, y] = coord([toMs, ms]);
        return { text, at: [x, y - 3], align: 'right', fill: 'target' };
      };
      const words = `RPO ${formatDuration(rpoMs)}`;
      if (!isTargetShown) return [write(`${words}, far above`, scale.max)];
      const own = shown.map(({ wallMs, rpoMs: then = rpoMs }) => coord([wallMs, Math.min(then, scale.max)]));
      const path = stairPath([...own, coord([toMs, rpoMs])]);
      return [{ path, stroke: 'target', width: 1.5, dash: [6, 3] }, write(words, rpoMs)];
    }
  };
  const option = {
    grid: [GRID],
    xAxis: [timeAxis(0, fromMs, toMs, true)],
    yAxis: [valueAxis(0, scale)],
    series: [painting.series(0, paint)],
  };
  return draw(option, { width: WIDTH, height: HEIGHT, painting }, label);
}

function paintLine(spots: readonly Spot[], stroke: ChartColour): Shape[] {
  const [only] = spots;
  if (only && spots.length === 1) return [{ path: ringPath(only), stroke, width: 1.5 }];
  return [{ path: linePath(spots), stroke, width: 1.5 }];
}
