import { medianSorted } from 'simple-statistics';
import type { Markup } from '../../support/html.ts';
import type { ReportMonth } from '../report-attainment.ts';
import type { Trend, TrendPoint } from '../report-trend.ts';
import { type Column, table } from './view.ts';
import { formatMs, formatSize } from './vocabulary.ts';

/** A drill's month in numbers: the content of a chart, for readers who cannot see it. */
export interface MonthNumbers {
  readonly label: string;
  readonly runs: number;
  readonly failed: number;
  readonly withoutVerdict: number;
  readonly middleMs: number | undefined;
  readonly slowestMs: number | undefined;
  readonly sizeBytes: number | undefined;
}

/** Numbers for the months in which it ran, oldest first. */
export function numbersByMonth(months: readonly ReportMonth[], { points }: Trend): readonly MonthNumbers[] {
  return months.flatMap((month) => {
    const own = points.filter(({ at }) => at >= month.from && at < month.to);
    return own.length === 0 ? [] : [numbersOf(month, own)];
  });
}

function numbersOf({ label }: ReportMonth, points: readonly TrendPoint[]): MonthNumbers {
  const sum = (value: (point: TrendPoint) => number) => points.reduce((total, point) => total + value(point), 0);
  const times = points.flatMap(({ recoveryTimeMs }) => recoveryTimeMs ?? []).toSorted((a, b) => a - b);
  const slowest = points.flatMap(({ slowestMs }) => slowestMs ?? []);
  return {
    label,
    runs: sum(({ runs }) => runs),
    failed: sum(({ failed }) => failed),
    withoutVerdict: sum(({ withoutVerdict }) => withoutVerdict),
    middleMs: times.length === 0 ? undefined : medianSorted(times),
    slowestMs: slowest.length === 0 ? undefined : Math.max(...slowest),
    sizeBytes: points.findLast(({ sizeBytes }) => sizeBytes !== undefined)?.sizeBytes,
  };
}

export function monthlyTable(months: readonly ReportMonth[], trend: Trend): Markup {
  return table(`${trend.drill} by month`, COLUMNS, numbersByMonth(months, trend));
}

const COLUMNS: readonly Column<MonthNumbers>[] = [
  { head: 'Month', cell: ({ label }) => label, isRowHead: true },
  { head: 'Runs', cell: ({ runs }) => runs, isNumber: true },
  { head: 'Failed', cell: ({ failed }) => failed, isNumber: true },
  { head: 'No verdict', cell: ({ withoutVerdict }) => withoutVerdict, isNumber: true },
  { head: 'Median recovery', cell: ({ middleMs }) => formatMs(middleMs), isNumber: true },
  { head: 'Recovery, slowest', cell: ({ slowestMs }) => formatMs(slowestMs), isNumber: true },
  { head: 'Backup, last', cell: ({ sizeBytes }) => formatSize(sizeBytes), isNumber: true },
];
