import type { RunOutcome } from '../record/report-store.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { ErrorCode } from '../support/errors.ts';
import type { Reason, StageName } from '../support/vocabulary.ts';
import type { Control } from './control-map.ts';

/** What a report says, whatever it is rendered as. Texts that came from drills, backups and errors are printable, and not escaped for any format. */
export interface Report {
  /** The instant as of which it speaks: ages count to here. */
  readonly madeAt: Date;
  readonly period: ReportPeriod;
  readonly filter: ReportFilter;
  /** Drills in force that the filter lets through. */
  readonly drillCount: number;
  /** Runs that began in the period and have ended. */
  readonly runCount: number;
  readonly headline: Headline;
  readonly attainment: Attainment;
  /** Of drills with a run in the period; by tier, then name. */
  readonly trends: readonly Trend[];
  readonly coverage: Coverage;
  /** Newest first; open ones before the others. */
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
  /** IANA name: months, days and dates of the report are meant in it. */
  readonly zone: string;
  /** `in the last 7 days`, `in October 2026`. */
  readonly label: string;
  /** What changes are counted against. */
  readonly previous: { readonly from: Date; readonly to: Date; readonly label: string };
}

export interface Headline {
  /** `14 of 17 databases were proven recoverable within target in the last 7 days; orders is 12 % slower than in August and will miss …`. */
  readonly text: string;
  /** Drills whose newest verdict in the period is a pass. */
  readonly provenCount: number;
  readonly tone: 'good' | 'warn' | 'bad';
  /** Every drill that there is something to say of, worst first; the text holds the first few. */
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

/** 1: shares of runs, each held to the objectives that were in force when it began. */
export interface Attainment {
  /** The share of runs that is wanted, 0 to 1. */
  readonly targetShare: number;
  /** What is counted how, in words. */
  readonly method: string;
  readonly months: readonly ReportMonth[];
  readonly all: AttainmentRow;
  /** By tier; those without one last. */
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
  /** The period holds only a part of it. */
  readonly isPartial: boolean;
}

export interface AttainmentRow {
  readonly total: AttainmentCell;
  /** One for each month of the report, in its order. */
  readonly months: readonly AttainmentCell[];
}

export interface AttainmentCell {
  readonly runs: number;
  /** All of it: the verdict. */
  readonly passed: Measure;
  readonly rto: Measure;
  /** Of runs that had an RPO. */
  readonly rpo: Measure;
  readonly data: Measure;
  /** Without a verdict: neither attained nor missed. */
  readonly errored: number;
  readonly interrupted: number;
}

export interface Measure {
  readonly attained: number;
  readonly missed: number;
  /** 0 to 1; undefined: nothing was judged. */
  readonly share: number | undefined;
  readonly budget: ErrorBudget;
}

/** How many misses the target share allows for as many runs as were judged. */
export interface ErrorBudget {
  /** A fraction where there were few runs. */
  readonly allowed: number;
  readonly spent: number;
  /** 1: untouched; below 0: overspent; undefined: no run was judged, or no miss is allowed at all. */
  readonly remainingShare: number | undefined;
}

export interface ObjectiveChange {
  readonly drill: string;
  /** Start of the first run with the new one. */
  readonly at: Date;
  readonly objective: 'rto' | 'rpo';
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

export interface Trend {
  readonly drill: string;
  readonly owner: string | undefined;
  readonly tier: number | undefined;
  /** In force now. */
  readonly rtoMs: number;
  /** The stages that recovery time adds up, in order. */
  readonly counts: readonly StageName[];
  /** Oldest first; at most `ReportOptions.pointsPerDrill`. */
  readonly points: readonly TrendPoint[];
  /** How long each point stands for; undefined: each is one run. */
  readonly bucketMs: number | undefined;
  readonly runs: number;
  /** Of the runs with a recovery time. */
  readonly recovery: Spread;
  readonly sizeBytes: { readonly first: number; readonly last: number } | undefined;
  /** Median of stored bytes over the restore stage. */
  readonly bytesPerSecond: number | undefined;
  /** The slowest of those that were slower than usual, oldest first. */
  readonly slowRuns: readonly SlowRun[];
  readonly slowRunCount: number;
  /** Where the series was broken, within the period. */
  readonly steps: readonly Step[];
  readonly change: Change;
  readonly forecast: Forecast;
}

export interface Spread {
  readonly count: number;
  readonly medianMs: number | undefined;
  readonly p95Ms: number | undefined;
}

/** One run; where the period has too many, the middle one of those that a point stands for, so that its stages belong together. */
export interface TrendPoint {
  readonly at: Date;
  readonly runId: string;
  readonly recoveryTimeMs: number | undefined;
  /** In force then. */
  readonly rtoMs: number;
  /** Of the counted stages. */
  readonly stagesMs: Readonly<Partial<Record<StageName, number>>>;
  readonly sizeBytes: number | undefined;
  /** The worst of those it stands for. */
  readonly outcome: RunOutcome;
  readonly runs: number;
  readonly failed: number;
  readonly withoutVerdict: number;
  /** The longest recovery time of those it stands for. */
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
  /** The first run after it. */
  readonly runId: string;
  /** `environment`: image, server, host or runtime changed; `level`: recovery takes longer or shorter from here on, and nobody said why. */
  readonly kind: 'environment' | 'level';
  /** `image postgres:16 → postgres:17`, `recovery 31 % longer`. */
  readonly sentence: string;
}

export type Change =
  | { readonly kind: 'unknown'; readonly sentence: string }
  | {
      readonly kind: 'compared';
      /** Median now to median before: 1.12 is 12 % slower. */
      readonly ratio: number;
      readonly pValue: number;
      readonly isMoreThanNoise: boolean;
      readonly before: Spread;
      /** A step lies between, and explains what changed. */
      readonly step: Step | undefined;
      readonly sentence: string;
    };

export type Forecast =
  | {
      readonly kind: 'refused';
      readonly why: 'too-few' | 'too-short' | 'too-scattered' | 'too-old' | 'not-counted';
      /** The series was begun anew by it. */
      readonly step: Step | undefined;
      readonly sentence: string;
    }
  | {
      readonly kind: 'made';
      readonly rtoMs: number;
      readonly basis: ForecastBasis;
      /** Oldest first, from the newest run on; the interval is the 90 % range. */
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
  /** With 90 % confidence. */
  readonly sizeBytesPerDayInterval: readonly [low: number, high: number];
  readonly bytesPerSecond: number;
  /** What the counted stages besides `restore` take. */
  readonly besideRestoreMs: number;
  /** What recovery takes longer each day beyond the growth; 0 unless it is more than noise. */
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
  /** `latest` is undefined where the fastest runs stay within the target as far as is looked. */
  | { readonly kind: 'expected'; readonly at: Date; readonly earliest: Date; readonly latest: Date | undefined }
  /** Only the slowest runs will cross it. */
  | { readonly kind: 'possible'; readonly earliest: Date }
  | { readonly kind: 'none'; readonly until: Date };

export interface Coverage {
  readonly drillCount: number;
  /** Drills in force without any gap. */
  readonly coveredCount: number;
  /** Of a period that is over: drills in force now that nothing shows to have been there then. */
  readonly laterCount: number;
  /** Of a period that is over: drills counted whose schedule at its end is not on record, so that nobody can tell whether they were overdue. */
  readonly scheduleUnknownCount: number;
  /** Worst first; a drill may have several. */
  readonly gaps: readonly CoverageGap[];
}

/**
 * What is wrong with the evidence of a drill, worst first. `no-proof`: drilled, and no run gave a verdict; `not-drilled`: not in the period;
 * `disabled`: a freeze holds; `not-scheduled`: only when somebody asks; `retired`: there is a history, and no drill any more.
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
  /** undefined: ever since; of a freeze whose beginning is not written: not known. */
  readonly since: Date | undefined;
  readonly ageMs: number | undefined;
  readonly sentence: string;
  readonly runId: string | undefined;
}

/** Runs in a row. `failed`: up to the next pass, whatever had no verdict in between; `no-verdict`: up to the next verdict. */
export interface Incident {
  readonly kind: 'failed' | 'no-verdict';
  readonly drill: string;
  readonly tier: number | undefined;
  readonly owner: string | undefined;
  readonly reasons: readonly Reason[];
  readonly errorCodes: readonly ErrorCode[];
  /** The first and the last of its runs; the first may have begun before the period. */
  readonly first: IncidentRun;
  readonly last: IncidentRun;
  /** Within the period. */
  readonly runs: number;
  /** The run that ended it; undefined: it goes on. */
  readonly resolved: { readonly at: Date; readonly runId: string } | undefined;
  /** Up to the resolution, or until now. */
  readonly ageMs: number;
}

export interface IncidentRun {
  readonly runId: string;
  readonly at: Date;
  /** Why, in words. */
  readonly sentence: string;
}

/** Of runs that had a sandbox, how many saw it removed. */
export interface TeardownCounts {
  readonly confirmed: number;
  /** Left up on purpose, for somebody to look into. */
  readonly kept: number;
  readonly notConfirmed: number;
}

export interface Audit {
  /** How long what is kept, in words. */
  readonly retention: string;
  readonly sampling: { readonly rule: string; readonly shown: number; readonly of: number };
  /** By drill, then oldest first. */
  readonly runs: readonly Evidence[];
  readonly teardown: TeardownCounts;
  readonly controls: readonly Control[];
}

/** A run, whole but for its definition's text (the hash stands for it) and its lease. `host`: where it ran. */
export type Evidence = Omit<RunRecord, 'definition' | 'leaseOwner' | 'leaseExpiresAt'> & { readonly host: string };
