import { REQUEST_OUTCOMES } from '../support/store-request.ts';
import type { Exposition } from './exposition.ts';
import type { MetricsFacts } from './facts.ts';

/** Adds how backup stores answered in the last 24 hours; nothing if they received no requests. */
export function addProviderMetrics(to: Exposition, { providers = [] }: Pick<MetricsFacts, 'providers'>): void {
  const rates = providers.flatMap(({ endpoint, operations }) =>
    operations.map((one) => ({ labels: { endpoint, operation: one.operation }, one })),
  );
  to.gauge(
    'firedrill_provider_requests_24h',
    'Requests to backup stores in the last 24 hours, retries included, by how they ended.',
    rates.flatMap(({ labels, one }) =>
      REQUEST_OUTCOMES.map((outcome) => [{ ...labels, outcome }, one.counts[outcome]] as const),
    ),
  );
  to.gauge(
    'firedrill_provider_error_ratio_24h',
    'Share of requests to a backup store that failed in the last 24 hours, 0 to 1.',
    rates.map(({ labels, one }) => [labels, one.requests === 0 ? undefined : one.errors / one.requests] as const),
  );
  to.gauge(
    'firedrill_provider_usual_error_ratio',
    'Upper end of the usual error ratio for this number of requests, from the 29 days before.',
    rates.map(
      ({ labels, one }) =>
        [labels, one.requests === 0 ? undefined : Math.min(1, (one.unusualFrom - 1) / one.requests)] as const,
    ),
  );
  to.gauge(
    'firedrill_provider_errors_unusual',
    'Whether a backup store fails more often than usual (1) or not (0).',
    rates.map(({ labels, one }) => [labels, one.state === 'unusual' ? 1 : 0] as const),
  );
}
