import type { ReportDrill, ReportRequest } from './input.ts';
import { contextOf } from './make-report.ts';
import { type HistoryReader, readHistory } from './read-history.ts';
import type { ReportMonth, ReportPeriod, Trend } from './report.ts';
import { summarizeDrill } from './summarize-drill.ts';

/** What a report would say of how one drill's recovery went. */
export interface DrillTrend {
  readonly period: ReportPeriod;
  readonly madeAt: Date;
  readonly months: readonly ReportMonth[];
  readonly trend: Trend;
}

/**
 * The trend of one drill, for its page.
 * @param drillInForce undefined: the drill is not in force any more.
 * @returns undefined when it has not run in the period.
 */
export async function readTrend(
  store: HistoryReader,
  drill: string,
  drillInForce: ReportDrill | undefined,
  request: Pick<ReportRequest, 'asOf' | 'period'>,
): Promise<DrillTrend | undefined> {
  const context = contextOf(request);
  const { trend } = summarizeDrill(await readHistory(store, drill, context.period), drillInForce, context);
  return trend && { period: context.period, madeAt: request.asOf, months: context.months, trend };
}
