import type { Store } from '../record/store.ts';
import { formatUsual } from '../status/explain-requests.ts';
import type { EndpointRate } from '../status/request-rates.ts';
import { sumTrials } from '../status/usual-range.ts';
import { toPrintable } from '../support/printable.ts';
import { readRequestEvidence } from './read-request-evidence.ts';
import type { ProviderOperation, ProviderReport } from './report-providers.ts';

const MAX_RUNS = 200;
const MAX_LENGTH = 300;

/** @returns undefined when no request to a store has been recorded. Names come from stores and settings, so they are made printable. */
export async function readProviderReport(
  store: Pick<Store, 'findRequestHours' | 'findRequests' | 'getRuns'>,
  { from, now }: { readonly from: Date; readonly now: Date },
): Promise<ProviderReport | undefined> {
  const sinceMs = Math.max(0, now.getTime() - from.getTime());
  const evidence = await readRequestEvidence(store, { sinceMs, endpoint: undefined, now });
  if (evidence.endpoints.length === 0) return undefined;
  return {
    since: evidence.since,
    operations: evidence.endpoints.flatMap(toOperations),
    unusualPeriods: evidence.unusualPeriods
      .filter(({ to }) => to > evidence.since)
      .map((one) => ({ ...one, endpoint: shown(one.endpoint), operation: shown(one.operation) })),
    runs: evidence.runs
      .slice(0, MAX_RUNS)
      .map((run) => ({ ...run, drill: shown(run.drill), backup: run.backup && shown(run.backup) })),
    doubt: shown(evidence.doubt, 2000),
  };
}

function toOperations({ endpoint, operations }: EndpointRate): readonly ProviderOperation[] {
  return operations.map((one) => ({
    endpoint: shown(endpoint),
    operation: shown(one.operation),
    state: one.state,
    last24Hours: { requests: one.requests, errors: one.errors },
    last30Days: sumTrials(one.days),
    usualAtMost: one.requests === 0 ? undefined : formatUsual(one),
  }));
}

function shown(text: string, length: number = MAX_LENGTH): string {
  return toPrintable(text, length);
}
