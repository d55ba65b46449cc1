import type { ReportDrill, ReportRequest } from './input.ts';
import { contextOf } from './make-report.ts';
import { type HistoryReader, readHistory } from './read-history.ts';
import type { ReportPeriod } from './report.ts';
import type { ReportMonth } from './report-attainment.ts';
import type { Trend } from './report-trend.ts';
import { summarizeDrill } from './summarize-drill.ts';

/** A report's trend section for one drill. */
export interface DrillTrend {
  readonly period: ReportPeriod;
  readonly madeAt: Date;
  readonly months: readonly ReportMonth[];
  readonly trend: Trend;
}

/**
 * Reads the trend of one drill, for its page.
 * @param currentDrill undefined: the drill was removed.
 * @returns undefined when it has not run in the period.
 */
export async function readTrend(
  store: HistoryReader,
  drill: string,
  currentDrill: ReportDrill | undefined,
  request: Pick<ReportRequest, 'asOf' | 'period'>,
): Promise<DrillTrend | undefined> {
  const context = contextOf(request);
  const { trend } = summarizeDrill(await readHistory(store, drill, context.period), currentDrill, context);
  return trend && { period: context.period, madeAt: request.asOf, months: context.months, trend };
}
