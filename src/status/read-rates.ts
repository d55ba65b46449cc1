import { REQUESTS_KEPT_MS, type RequestStore } from '../record/request-store.ts';
import { type EndpointRate, rateRequests } from './request-rates.ts';

/** The state of every store that had requests in the last 30 days, unusual ones first. */
export async function readRates(
  store: Pick<RequestStore, 'findRequestHours'>,
  now: Date,
): Promise<readonly EndpointRate[]> {
  const from = new Date(now.getTime() - REQUESTS_KEPT_MS);
  return rateRequests(await store.findRequestHours({ from, to: new Date(now.getTime() + 1) }), now);
}
