import {
  noRequests,
  REQUESTS_KEPT_MS,
  type RecordedRequest,
  type RequestHour,
  type RequestStore,
} from '../../src/record/request-store.ts';
import { REQUEST_OUTCOMES } from '../../src/support/store-request.ts';

export function createMemoryRequests(): RequestStore & { pruneRequests(now: Date): number } {
  let hours: RequestHour[] = [];
  let requests: RecordedRequest[] = [];
  return {
    async addRequests(batch) {
      for (const hour of batch.hours) hours = addHour(hours, hour);
      requests.push(...structuredClone(batch.requests));
    },
    findRequestHours: async ({ from, to }) =>
      structuredClone(hours.filter(({ hourAt }) => hourAt >= from && hourAt < to)).toSorted(
        (a, b) =>
          a.hourAt.getTime() - b.hourAt.getTime() ||
          compare(a.endpoint, b.endpoint) ||
          compare(a.operation, b.operation),
      ),
    findRequests: async ({ from, to, endpoints, runId, outcomes, limit }) =>
      requests
        .filter(
          (one) =>
            one.at >= from &&
            one.at < to &&
            (endpoints?.includes(one.endpoint) ?? true) &&
            (runId === undefined || one.runId === runId) &&
            (outcomes?.includes(one.outcome) ?? true),
        )
        .toSorted((a, b) => b.at.getTime() - a.at.getTime())
        .slice(0, limit),
    pruneRequests(now) {
      const before = new Date(now.getTime() - REQUESTS_KEPT_MS);
      const count = hours.length + requests.length;
      hours = hours.filter(({ hourAt }) => hourAt >= before);
      requests = requests.filter(({ at }) => at >= before);
      return count - hours.length - requests.length;
    },
  };
}

function addHour(hours: readonly RequestHour[], added: RequestHour): RequestHour[] {
  const isSame = (one: RequestHour) =>
    one.hourAt.getTime() === added.hourAt.getTime() &&
    one.endpoint === added.endpoint &&
    one.operation === added.operation;
  const before = hours.find(isSame);
  const counts = noRequests();
  for (const name of REQUEST_OUTCOMES) counts[name] = (before?.counts[name] ?? 0) + added.counts[name];
  const sum = {
    ...added,
    counts,
    durationMs: Math.round(added.durationMs) + (before?.durationMs ?? 0),
    slowestMs: Math.max(Math.round(added.slowestMs), before?.slowestMs ?? 0),
  };
  return [...hours.filter((one) => !isSame(one)), sum];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
