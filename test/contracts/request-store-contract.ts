import { describe, expect, test } from 'vitest';
import { noRequests, type RecordedRequest, type RequestHour } from '../../src/record/request-store.ts';
import type { Store } from '../../src/record/store.ts';
import { ERROR_OUTCOMES } from '../../src/support/store-request.ts';

const NOON = new Date('2026-11-20T12:00:00.000Z');
const later = (ms: number) => new Date(NOON.getTime() + ms);
const range = { from: later(-86_400_000), to: later(86_400_000) };

/** What every store must do for requests to backup stores. @param open a new, empty store; called once for each test. */
export function describeRequestContract(name: string, open: () => Promise<Store>): void {
  describe(`${name} keeps requests to backup stores`, () => {
    test('adds up counts of the same hour', async () => {
      await using store = await open();
      const other = hourOf({ operation: 'ListObjectsV2' });
      await store.addRequests({ hours: [hourOf({ slowestMs: 90 }), other], requests: [] });
      await store.addRequests({ hours: [hourOf({ counts: { ...noRequests(), failed: 2 } })], requests: [] });
      expect(await store.findRequestHours(range)).toEqual([
        hourOf({ counts: { ...noRequests(), answered: 10, failed: 2 }, durationMs: 240, slowestMs: 90 }),
        other,
      ]);
    });

    test('returns single requests in full, newest first, and by their properties', async () => {
      await using store = await open();
      const answered = requestOf({});
      const failed = requestOf({
        at: later(1000),
        outcome: 'failed',
        status: 500,
        said: 'InternalError: oh no',
        headers: { server: 'rgw' },
        runId: 'run-1',
        drill: 'orders',
      });
      const bare = requestOf({ at: later(2000), key: undefined, status: undefined, outcome: 'unanswered', attempt: 2 });
      await store.addRequests({ hours: [], requests: [answered, failed, bare] });
      expect(await store.findRequests({ ...range, limit: 10 })).toEqual([bare, failed, answered]);
      expect(await store.findRequests({ ...range, limit: 1 })).toEqual([bare]);
      expect(await store.findRequests({ ...range, runId: 'run-1', limit: 10 })).toEqual([failed]);
      expect(await store.findRequests({ ...range, outcomes: ERROR_OUTCOMES, limit: 10 })).toEqual([bare, failed]);
      expect(await store.findRequests({ ...range, endpoints: ['https://elsewhere'], limit: 10 })).toEqual([]);
      expect(await store.findRequests({ from: later(1000), to: later(2000), limit: 10 })).toEqual([failed]);
    });

    test('removes what is older than 30 days', async () => {
      await using store = await open();
      await store.addRequests({ hours: [hourOf({})], requests: [requestOf({})] });
      expect(await store.prune(later(29 * 86_400_000))).toBe(0);
      expect(await store.prune(later(31 * 86_400_000))).toBe(2);
      expect(await store.findRequestHours(range)).toEqual([]);
      expect(await store.findRequests({ ...range, limit: 10 })).toEqual([]);
    });
  });
}

export function hourOf(changes: Partial<RequestHour>): RequestHour {
  return {
    hourAt: NOON,
    endpoint: 'https://objects.example.com',
    operation: 'GetObject',
    counts: { ...noRequests(), answered: 10 },
    durationMs: 120,
    slowestMs: 30,
    ...changes,
  };
}

export function requestOf(changes: Partial<RecordedRequest>): RecordedRequest {
  return {
    at: NOON,
    endpoint: 'https://objects.example.com',
    operation: 'GetObject',
    key: 'orders/a.dump',
    status: 206,
    requestIds: { 'x-amz-request-id': 'tx0001' },
    attempt: 1,
    durationMs: 12,
    outcome: 'answered',
    said: undefined,
    headers: {},
    source: 's3://acme/orders/',
    drill: undefined,
    runId: undefined,
    ...changes,
  };
}
