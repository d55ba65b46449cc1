import {
  ANSWERED_KEPT_A_DAY,
  ERRORS_KEPT_A_DAY,
  noRequests,
  type RecordedRequest,
  type RequestStore,
} from '../record/request-store.ts';
import type { RunRecord } from '../record/run-record.ts';
import { formatCount } from '../support/quantities.ts';
import { describeCounts } from './explain-requests.ts';
import { errorsOf } from './request-rates.ts';

/** Requests of a run to backup stores, counting only those that are stored one by one. */
export interface RunRequests {
  readonly requests: number;
  readonly counts: ReturnType<typeof noRequests>;
  /** Attempts after the first. */
  readonly retries: number;
}

/** @returns undefined when none are on record: they are retained for 30 days, and directories have none. */
export async function readRunRequests(
  store: Pick<RequestStore, 'findRequests'>,
  { id, startedAt, endedAt }: Pick<RunRecord, 'id' | 'startedAt' | 'endedAt'>,
  now: Date,
): Promise<RunRequests | undefined> {
  const to = new Date((endedAt ?? now).getTime() + 1);
  const limit = ANSWERED_KEPT_A_DAY + ERRORS_KEPT_A_DAY;
  const found = await store.findRequests({ from: startedAt, to, runId: id, limit });
  return found.length === 0 ? undefined : sumUp(found);
}

/** `20 recorded, 3 ended in an error (2 failed, 1 throttled), 3 retries`. */
export function describeRunRequests({ requests, counts, retries }: RunRequests): string {
  const errors = errorsOf(counts);
  const recorded = `${formatCount(requests)} recorded`;
  if (errors === 0 && retries === 0) return `${recorded}, no errors`;
  const kinds = errors === 0 ? 'no errors' : `${formatCount(errors)} ended in an error (${describeCounts(counts)})`;
  return `${recorded}, ${kinds}, ${formatCount(retries)} ${retries === 1 ? 'retry' : 'retries'}`;
}

function sumUp(found: readonly RecordedRequest[]): RunRequests {
  const counts = noRequests();
  for (const { outcome } of found) counts[outcome] += 1;
  return { requests: found.length, counts, retries: found.filter(({ attempt }) => attempt > 1).length };
}
