import type { HistoryEdges, RunFigures, RunTotals } from '../record/report-store.ts';
import type { Tally } from './attainment.ts';
import type { FoundIncident } from './incidents.ts';
import type { ReportOptions, ReportStanding } from './input.ts';
import type { ReportPeriod, TeardownCounts } from './report.ts';
import type { ObjectiveChange, ReportMonth } from './report-attainment.ts';
import type { Trend } from './report-trend.ts';

export interface DigestContext {
  readonly asOf: Date;
  readonly period: ReportPeriod;
  readonly months: readonly ReportMonth[];
  readonly options: ReportOptions;
}

/** Everything that a report needs about a drill's runs. The runs themselves need not stay in memory, so a report over a million of them takes little. */
export interface HistoryDigest {
  readonly drill: string;
  readonly tier: number | undefined;
  readonly owner: string | undefined;
  readonly runs: number;
  /** The newest run in the period with a verdict. */
  readonly lastVerdict: RunFigures | undefined;
  readonly edges: HistoryEdges;
  /** Totals of the previous period. */
  readonly previous: RunTotals;
  readonly tallies: readonly Tally[];
  readonly objectiveChanges: readonly ObjectiveChange[];
  readonly trend: Trend | undefined;
  readonly incidents: readonly FoundIncident[];
  /** Runs to show as evidence: all of them, unless there are too many, and a sample, most important first. */
  readonly evidence: { readonly all: readonly string[] | undefined; readonly sample: readonly string[] };
  readonly teardown: TeardownCounts;
}

export interface DrillDigest extends HistoryDigest {
  /** Undefined: the drill was removed. */
  readonly standing: ReportStanding | undefined;
}
