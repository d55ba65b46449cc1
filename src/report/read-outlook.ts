import { sumUp, type Tally } from './attainment.ts';
import { DEFAULT_OPTIONS, type ReportDrill, type ReportRequest } from './input.ts';
import { contextOf } from './make-report.ts';
import { type HistoryReader, readHistory } from './read-history.ts';
import type { Measure } from './report-attainment.ts';
import { summarizeDrill } from './summarize-drill.ts';

/** What a list of drills shows about a drill, apart from its newest runs. */
export interface DrillOutlook {
  /** Counts of its runs in the period. */
  readonly tallies: readonly Tally[];
  /** When recovery is expected to exceed the RTO; undefined: it is not, or there is no forecast. */
  readonly breach: Breach | undefined;
}

export interface Breach {
  /** Undefined: it usually does already. */
  readonly at: Date | undefined;
  /** `will take longer than its target of 15 min around 12 Feb 2027 (between …)`. */
  readonly sentence: string;
}

/** Reads the outlook of one drill. Takes a few milliseconds. */
export async function readOutlook(
  store: HistoryReader,
  drill: string,
  currentDrill: ReportDrill,
  request: Pick<ReportRequest, 'asOf' | 'period'>,
): Promise<DrillOutlook> {
  const context = contextOf(request);
  const { tallies, trend } = summarizeDrill(await readHistory(store, drill, context.period), currentDrill, context);
  const forecast = trend?.forecast;
  if (forecast?.kind !== 'made') return { tallies, breach: undefined };
  const { crossing, sentence } = forecast;
  if (crossing.kind !== 'expected' && crossing.kind !== 'now') return { tallies, breach: undefined };
  return { tallies, breach: { at: crossing.kind === 'expected' ? crossing.at : undefined, sentence } };
}

/** How many runs of all drills met their objectives, compared with the default target of reports. */
export function sumOutlooks(outlooks: readonly DrillOutlook[]): Measure & { readonly targetShare: number } {
  const { targetShare } = DEFAULT_OPTIONS;
  const tallies = outlooks.flatMap((one) => one.tallies);
  return { ...sumUp(tallies, [], targetShare, []).all.total.passed, targetShare };
}
