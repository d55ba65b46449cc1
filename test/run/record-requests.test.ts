import { expect, test } from 'vitest';
import type { BackupSource } from '../../src/backup/source.ts';
import type { RequestServices } from '../../src/run/record-requests.ts';
import { recordRequests, withRecordedRequests } from '../../src/run/record-requests.ts';
import type { OnStoreRequest } from '../../src/support/store-request.ts';
import { requestOf } from '../contracts/request-store-contract.ts';
import { createMemoryStore } from '../support/memory-store.ts';

const NOON = new Date('2026-11-20T12:00:00.000Z');
const range = { from: new Date(0), to: new Date('2027-01-01T00:00:00Z') };
const clock = { now: () => NOON, monotonicMs: () => 0 };

function servicesOf(store: RequestServices['store'], sent: (observe: OnStoreRequest) => void): RequestServices {
  return {
    store,
    clock,
    openSource: async (_spec, onRequest) => {
      if (onRequest) sent(onRequest);
      return { description: 's3://acme/orders/' } as BackupSource;
    },
  };
}

const SPEC = { type: 'directory', path: '/backups' } as never;

test('records each request with its drill, run and source, in one write', async () => {
  await using store = createMemoryStore();
  let writes = 0;
  const counting = {
    addRequests: async (batch: Parameters<typeof store.addRequests>[0]) => {
      writes += 1;
      await store.addRequests(batch);
    },
  };
  const services = servicesOf(counting, (observe) => {
    observe(requestOf({}));
    observe(requestOf({ outcome: 'failed', status: 500 }));
  });
  const recorder = recordRequests(services, { drill: 'orders', runId: 'run-1' });
  await recorder.services.openSource(SPEC);
  expect(await recorder.save()).toBeUndefined();
  expect(await recorder.save()).toBeUndefined();
  expect(writes).toBe(1);
  const kept = await store.findRequests({ ...range, limit: 10 });
  expect(kept.map(({ drill, runId, source }) => [drill, runId, source])).toEqual([
    ['orders', 'run-1', 's3://acme/orders/'],
    ['orders', 'run-1', 's3://acme/orders/'],
  ]);
  expect((await store.findRequestHours(range)).map(({ counts }) => [counts.answered, counts.failed])).toEqual([[1, 1]]);
});

test('counts all requests of a large run, and stores a bounded number of them individually', async () => {
  await using store = createMemoryStore();
  const services = servicesOf(store, (observe) => {
    for (let index = 0; index < 5000; index += 1) observe(requestOf({}));
  });
  const recorder = recordRequests(services, { drill: 'orders', runId: 'run-1' });
  await recorder.services.openSource(SPEC);
  await recorder.save();
  expect(await store.findRequests({ ...range, limit: 10_000 })).toHaveLength(2000);
  expect((await store.findRequestHours(range))[0]?.counts.answered).toBe(5000);
});

test('says why requests could not be written, and does not throw', async () => {
  const store = { addRequests: async () => Promise.reject(new Error('disk full')) };
  const recorder = recordRequests(
    servicesOf(store, (observe) => observe(requestOf({}))),
    { drill: 'orders', runId: 'run-1' },
  );
  await recorder.services.openSource(SPEC);
  expect(await recorder.save()).toBe('disk full');
});

test('records work outside runs, including requests without a source, even if it fails', async () => {
  await using store = createMemoryStore();
  const services = servicesOf(store, (observe) => observe(requestOf({ outcome: 'failed', status: 500 })));
  const looking = withRecordedRequests(services, undefined, async ({ openSource, onStoreRequest }) => {
    onStoreRequest?.(requestOf({ operation: 'ListBuckets', key: undefined }));
    await openSource(SPEC);
    throw new Error('unreachable');
  });
  await expect(looking).rejects.toThrow('unreachable');
  const kept = await store.findRequests({ ...range, limit: 10 });
  expect(kept.map(({ operation, source, runId }) => [operation, source, runId]).toSorted()).toEqual([
    ['GetObject', 's3://acme/orders/', undefined],
    ['ListBuckets', '', undefined],
  ]);
});
