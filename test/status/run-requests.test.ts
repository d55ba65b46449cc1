import { expect, test } from 'vitest';
import { describeRunRequests, readRunRequests } from '../../src/status/run-requests.ts';
import { requestOf } from '../contracts/request-store-contract.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { NOON, passedRun } from '../support/run-records.ts';

const run = passedRun({ id: 'run-1' });
const at = new Date(NOON.getTime() + 1000);

test('counts the errors and retries of one run', async () => {
  await using store = createMemoryStore();
  const own = { at, runId: 'run-1', drill: 'orders' };
  const requests = [
    requestOf(own),
    requestOf({ ...own, outcome: 'failed', status: 500 }),
    requestOf({ ...own, outcome: 'throttled', status: 429, attempt: 2 }),
    requestOf({ ...own, attempt: 3 }),
    requestOf({ ...own, runId: 'run-2', outcome: 'failed' }),
  ];
  await store.addRequests({ hours: [], requests });
  const found = await readRunRequests(store, run, NOON);
  expect(found && describeRunRequests(found)).toBe(
    '4 recorded, 2 ended in an error (1 failed, 1 throttled), 2 retries',
  );
});

test('says nothing about a run without requests, and little about one without errors', async () => {
  await using store = createMemoryStore();
  expect(await readRunRequests(store, run, NOON)).toBeUndefined();
  await store.addRequests({ hours: [], requests: [requestOf({ at, runId: 'run-1' })] });
  const found = await readRunRequests(store, run, NOON);
  expect(found && describeRunRequests(found)).toBe('1 recorded, no errors');
});
