import type { Drill, Objectives } from '../config/drill-file.ts';
import type { HistoryEdges, RunEnding, RunFact } from '../record/report-store.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { DrillStanding } from '../status/read-standings.ts';
import type { ReportFilter } from './report.ts';

/** How a drill in force stands, as far as a report needs it. */
export type ReportStanding = Pick<DrillStanding, 'standing' | 'isOverdue'> & {
  /** Tells since when it is known. */
  readonly state?: DrillStanding['state'];
  readonly drill: Pick<Drill, 'name' | 'owner' | 'tier' | 'schedule'> & {
    readonly objectives: Pick<Objectives, 'rtoMs' | 'rpoMs'>;
  };
};

/** What is needed of a drill in force to make something of its runs. */
export type ReportDrill = Pick<Drill, 'name' | 'owner' | 'tier'> & { readonly objectives: Pick<Objectives, 'rtoMs'> };

export interface PeriodInput {
  readonly from: Date;
  /** Exclusive; may lie ahead of `asOf`. */
  readonly to: Date;
  /** IANA name. */
  readonly zone: string;
}

/** What a report is made of. Nothing in it depends on a clock. */
export interface ReportInput extends ReportRequest {
  /** Drills in force. */
  readonly standings: readonly ReportStanding[];
  /** Of every drill that ever ran and that the filter may let through, in any order. */
  readonly histories: readonly DrillHistory[];
  /** At least of the runs that `wantedEndings` names. */
  readonly endings: readonly RunEnding[];
  /** The runs that `wantedEvidence` names. */
  readonly evidence: readonly RunRecord[];
}

export interface ReportRequest {
  readonly asOf: Date;
  readonly period: PeriodInput;
  readonly filter?: ReportFilter;
  readonly options?: Partial<ReportOptions>;
}

export interface ReportOptions {
  /** The share of runs that is to attain each objective, 0 to 1. */
  readonly targetShare: number;
  /** A drill that has failed for so long fails for long. */
  readonly failingLongMs: number;
  /** So many runs are shown as evidence; of more, a sample. */
  readonly evidenceLimit: number;
  readonly pointsPerDrill: number;
  /** So many drills are named in the first sentence. */
  readonly statementLimit: number;
}

export const DEFAULT_OPTIONS: ReportOptions = {
  targetShare: 0.95,
  failingLongMs: 3 * 86_400_000,
  evidenceLimit: 1000,
  pointsPerDrill: 120,
  statementLimit: 4,
};

export interface DrillHistory {
  readonly drill: string;
  /** Of the period all, of half a year before its end some, oldest first. */
  readonly facts: readonly RunFact[];
  /** Of runs with a verdict in the previous period; of very many, a share. */
  readonly previousRecoveryMs: readonly number[];
  /** Of the period. */
  readonly edges: HistoryEdges;
}
