import type { AttainmentRow, Measure, ReportMonth } from '../report-attainment.ts';
import { valueAxis } from './axes.ts';
import type { ChartLabel } from './clean-svg.ts';
import { draw } from './draw.ts';
import { type Coord, Painting, type Shape } from './painting.ts';
import { colour } from './palette.ts';
import { linePath, ringPath } from './shapes.ts';

/** One panel: all drills, or those of a tier. */
export interface AttainmentPanel {
  readonly name: string;
  readonly row: AttainmentRow;
}

const WIDTH = 760;
const HEIGHT = 168;
const LEFT = 46;
const GAP = 18;
const TOP = 26;
const PLOT = 112;
const STEP = 0.2;
const USUAL_MIN = 0.8;

/** Where the axis begins: at 80 %, or lower if a month is below that. Lines and dots are drawn, because bars that do not start at zero would mislead. */
export function axisStart(panels: readonly AttainmentPanel[]): number {
  const shares = panels.flatMap(({ row }) => row.months.flatMap(({ passed }) => passed.share ?? []));
  const lowest = Math.min(1, ...shares);
  return Math.min(USUAL_MIN, Math.floor(lowest / STEP + 1e-9) * STEP);
}

/** For each panel, the share of each month's runs that met all objectives, against the target share. A month without a verdict has no dot. */
export function drawAttainment(
  panels: readonly AttainmentPanel[],
  months: readonly ReportMonth[],
  targetShare: number,
  label: ChartLabel,
): string {
  const min = axisStart(panels);
  const painting = new Painting();
  const width = (WIDTH - LEFT - GAP * panels.length) / panels.length;
  const scale = { max: 1, interval: STEP / 2 >= (1 - min) / 4 ? STEP / 2 : STEP, format: formatPercent };
  const option = {
    grid: panels.map((_, index) => ({
      left: LEFT + index * (width + GAP),
      top: TOP,
      width,
      height: PLOT,
      outerBoundsMode: 'none' as const,
    })),
    xAxis: panels.map((_, index) => ({
      type: 'category' as const,
      gridIndex: index,
      data: months.map(({ label: month }) => shortName(month, months.length)),
      ...CATEGORY_STYLE,
    })),
    yAxis: panels.map((_, index) => {
      const axis = valueAxis(index, scale);
      return { ...axis, min, axisLabel: { ...axis.axisLabel, show: index === 0 } };
    }),
    series: panels.map(({ name, row }, index) =>
      painting.series(index, (coord) =>
        paintPanel(name, row, { targetShare, min, count: months.length, width }, coord),
      ),
    ),
  };
  return draw(option, { width: WIDTH, height: HEIGHT, painting }, label);
}

interface Frame {
  readonly targetShare: number;
  readonly min: number;
  readonly count: number;
  readonly width: number;
}

function paintPanel(name: string, { months }: AttainmentRow, frame: Frame, coord: Coord): Shape[] {
  const [centre, top] = coord([0, 1]);
  const half = frame.width / frame.count / 2;
  const left = centre - half;
  const right = left + frame.width;
  const y = coord([0, Math.max(frame.min, frame.targetShare)])[1];
  const judged = months.flatMap(({ passed }, index) => (passed.share === undefined ? [] : [{ index, passed }]));
  const spots = judged.map(({ index, passed }) => coord([index, passed.share ?? 0]));
  const isMissed = ({ share = 0 }: Measure) => share < frame.targetShare;
  const dots = (missed: boolean) =>
    judged
      .filter(({ passed }) => isMissed(passed) === missed)
      .map(({ index, passed }) => {
        const [x, middle] = coord([index, passed.share ?? 0]);
        return ringPath([x, middle]);
      })
      .join('');
  return [
    { text: name, at: [(left + right) / 2, top - 8], align: 'center', fill: 'text' },
    {
      path: linePath([
        [left, y],
        [right, y],
      ]),
      stroke: 'target',
      width: 1.5,
      dash: [6, 3],
    },
    { path: linePath(spots), stroke: 'restore', width: 1.5 },
    { path: dots(false), fill: 'restore' },
    { path: dots(true), fill: 'bad' },
  ];
}

const CATEGORY_STYLE = {
  axisLine: { lineStyle: { color: colour('text') } },
  axisTick: { show: false },
  axisLabel: { color: colour('text'), fontSize: 11, hideOverlap: true },
};

function formatPercent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** `Oct`; `Oct 26` if more than a year of months is shown. */
function shortName(label: string, count: number): string {
  const [month = '', year = ''] = label.split(' ');
  return count > 12 ? `${month.slice(0, 3)} ${year.slice(2)}` : month.slice(0, 3);
}
