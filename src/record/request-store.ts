import type { RequestOutcome, StoreRequest } from '../support/store-request.ts';

/** Retention of requests to backup stores. */
export const REQUESTS_KEPT_MS = 30 * 86_400_000;
/**
 * Maximum number of individual requests kept per day (UTC): of answered and refused ones, and of errors. Any beyond that are only counted, so that a busy day
 * cannot fill the disk.
 */
export const ANSWERED_KEPT_A_DAY = 10_000;
export const ERRORS_KEPT_A_DAY = 5000;

/** A request and its purpose. */
export interface RecordedRequest extends StoreRequest {
  /** The backup location: `s3://acme-backups/orders/`. */
  readonly source: string;
  readonly drill: string | undefined;
  /** undefined for a poll of the newest backup, which is not a run. */
  readonly runId: string | undefined;
}

/** Totals of one hour for one endpoint and operation. */
export interface RequestHour {
  /** Start of the hour. */
  readonly hourAt: Date;
  readonly endpoint: string;
  readonly operation: string;
  readonly counts: Readonly<Record<RequestOutcome, number>>;
  /** Sum and maximum. */
  readonly durationMs: number;
  readonly slowestMs: number;
}

/** The requests added by one run, or one poll of a source. */
export interface RequestBatch {
  readonly hours: readonly RequestHour[];
  readonly requests: readonly RecordedRequest[];
}

export interface RequestFilter {
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  /** Any of these; undefined: all. */
  readonly endpoints?: readonly string[];
  readonly runId?: string;
  readonly outcomes?: readonly RequestOutcome[];
  /** Newest first, at most this many. */
  readonly limit: number;
}

/** Requests to backup stores. Counts are exact for {@link REQUESTS_KEPT_MS}; individual requests are kept up to a daily limit. */
export interface RequestStore {
  /** Adds to the hourly counts, and stores the requests, in one transaction. */
  addRequests(batch: RequestBatch): Promise<void>;
  /** @returns the hours that start in the range, oldest first. */
  findRequestHours(range: { readonly from: Date; readonly to: Date }): Promise<readonly RequestHour[]>;
  findRequests(filter: RequestFilter): Promise<readonly RecordedRequest[]>;
}

export function noRequests(): Record<RequestOutcome, number> {
  return { answered: 0, refused: 0, failed: 0, throttled: 0, unanswered: 0, cut: 0 };
}
