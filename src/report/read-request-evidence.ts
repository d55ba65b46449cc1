import type { RecordedRequest } from '../record/request-store.ts';
import type { Store } from '../record/store.ts';
import { describeDoubt } from '../status/backup-doubt.ts';
import { readRates } from '../status/read-rates.ts';
import type { EndpointRate } from '../status/request-rates.ts';
import { findUnusualPeriods, type UnusualPeriod } from '../status/unusual-periods.ts';
import { ERROR_OUTCOMES } from '../support/store-request.ts';
import type { AffectedRun } from './report-providers.ts';

/** What a ticket with a provider needs. */
export interface RequestEvidence {
  readonly madeAt: Date;
  /** Samples and runs are from this time on. */
  readonly since: Date;
  readonly endpoints: readonly EndpointRate[];
  /** Endpoints that were not selected. */
  readonly otherEndpoints: readonly string[];
  /** Of these endpoints in the last 30 days, newest first. */
  readonly unusualPeriods: readonly UnusualPeriod[];
  /** Newest first. */
  readonly failed: readonly RecordedRequest[];
  /** A few that were answered, for comparison. */
  readonly answered: readonly RecordedRequest[];
  /** The runs that had errors, newest first, with the backup that each of them read. */
  readonly runs: readonly AffectedRun[];
  /** Whether the backups are in doubt, as text. */
  readonly doubt: string;
}

/** The selection that the providers page shows: every endpoint, and the requests of the last 24 hours. */
export const ANY_LAST_DAY = { sinceMs: 86_400_000, endpoint: undefined } as const;

const FAILED_SAMPLES = 50;
const ANSWERED_SAMPLES = 10;
/** Maximum number of errors searched for affected runs. */
const SEARCHED_ERRORS = 5000;

export async function readRequestEvidence(
  store: Pick<Store, 'findRequestHours' | 'findRequests' | 'getRuns'>,
  { sinceMs, endpoint, now }: { readonly sinceMs: number; readonly endpoint: string | undefined; readonly now: Date },
): Promise<RequestEvidence> {
  const since = new Date(now.getTime() - sinceMs);
  const rates = await readRates(store, now);
  const isWanted = (name: string) => endpoint === undefined || name.includes(endpoint);
  const endpoints = rates.filter((one) => isWanted(one.endpoint));
  const range = {
    from: since,
    to: new Date(now.getTime() + 1),
    ...(endpoint !== undefined && { endpoints: endpoints.map((one) => one.endpoint) }),
  };
  const failed = await store.findRequests({ ...range, outcomes: ERROR_OUTCOMES, limit: SEARCHED_ERRORS });
  const runs = await readAffected(store, failed);
  const answered = await store.findRequests({ ...range, outcomes: ['answered'], limit: ANSWERED_SAMPLES });
  return {
    madeAt: now,
    since,
    endpoints,
    unusualPeriods: findUnusualPeriods(rates, now).filter((one) => isWanted(one.endpoint)),
    otherEndpoints: rates.map((one) => one.endpoint).filter((name) => !isWanted(name)),
    failed: failed.slice(0, FAILED_SAMPLES),
    answered,
    runs,
    doubt: describeDoubt(runs),
  };
}

async function readAffected(
  store: Pick<Store, 'getRuns'>,
  failed: readonly RecordedRequest[],
): Promise<readonly AffectedRun[]> {
  const counts = new Map<string, number>();
  for (const { runId } of failed) if (runId !== undefined) counts.set(runId, (counts.get(runId) ?? 0) + 1);
  const runs = await store.getRuns([...counts.keys()]);
  return runs
    .map(({ id, drill, startedAt, status, verdict, reasons, backup }) => ({
      id,
      drill,
      startedAt,
      status,
      verdict,
      reasons: reasons.map(({ reason }) => reason),
      backup: backup && `${backup.source}: ${backup.key}`,
      errors: counts.get(id) ?? 0,
    }))
    .toSorted((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
}
