import { formatCount } from '../support/quantities.ts';
import type { RequestOutcome } from '../support/store-request.ts';
import { type EndpointRate, errorsOf, type OperationRate } from './request-rates.ts';

type Counts = OperationRate['counts'];
type ErrorOutcome = Exclude<RequestOutcome, 'answered' | 'refused'>;

/** For each kind of error, what the store does and what can be done about it. */
const MEANINGS: Readonly<Record<ErrorOutcome, { readonly what: string; readonly step: string }>> = {
  failed: {
    what: 'The store reported an internal error (status 500 or above, often a bare “Server Error”)',
    step: 'Open a ticket with the provider: it can find the cause from the request ids.',
  },
  throttled: {
    what: 'The store asked for fewer requests (429 or SlowDown)',
    step: 'Run fewer drills at once, or ask the provider for this account’s limit and what else uses it.',
  },
  unanswered: {
    what: 'The store did not answer in time, or refused connections',
    step: 'Check the provider’s status page and the network of this machine.',
  },
  cut: {
    what: 'The store closed connections before the last byte',
    step: 'Check proxies and firewalls between this machine and the store, then open a ticket with the provider.',
  },
};

/** `20 of 1,000 requests failed in 24 h (2 %, usual at most 0.3 %)`. */
export function describeRate({
  requests,
  errors,
  unusualFrom,
}: Pick<OperationRate, 'requests' | 'errors' | 'unusualFrom'>) {
  if (requests === 0) return 'no requests in 24 h';
  const share = `${formatShare(errors, requests)}, usual at most ${formatUsual({ requests, unusualFrom })}`;
  return `${formatCount(errors)} of ${formatCount(requests)} requests failed in 24 h (${share})`;
}

/** `20 of 1,000 (2 %)`. */
export function describeCounted({ requests, errors }: Pick<OperationRate, 'requests' | 'errors'>): string {
  return `${formatCount(errors)} of ${formatCount(requests)} (${formatShare(errors, requests)})`;
}

/** The largest number of errors that is not unusual, as a share. */
export function formatUsual({ requests, unusualFrom }: Pick<OperationRate, 'requests' | 'unusualFrom'>): string {
  return formatShare(Math.min(requests, unusualFrom - 1), requests);
}

/** `2 %`, `0.03 %`. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '–';
  const percent = (100 * part) / whole;
  const digits = percent === 0 || percent >= 10 ? 0 : percent >= 1 ? 1 : 2;
  return `${Number(percent.toFixed(digits))} %`;
}

/** Explains the errors of an endpoint, the most frequent kind first; empty: none. */
export function explainErrors({ operations }: Pick<EndpointRate, 'operations'>): readonly string[] {
  const sums = (Object.keys(MEANINGS) as ErrorOutcome[])
    .map((outcome) => ({ outcome, count: operations.reduce((sum, { counts }) => sum + counts[outcome], 0) }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count);
  return sums.map(({ outcome, count }) => {
    const { what, step } = MEANINGS[outcome];
    return `${what}, ${count === 1 ? 'once' : `${formatCount(count)} times`}. ${step}`;
  });
}

/** `18 failed, 2 throttled`. */
export function describeCounts(counts: Counts): string {
  const named = (Object.keys(MEANINGS) as ErrorOutcome[]).filter((outcome) => counts[outcome] > 0);
  if (errorsOf(counts) === 0) return 'none';
  return named.map((outcome) => `${formatCount(counts[outcome])} ${outcome}`).join(', ');
}
