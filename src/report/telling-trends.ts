import type { Report } from './report.ts';
import type { Trend } from './report-trend.ts';

/** More charts would not be read; every drill is in the table on the first page. */
export const MAX_TRENDS = 12;

/** The rule of {@link mostTelling}, as text. */
export const TELLING_RULE =
  'failing drills first, then those that miss or will miss their RTO, then those that are slower by more than noise, then those with the least headroom';

/** The most informative trends, in the order of the rule. */
export function mostTelling({ trends, drills }: Pick<Report, 'trends' | 'drills'>, most: number): readonly Trend[] {
  const rows = new Map(drills.map((row) => [row.drill, row]));
  const rank = (trend: Trend) => {
    if (rows.get(trend.drill)?.result === 'failing') return 0;
    if (trend.forecast.kind === 'made' && ['now', 'expected'].includes(trend.forecast.crossing.kind)) return 1;
    return trend.change.kind === 'compared' && trend.change.isMoreThanNoise && trend.change.ratio > 1 ? 2 : 3;
  };
  const headroom = ({ drill }: Trend) => rows.get(drill)?.headroom ?? Number.POSITIVE_INFINITY;
  const closer = (a: Trend, b: Trend) => (headroom(a) === headroom(b) ? 0 : headroom(a) - headroom(b));
  return trends
    .filter(({ recovery }) => recovery.count > 0)
    .toSorted((a, b) => rank(a) - rank(b) || closer(a, b) || (a.drill < b.drill ? -1 : 1))
    .slice(0, most);
}
