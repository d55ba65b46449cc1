import type { Drill, Objectives } from '../config/drill-file.ts';
import type { Acknowledgement } from '../record/acknowledgement-store.ts';
import type { HistoryEdges, RunEnding, RunFigures, RunTotals } from '../record/report-store.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { SkipRecord } from '../record/schedule-store.ts';
import type { Silence } from '../record/silence-store.ts';
import type { DrillStanding } from '../status/read-standings.ts';
import type { ReportFilter } from './report.ts';

/** The state of a current drill, as far as a report needs it. */
export type ReportStanding = Pick<
  DrillStanding,
  'standing' | 'isOverdue' | 'recovery' | 'proof' | 'races' | 'racedBy'
> & {
  /** Includes since when, if known. */
  readonly state?: DrillStanding['state'];
  /** Its skipped runs, newest first; only for a past period. */
  readonly skips?: readonly SkipRecord[];
  readonly drill: Pick<Drill, 'name' | 'owner' | 'tier' | 'schedule' | 'proveEveryMs'> & {
    readonly objectives: Pick<Objectives, 'rtoMs' | 'rpoMs'>;
  };
};

/** The fields of a current drill that are needed to summarize its runs. */
export type ReportDrill = Pick<Drill, 'name' | 'owner' | 'tier'> & { readonly objectives: Pick<Objectives, 'rtoMs'> };

export interface PeriodInput {
  readonly from: Date;
  /** Exclusive; may be later than `asOf`. */
  readonly to: Date;
  /** IANA time zone name. */
  readonly zone: string;
}

/** Everything that a report is made from. None of it depends on a clock. */
export interface ReportInput extends ReportRequest {
  /** Current drills. */
  readonly standings: readonly ReportStanding[];
  /** For every drill that has ever run and that the filter may include, in any order. */
  readonly histories: readonly DrillHistory[];
  /** At least the endings of the runs that `wantedEndings` names. */
  readonly endings: readonly RunEnding[];
  /** The runs that `wantedEvidence` names. */
  readonly evidence: readonly RunRecord[];
  /** Acknowledgements that were in effect at some time in the period. Default: none. */
  readonly acknowledgements?: readonly Acknowledgement[];
  /** The same for silences. */
  readonly silences?: readonly Silence[];
}

export interface ReportRequest {
  readonly asOf: Date;
  readonly period: PeriodInput;
  readonly filter?: ReportFilter;
  readonly options?: Partial<ReportOptions>;
}

export interface ReportOptions {
  /** The target share of runs that attain each objective, 0 to 1. */
  readonly targetShare: number;
  /** From this age on, a drill counts as failing for a long time. */
  readonly failingLongMs: number;
  /** Maximum number of runs shown as evidence; with more runs, a sample is shown. */
  readonly evidenceLimit: number;
  readonly pointsPerDrill: number;
}

export const DEFAULT_OPTIONS: ReportOptions = {
  targetShare: 0.95,
  failingLongMs: 3 * 86_400_000,
  evidenceLimit: 1000,
  pointsPerDrill: 120,
};

export interface DrillHistory {
  readonly drill: string;
  /** All facts of the period and some of the half year before its end, oldest first. */
  readonly facts: readonly RunFigures[];
  /** Recovery times of runs with a verdict in the previous period; a sample if there are very many. */
  readonly previousRecoveryMs: readonly number[];
  /** Totals of the previous period. */
  readonly previous: RunTotals;
  /** Edges of the period. */
  readonly edges: HistoryEdges;
}
