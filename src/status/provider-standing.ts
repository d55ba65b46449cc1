import { describeRate } from './explain-requests.ts';
import type { EndpointRate } from './request-rates.ts';
import type { Standing } from './standing.ts';

/** Prefix of the alert subjects for stores; no drill or file has such a name. */
export const PROVIDER_SUBJECT = 'provider:';

/** The state of a store as a standing. Provisional while the rate is between the threshold that raises an alert and the one that ends it. */
export function providerStanding(rate: EndpointRate): Standing {
  const worst = rate.operations[0];
  const isUnusual = rate.state === 'unusual';
  return {
    drill: `${PROVIDER_SUBJECT}${rate.endpoint}`,
    owner: undefined,
    tier: undefined,
    state: isUnusual ? 'errored' : 'passed',
    sentence: worst ? `${worst.operation}: ${describeRate(worst)}` : 'no requests in 24 h',
    fingerprint: isUnusual ? 'unusual-errors' : 'usual',
    since: undefined,
    runId: undefined,
    isFailing: false,
    isProvisional: rate.state === 'uncertain',
  };
}
