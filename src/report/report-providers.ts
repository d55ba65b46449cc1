import type { RunRecord } from '../record/run-record.ts';
import type { RateState, Reason } from '../support/vocabulary.ts';

/** How backup stores answered. Requests are kept for 30 days, so it tells of no more than these. */
export interface ProviderReport {
  /** Unusual periods and affected runs are of the time from here on. */
  readonly since: Date;
  /** One of each operation; unusual ones first. */
  readonly operations: readonly ProviderOperation[];
  /** Newest first. */
  readonly unusualPeriods: readonly UnusualTime[];
  /** The runs that met errors, newest first, with the backup that each read. */
  readonly runs: readonly AffectedRun[];
  /** Whether the backups are in doubt, in words. */
  readonly doubt: string;
}

export interface ProviderOperation {
  readonly endpoint: string;
  readonly operation: string;
  readonly state: RateState;
  readonly last24Hours: RequestCounts;
  readonly last30Days: RequestCounts;
  /** The largest share of the last 24 hours that is usual: `0.3 %`; undefined: there were no requests. */
  readonly usualAtMost: string | undefined;
}

/** Requests, and how many of them were the provider's errors. */
interface RequestCounts {
  readonly requests: number;
  readonly errors: number;
}

/** Days in a row in which an operation of an endpoint failed more often than usual. */
export interface UnusualTime extends RequestCounts {
  readonly endpoint: string;
  readonly operation: string;
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

export interface AffectedRun extends Pick<RunRecord, 'id' | 'startedAt' | 'drill' | 'status' | 'verdict'> {
  readonly reasons: readonly Reason[];
  readonly backup: string | undefined;
  /** Errors that it met, of those that are kept one by one. */
  readonly errors: number;
}
