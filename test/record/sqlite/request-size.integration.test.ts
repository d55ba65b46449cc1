import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ANSWERED_KEPT_A_DAY, ERRORS_KEPT_A_DAY, noRequests } from '../../../src/record/request-store.ts';
import { openSqliteStore } from '../../../src/record/sqlite/sqlite-store.ts';
import { ERROR_OUTCOMES } from '../../../src/support/store-request.ts';
import { hourOf, requestOf } from '../../contracts/request-store-contract.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../../support/temporary-directory.ts';

const DAY_MS = 86_400_000;
const FIRST_DAY = new Date('2026-10-01T00:00:00.000Z');
const DAYS = 30;
/** The limit that `docs/provider-watch.md` promises for 10,000 requests a day. */
const MOST_BYTES = 130e6;

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = makeTemporaryDirectory();
});
afterEach(() => directory[Symbol.dispose]());

/** Like requests to S3: two ids, a key with a date, the names of a drill and its run; one in a hundred failed. */
function dayOfRequests(day: number, count: number) {
  return Array.from({ length: count }, (_, index) => {
    const isError = index % 100 === 0;
    return requestOf({
      at: new Date(FIRST_DAY.getTime() + day * DAY_MS + Math.floor((index * DAY_MS) / count)),
      key: `production/orders/2026/10/${day + 1}/base/000000010000000${index}.lz4`,
      requestIds: {
        'x-amz-request-id': `7B4A0FABBE${100_000 + index}`,
        'x-amz-id-2': `${index}`.padStart(76, 'Ab3+/'),
      },
      drill: 'orders-production',
      runId: `20261001-0${day % 10}0000-orders`,
      ...(isError
        ? {
            outcome: 'failed' as const,
            status: 500,
            said: 'InternalError: We encountered an internal error. Please try again.',
            headers: { date: 'Thu, 01 Oct 2026 00:00:00 GMT', server: 'AmazonS3', 'content-type': 'application/xml' },
          }
        : {}),
    });
  });
}

test('10,000 requests a day for 30 days stay below the documented size, which does not grow after that', {
  timeout: 120_000,
}, async () => {
  const path = join(directory.path, 'history.sqlite');
  const sizes: number[] = [];
  for (let day = 0; day < DAYS + 2; day += 1) {
    await using store = await openSqliteStore(path);
    const at = FIRST_DAY.getTime() + day * DAY_MS;
    const hours = Array.from({ length: 24 }, (_, hour) => hourOf({ hourAt: new Date(at + hour * 3_600_000) }));
    await store.addRequests({ hours, requests: dayOfRequests(day, 10_000) });
    await store.prune(new Date(at + DAY_MS));
    await store[Symbol.asyncDispose]();
    sizes.push(statSync(path).size);
  }
  expect(sizes[DAYS - 1]).toBeLessThan(MOST_BYTES);
  expect((sizes.at(-1) ?? 0) - (sizes[DAYS] ?? 0)).toBeLessThan(1e6);
});

test('stores the first requests of a day up to the limit, in one write or several, and counts the rest', async () => {
  await using store = await openSqliteStore(join(directory.path, 'history.sqlite'));
  const answered = Array.from({ length: ANSWERED_KEPT_A_DAY - 1 }, () => requestOf({ at: FIRST_DAY }));
  const failed = Array.from({ length: ERRORS_KEPT_A_DAY + 1 }, () => requestOf({ at: FIRST_DAY, outcome: 'cut' }));
  await store.addRequests({ hours: [], requests: [...answered, ...failed] });
  const hour = hourOf({ hourAt: FIRST_DAY, counts: { ...noRequests(), answered: 3 } });
  const later = new Date(FIRST_DAY.getTime() + DAY_MS - 1);
  const refused = requestOf({ at: later, outcome: 'refused', status: 404 });
  await store.addRequests({ hours: [hour], requests: [refused, requestOf({ at: later }), requestOf({ at: later })] });
  const nextDay = requestOf({ at: new Date(FIRST_DAY.getTime() + DAY_MS) });
  await store.addRequests({ hours: [], requests: [nextDay] });
  const range = { from: FIRST_DAY, to: new Date(FIRST_DAY.getTime() + 2 * DAY_MS), limit: 100_000 };
  expect(await store.findRequests({ ...range, outcomes: ERROR_OUTCOMES })).toHaveLength(ERRORS_KEPT_A_DAY);
  const rest = await store.findRequests({ ...range, outcomes: ['answered', 'refused'] });
  expect(rest).toHaveLength(ANSWERED_KEPT_A_DAY + 1);
  expect(rest.slice(0, 2)).toEqual([nextDay, refused]);
  expect((await store.findRequestHours(range))[0]?.counts.answered).toBe(3);
});
