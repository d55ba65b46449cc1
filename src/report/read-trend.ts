import { digestDrill } from './digest.ts';
import type { ReportRequest, ReportStanding } from './input.ts';
import { contextOf } from './make-report.ts';
import { type ReportReader, readHistory } from './read-report.ts';
import type { ReportMonth, ReportPeriod, Trend } from './report.ts';

/** What a report would say of how one drill's recovery went. */
export interface DrillTrend {
  readonly period: ReportPeriod;
  readonly madeAt: Date;
  readonly months: readonly ReportMonth[];
  readonly trend: Trend;
}

/**
 * The trend of one drill, for its page.
 * @param standing undefined: the drill is not in force any more.
 * @returns undefined when it has not run in the period.
 */
export async function readTrend(
  store: Pick<ReportReader, 'findFacts' | 'findRecoveryTimes' | 'getEdges'>,
  drill: string,
  standing: ReportStanding | undefined,
  request: Pick<ReportRequest, 'asOf' | 'period'>,
): Promise<DrillTrend | undefined> {
  const context = contextOf(request);
  const { trend } = digestDrill(await readHistory(store, drill, context.period), standing, context);
  return trend && { period: context.period, madeAt: request.asOf, months: context.months, trend };
}
