import type { RunOutcome } from '../record/report-store.ts';
import type { StageName } from '../support/vocabulary.ts';

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
  /** Spread over the runs with a recovery time. */
  readonly recovery: Spread;
  readonly sizeBytes: { readonly first: number; readonly last: number } | undefined;
  /** Undefined: no run in the period replayed a log archive. */
  readonly archive: ArchiveLags | undefined;
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

/** How far a log archive was behind when the period's runs started. */
export interface ArchiveLags {
  /** Lag of its newest file. */
  readonly file: Lag;
  /** Lag of its newest commit, for the runs that replayed all of it: how much would have been lost. */
  readonly commit: Lag | undefined;
}

export interface Lag {
  readonly lastMs: number;
  readonly medianMs: number;
  readonly largestMs: number;
}

export interface Spread {
  readonly count: number;
  readonly medianMs: number | undefined;
  readonly p95Ms: number | undefined;
}

/** One run; if the period has too many, the median run of those that a point represents, so that its stages belong to one run. */
export interface TrendPoint {
  readonly at: Date;
  readonly runId: string;
  readonly recoveryTimeMs: number | undefined;
  /** The RTO at the time. */
  readonly rtoMs: number;
  /** Durations of the stages included in the recovery time. */
  readonly stagesMs: Readonly<Partial<Record<StageName, number>>>;
  readonly sizeBytes: number | undefined;
  /** The worst outcome of the runs that the point represents. */
  readonly outcome: RunOutcome;
  readonly runs: number;
  readonly failed: number;
  readonly withoutVerdict: number;
  /** The longest recovery time of the runs that the point represents. */
  readonly slowestMs: number | undefined;
  /** Maximum age of the newest file in the log archive; undefined: none was replayed. */
  readonly archiveLagMs?: number;
  /** In that case, the maximum age of the newest commit in it; undefined: it was not replayed to its end. */
  readonly dataLossMs?: number;
  /** In that case, the RPO at the time. */
  readonly rpoMs?: number;
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
