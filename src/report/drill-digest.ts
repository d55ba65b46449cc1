import type { HistoryEdges, RunFact } from '../record/report-store.ts';
import type { Tally } from './attainment.ts';
import type { FoundIncident } from './incidents.ts';
import type { ReportOptions, ReportStanding } from './input.ts';
import type { ObjectiveChange, ReportMonth, ReportPeriod, TeardownCounts, Trend } from './report.ts';

export interface DigestContext {
  readonly asOf: Date;
  readonly period: ReportPeriod;
  readonly months: readonly ReportMonth[];
  readonly options: ReportOptions;
}

/** All that a report says of a drill's runs, so that the runs themselves need not be kept: a report over a million of them takes little memory. */
export interface HistoryDigest {
  readonly drill: string;
  readonly tier: number | undefined;
  readonly owner: string | undefined;
  readonly runs: number;
  /** The newest run in the period that has a verdict. */
  readonly lastVerdict: RunFact | undefined;
  readonly edges: HistoryEdges;
  readonly tallies: readonly Tally[];
  readonly objectiveChanges: readonly ObjectiveChange[];
  readonly trend: Trend | undefined;
  readonly incidents: readonly FoundIncident[];
  /** Runs to show as evidence: each one, where there are not too many, and a sample, what matters most first. */
  readonly evidence: { readonly all: readonly string[] | undefined; readonly sample: readonly string[] };
  readonly teardown: TeardownCounts;
}

export interface DrillDigest extends HistoryDigest {
  /** undefined: the drill is not in force any more. */
  readonly standing: ReportStanding | undefined;
}
