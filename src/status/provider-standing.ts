import { describeRate } from './explain-requests.ts';
import type { EndpointRate } from './request-rates.ts';
import type { Standing } from './standing.ts';

/** What the subjects of alerts about a store begin with; no drill and no file has such a name. */
export const PROVIDER_SUBJECT = 'provider:';

/** How a store does, as the state of one more subject. Says nothing while the rate is between that of an alert and that of its end. */
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
