import type { AcknowledgementKind } from '../support/vocabulary.ts';
import type { Forecast, Spread } from './report-trend.ts';

/**
 * What is known about a drill at the report's end. `no-verdict`: every run in the period errored; `not-drilled`: it did not run in the period; `never`: it has
 * never run.
 */
export const DRILL_RESULTS = ['failing', 'no-verdict', 'never', 'not-drilled', 'proven'] as const;
export type DrillResult = (typeof DRILL_RESULTS)[number];

/** A drill in the table at the start of the report. */
export interface DrillRow {
  readonly drill: string;
  readonly tier: number | undefined;
  readonly owner: string | undefined;
  readonly result: DrillResult;
  /** The newest run that passed, even if before the period; undefined: none ever did. */
  readonly proven: { readonly at: Date; readonly runId: string } | undefined;
  /** Spread over the period's runs. */
  readonly recovery: Spread;
  /** Undefined: not on record. */
  readonly rtoMs: number | undefined;
  /** The share of the RTO that is left at the 95th percentile: 0.25; below 0 if it is exceeded. */
  readonly headroom: number | undefined;
  /** Undefined: no run in the period. */
  readonly forecast: Forecast | undefined;
}

/** The same counts for the previous period, for comparison. */
export interface PreviousCounts {
  /** Drills that had run by its end. */
  readonly drillCount: number;
  readonly provenCount: number;
  readonly failingCount: number;
  readonly runs: number;
  /** Shares of runs, 0 to 1; undefined: none was judged. */
  readonly rto: number | undefined;
  readonly rpo: number | undefined;
  readonly data: number | undefined;
}

/** How recovery times compare with the previous period, over all drills that can be compared. */
export interface SpeedChange {
  readonly comparedCount: number;
  /** Median of the drills’ ratios: 1.12 is 12 % slower; undefined: no drill can be compared. */
  readonly ratio: number | undefined;
  /** Drills slower by more than noise. */
  readonly slowerCount: number;
  /** Drills that usually miss their RTO, or will within the forecast. */
  readonly willMissCount: number;
}

/** A window of planned work in which no alerts were sent. */
export interface ReportSilence {
  /** `orders, ledger`, `owner payments, tier 1`, `all drills`. */
  readonly match: string;
  readonly from: Date;
  readonly until: Date;
  /** Whether scheduled runs were paused as well. */
  readonly pausesRuns: boolean;
  readonly by: string;
  readonly reason: string;
  /** When it was ended early, if by the report’s end. */
  readonly ended: { readonly at: Date; readonly by: string } | undefined;
}

/** What a user said about a drill’s problem while it lasted. */
export interface ReportAcknowledgement {
  readonly drill: string;
  readonly tier: number | undefined;
  readonly kind: AcknowledgementKind;
  readonly by: string;
  readonly at: Date;
  readonly reason: string;
  /** Undefined: until the problem is over. */
  readonly until: Date | undefined;
  /** When it ceased to be in effect, if by the report’s end; `by` is undefined if it expired. */
  readonly ended: { readonly at: Date; readonly by: string | undefined } | undefined;
}
