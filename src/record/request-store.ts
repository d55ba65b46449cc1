import type { RequestOutcome, StoreRequest } from '../support/store-request.ts';

/** How long requests to stores are kept. */
export const REQUESTS_KEPT_MS = 30 * 86_400_000;
/**
 * The most requests of one day (UTC) that are kept one by one, answered and refused ones, and errors. What exceeds them is counted only, so that
 * a busy day cannot fill the disk.
 */
export const ANSWERED_KEPT_A_DAY = 10_000;
export const ERRORS_KEPT_A_DAY = 5000;

/** A request with what it was made for. */
export interface RecordedRequest extends StoreRequest {
  /** The backup location: `s3://acme-backups/orders/`. */
  readonly source: string;
  readonly drill: string | undefined;
  /** Undefined for a look at the newest backup, which is not a run. */
  readonly runId: string | undefined;
}

/** All requests of an hour to one endpoint with one operation. */
export interface RequestHour {
  /** Its first instant. */
  readonly hourAt: Date;
  readonly endpoint: string;
  readonly operation: string;
  readonly counts: Readonly<Record<RequestOutcome, number>>;
  /** Sum, and the longest. */
  readonly durationMs: number;
  readonly slowestMs: number;
}

/** What one run, or one look at a source, adds. */
export interface RequestBatch {
  readonly hours: readonly RequestHour[];
  readonly requests: readonly RecordedRequest[];
}

export interface RequestFilter {
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  /** Any of these; undefined: every one. */
  readonly endpoints?: readonly string[];
  readonly runId?: string;
  readonly outcomes?: readonly RequestOutcome[];
  /** Newest first, at most this many. */
  readonly limit: number;
}

/** Requests to backup stores. Counts are exact for {@link REQUESTS_KEPT_MS}; single requests are kept up to a number a day. */
export interface RequestStore {
  /** Adds to the counts of the hours, and keeps the requests, in one transaction. */
  addRequests(batch: RequestBatch): Promise<void>;
  /** @returns the hours that begin in the range, oldest first. */
  findRequestHours(range: { readonly from: Date; readonly to: Date }): Promise<readonly RequestHour[]>;
  findRequests(filter: RequestFilter): Promise<readonly RecordedRequest[]>;
}

export function noRequests(): Record<RequestOutcome, number> {
  return { answered: 0, refused: 0, failed: 0, throttled: 0, unanswered: 0, cut: 0 };
}
