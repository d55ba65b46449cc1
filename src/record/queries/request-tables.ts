import type { Generated } from 'kysely';
import type { RequestOutcome } from '../../support/store-request.ts';

export interface RequestHourTable {
  /** The start of the hour. */
  readonly hour_at: string;
  readonly endpoint: string;
  readonly operation: string;
  readonly answered: number;
  readonly refused: number;
  readonly failed: number;
  readonly throttled: number;
  readonly unanswered: number;
  readonly cut: number;
  /** Milliseconds. */
  readonly duration_ms: number;
  readonly slowest_ms: number;
}

export interface RequestTable {
  readonly id: Generated<number>;
  readonly at: string;
  readonly endpoint: string;
  readonly operation: string;
  readonly key: string | null;
  readonly status: number | null;
  readonly outcome: RequestOutcome;
  /** 0 or 1: the provider's error. */
  readonly is_error: number;
  readonly attempt: number;
  readonly duration_ms: number;
  /** JSON: texts by name. */
  readonly ids: string;
  readonly headers: string | null;
  readonly said: string | null;
  readonly source: string;
  readonly drill: string | null;
  readonly run_id: string | null;
}
