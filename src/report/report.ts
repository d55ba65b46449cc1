import type { RunOutcome } from '../record/report-store.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { ErrorCode } from '../support/errors.ts';
import type { Reason, StageName } from '../support/vocabulary.ts';
import type { Control } from './control-map.ts';

/** The content of a report, whatever its format. Text from drills, backups and errors is printable but not escaped for any format. */
export interface Report {
  /** The instant as of which the report is made: ages are counted up to it. */
  readonly madeAt: Date;
  readonly period: ReportPeriod;
  readonly filter: ReportFilter;
  /** Current drills that the filter includes. */
  readonly drillCount: number;
  /** Runs that began in the period and have ended. */
  readonly runCount: number;
  readonly headline: Headline;
  readonly attainment: Attainment;
  /** Trends of drills with a run in the period; by tier, then name. */
  readonly trends: readonly Trend[];
  readonly coverage: Coverage;
  /** Open incidents first, each group newest first. */
  readonly incidents: readonly Incident[];
  readonly audit: Audit;
}

export interface ReportFilter {
  readonly tier?: number | undefined;
  readonly owner?: string | undefined;
}

export interface ReportPeriod {
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  /** IANA name of the time zone of all months, days and dates in the report. */
  readonly zone: string;
  /** `in the last 7 days`, `in October 2026`. */
  readonly label: string;
  /** The period that changes are compared with. */
  readonly previous: { readonly from: Date; readonly to: Date; readonly label: string };
}

export interface Headline {
  /** `14 of 17 databases were proven recoverable within target in the last 7 days; orders is 12 % slower than in August and will miss …`. */
  readonly text: string;
  /** Drills whose newest verdict in the period is a pass. */
  readonly provenCount: number;
  readonly tone: 'good' | 'warn' | 'bad';
  /** Every drill with something to report, worst first; the text contains the first few. */
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly drill: string;
  readonly tier: number | undefined;
  readonly kinds: readonly StatementKind[];
  /** `orders is 12 % slower than in August and will miss its 30-minute RTO around 9 March`. */
  readonly text: string;
}

export type StatementKind =
  | 'failing'
  | 'not-drilled'
  | 'never-drilled'
  | 'no-proof'
  | 'above-target'
  | 'will-miss'
  | 'slower';

/** 1: shares of runs, each measured against the objectives in effect when it began. */
export interface Attainment {
  /** The target share of runs, 0 to 1. */
  readonly targetShare: number;
  /** How the numbers are counted, as text. */
  readonly method: string;
  readonly months: readonly ReportMonth[];
  readonly all: AttainmentRow;
  /** By tier; drills without one last. */
  readonly tiers: readonly (AttainmentRow & { readonly tier: number | undefined })[];
  /** Oldest first. */
  readonly objectiveChanges: readonly ObjectiveChange[];
}

export interface ReportMonth {
  /** `2026-10` */
  readonly key: string;
  /** `October 2026` */
  readonly label: string;
  readonly from: Date;
  readonly to: Date;
  /** Whether the period contains only a part of the month. */
  readonly isPartial: boolean;
}

export interface AttainmentRow {
  readonly total: AttainmentCell;
  /** One for each month of the report, in the same order. */
  readonly months: readonly AttainmentCell[];
}

export interface AttainmentCell {
  readonly runs: number;
  /** All objectives together: the verdict. */
  readonly passed: Measure;
  readonly rto: Measure;
  /** Only of runs that had an RPO. */
  readonly rpo: Measure;
  readonly data: Measure;
  /** Runs without a verdict: neither attained nor missed. */
  readonly errored: number;
  readonly interrupted: number;
}

export interface Measure {
  readonly attained: number;
  readonly missed: number;
  /** 0 to 1; undefined when nothing was judged. */
  readonly share: number | undefined;
  readonly budget: ErrorBudget;
}

/** How many misses the target share allows for the number of runs judged. */
export interface ErrorBudget {
  /** May be a fraction when there were few runs. */
  readonly allowed: number;
  readonly spent: number;
  /** 1: unused; below 0: overspent; undefined: no run was judged, or no miss is allowed at all. */
  readonly remainingShare: number | undefined;
}

export interface ObjectiveChange {
  readonly drill: string;
  /** Start of the first run with the new objective. */
  readonly at: Date;
  readonly objective: 'rto' | 'rpo';
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

export interface Trend {
  readonly drill: string;
  readonly owner: string | undefined;
  readonly tier: number | undefined;
  /** The current RTO. */
  readonly rtoMs: number;
  /** The stages that are included in the recovery time, in order. */
  readonly counts: readonly StageName[];
  /** Oldest first; at most `ReportOptions.pointsPerDrill`. */
  readonly points: readonly TrendPoint[];
  /** The time span of each point; undefined: each is one run. */
  readonly bucketMs: number | undefined;
  readonly runs: number;
  /** Over the runs with a recovery time. */
  readonly recovery: Spread;
  readonly sizeBytes: { readonly first: number; readonly last: number } | undefined;
  /** Median of stored bytes divided by the duration of the restore stage. */
  readonly bytesPerSecond: number | undefined;
  /** The slowest of the runs that were slower than usual, oldest first. */
  readonly slowRuns: readonly SlowRun[];
  readonly slowRunCount: number;
  /** Changes of environment or level within the period. */
  readonly steps: readonly Step[];
  readonly change: Change;
  readonly forecast: Forecast;
}

export interface Spread {
  readonly count: number;
  readonly medianMs: number | undefined;
  readonly p95Ms: number | undefined;
}

/** One run; when the period has too many, the median run of those that a point stands for, so that its stages belong to one run. */
export interface TrendPoint {
  readonly at: Date;
  readonly runId: string;
  readonly recoveryTimeMs: number | undefined;
  /** The RTO at the time. */
  readonly rtoMs: number;
  /** Durations of the stages included in the recovery time. */
  readonly stagesMs: Readonly<Partial<Record<StageName, number>>>;
  readonly sizeBytes: number | undefined;
  /** The worst outcome of the runs that the point stands for. */
  readonly outcome: RunOutcome;
  readonly runs: number;
  readonly failed: number;
  readonly withoutVerdict: number;
  /** The longest recovery time of the runs that the point stands for. */
  readonly slowestMs: number | undefined;
}

export interface SlowRun {
  readonly runId: string;
  readonly at: Date;
  readonly recoveryTimeMs: number;
  readonly usualMs: number;
  readonly stage: StageName;
  /** `22 min, usually 15 min: restore took 6 min 30 s longer, at 81 MB/s instead of 120 MB/s`. */
  readonly sentence: string;
}

export interface Step {
  readonly at: Date;
  /** The first run after the step. */
  readonly runId: string;
  /** `environment`: image, server, host or runtime changed; `level`: recovery takes longer or shorter from here on, without a known reason. */
  readonly kind: 'environment' | 'level';
  /** `image postgres:16 → postgres:17`, `recovery 31 % longer`. */
  readonly sentence: string;
}

export type Change =
  | { readonly kind: 'unknown'; readonly sentence: string }
  | {
      readonly kind: 'compared';
      /** Current median divided by the previous one: 1.12 is 12 % slower. */
      readonly ratio: number;
      readonly pValue: number;
      readonly isMoreThanNoise: boolean;
      readonly before: Spread;
      /** A step between the two periods that explains the change. */
      readonly step: Step | undefined;
      readonly sentence: string;
    };

export type Forecast =
  | {
      readonly kind: 'refused';
      readonly why: 'too-few' | 'too-short' | 'too-scattered' | 'too-old' | 'not-counted';
      /** The step at which the series starts. */
      readonly step: Step | undefined;
      readonly sentence: string;
    }
  | {
      readonly kind: 'made';
      readonly rtoMs: number;
      readonly basis: ForecastBasis;
      /** Oldest first, starting at the newest run; the interval is the 90 % range. */
      readonly line: readonly ForecastPoint[];
      readonly crossing: Crossing;
      readonly step: Step | undefined;
      readonly sentence: string;
    };

export interface ForecastBasis {
  readonly runs: number;
  readonly from: Date;
  readonly to: Date;
  readonly sizeBytesPerDay: number;
  /** The 90 % confidence interval. */
  readonly sizeBytesPerDayInterval: readonly [low: number, high: number];
  readonly bytesPerSecond: number;
  /** Time in the counted stages other than `restore`. */
  readonly besideRestoreMs: number;
  /** Slowdown per day beyond what growth explains; 0 unless it is more than noise. */
  readonly driftMsPerDay: number;
}

export interface ForecastPoint {
  readonly at: Date;
  readonly expectedMs: number;
  readonly lowMs: number;
  readonly highMs: number;
}

export type Crossing =
  | { readonly kind: 'now' }
  /** `latest` is undefined when the fastest runs stay within the target up to the horizon. */
  | { readonly kind: 'expected'; readonly at: Date; readonly earliest: Date; readonly latest: Date | undefined }
  /** Only the slowest runs are expected to cross it. */
  | { readonly kind: 'possible'; readonly earliest: Date }
  | { readonly kind: 'none'; readonly until: Date };

export interface Coverage {
  readonly drillCount: number;
  /** Current drills without any gap. */
  readonly coveredCount: number;
  /** For a past period: current drills without evidence that they existed then. */
  readonly laterCount: number;
  /** For a past period: counted drills whose schedule at its end is not on record, so it is unknown whether they were overdue. */
  readonly scheduleUnknownCount: number;
  /** Worst first; a drill may have several. */
  readonly gaps: readonly CoverageGap[];
}

/**
 * Gaps in the evidence of a drill, worst first. `no-proof`: drilled, but no run gave a verdict; `not-drilled`: no run in the period;
 * `disabled`: a freeze is in effect; `not-scheduled`: runs only on demand; `retired`: there is a history, but the drill was removed.
 */
export const GAP_KINDS = [
  'never',
  'failing-long',
  'no-proof',
  'not-drilled',
  'overdue',
  'broken',
  'disabled',
  'not-scheduled',
  'retired',
] as const;
export type GapKind = (typeof GAP_KINDS)[number];

export interface CoverageGap {
  readonly kind: GapKind;
  readonly drill: string;
  readonly tier: number | undefined;
  readonly owner: string | undefined;
  /** undefined: ever since; for a freeze without a written start: unknown. */
  readonly since: Date | undefined;
  readonly ageMs: number | undefined;
  readonly sentence: string;
  readonly runId: string | undefined;
}

/** Consecutive runs. `failed`: up to the next pass, skipping runs without a verdict; `no-verdict`: up to the next verdict. */
export interface Incident {
  readonly kind: 'failed' | 'no-verdict';
  readonly drill: string;
  readonly tier: number | undefined;
  readonly owner: string | undefined;
  readonly reasons: readonly Reason[];
  readonly errorCodes: readonly ErrorCode[];
  /** The first and the last of its runs; the first may be from before the period. */
  readonly first: IncidentRun;
  readonly last: IncidentRun;
  /** Within the period. */
  readonly runs: number;
  /** The run that resolved it; undefined: it is still open. */
  readonly resolved: { readonly at: Date; readonly runId: string } | undefined;
  /** Until it was resolved, or until now. */
  readonly ageMs: number;
}

export interface IncidentRun {
  readonly runId: string;
  readonly at: Date;
  /** Why, as text. */
  readonly sentence: string;
}

/** How many of the runs that had a sandbox confirmed its removal. */
export interface TeardownCounts {
  readonly confirmed: number;
  /** Kept on purpose, for inspection. */
  readonly kept: number;
  readonly notConfirmed: number;
}

export interface Audit {
  /** The retention of records, as text. */
  readonly retention: string;
  readonly sampling: { readonly rule: string; readonly shown: number; readonly of: number };
  /** By drill, then oldest first. */
  readonly runs: readonly Evidence[];
  readonly teardown: TeardownCounts;
  readonly controls: readonly Control[];
}

/** A full run record except for its definition's text (the hash stands for it) and its lease. `host`: where it ran. */
export type Evidence = Omit<RunRecord, 'definition' | 'leaseOwner' | 'leaseExpiresAt'> & { readonly host: string };
