import type { AttainmentCell, AttainmentRow, Measure, ReportMonth } from '../report-attainment.ts';
import { valueAxis } from './axes.ts';
import type { ChartLabel } from './clean-svg.ts';
import { draw } from './draw.ts';
import { Painting, type Shape } from './painting.ts';
import { type ChartColour, colour } from './palette.ts';
import { linePath } from './shapes.ts';

const WIDTH = 760;
const HEIGHT = 190;
const GRID = { left: 52, right: 16, top: 14, height: 140, outerBoundsMode: 'none' as const };
const PERCENT = { max: 1, interval: 0.25, format: (share: number) => `${Math.round(share * 100)} %` };

/** The measures shown for each month, with their colours. */
export const ATTAINED: readonly { readonly key: MeasureKey; readonly label: string; readonly colour: ChartColour }[] = [
  { key: 'rto', label: 'within RTO', colour: 'restore' },
  { key: 'rpo', label: 'within RPO', colour: 'size' },
  { key: 'data', label: 'right data', colour: 'verify' },
];
type MeasureKey = {
  [Key in keyof AttainmentCell]: AttainmentCell[Key] extends Measure ? Key : never;
}[keyof AttainmentCell];

/** Bars from zero for each month's share of runs, and a line for the target share. A month in which no run was judged has no bar. */
export function drawAttainment(
  row: AttainmentRow,
  months: readonly ReportMonth[],
  targetShare: number,
  label: ChartLabel,
): string {
  const painting = new Painting();
  const option = {
    grid: [GRID],
    xAxis: [{ type: 'category' as const, data: months.map(shortName), ...CATEGORY_STYLE }],
    yAxis: [valueAxis(0, PERCENT)],
    series: [
      ...ATTAINED.map(({ key, colour: name }) => ({
        type: 'bar' as const,
        silent: true,
        barMaxWidth: 26,
        barGap: '10%',
        itemStyle: { color: colour(name) },
        data: row.months.map((cell) => cell[key].share ?? '-'),
      })),
      painting.series(0, (coord): Shape[] => {
        const y = coord([0, targetShare])[1];
        return [
          {
            path: linePath([
              [GRID.left, y],
              [WIDTH - GRID.right, y],
            ]),
            stroke: 'target',
            width: 1.5,
            dash: [6, 3],
          },
        ];
      }),
    ],
  };
  return draw(option, { width: WIDTH, height: HEIGHT, painting }, label);
}

const CATEGORY_STYLE = {
  axisLine: { lineStyle: { color: colour('text') } },
  axisTick: { show: false },
  axisLabel: { color: colour('text'), fontSize: 11, hideOverlap: true },
};

/** `Oct 2026`; the table beside the chart marks partial months. */
function shortName({ label }: ReportMonth): string {
  const [month = '', year = ''] = label.split(' ');
  return `${month.slice(0, 3)} ${year}`;
}
