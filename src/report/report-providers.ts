import type { RunRecord } from '../record/run-record.ts';
import type { RateState, Reason } from '../support/vocabulary.ts';

/** How backup stores answered. Requests are retained for 30 days, so it covers no more than that. */
export interface ProviderReport {
  /** Unusual periods and affected runs are from this time on. */
  readonly since: Date;
  /** One per operation; unusual ones first. */
  readonly operations: readonly ProviderOperation[];
  /** Newest first. */
  readonly unusualPeriods: readonly UnusualTime[];
  /** The runs that had errors, newest first, with the backup that each of them read. */
  readonly runs: readonly AffectedRun[];
  /** Whether the backups are in doubt, as text. */
  readonly doubt: string;
}

export interface ProviderOperation {
  readonly endpoint: string;
  readonly operation: string;
  readonly state: RateState;
  readonly last24Hours: RequestCounts;
  readonly last30Days: RequestCounts;
  /** The largest share of errors in the last 24 hours that is usual: `0.3 %`; undefined: there were no requests. */
  readonly usualAtMost: string | undefined;
}

/** Number of requests, and how many of them were the provider's errors. */
interface RequestCounts {
  readonly requests: number;
  readonly errors: number;
}

/** Consecutive days on which an operation of an endpoint failed more often than usual. */
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
  /** Errors that it had, counting only those that are stored one by one. */
  readonly errors: number;
}
