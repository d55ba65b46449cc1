import { noRequests } from '../../src/record/request-store.ts';
import type { Store } from '../../src/record/store.ts';
import { hourOf, requestOf } from '../contracts/request-store-contract.ts';
import { NOON } from '../support/run-records.ts';

export const BAD_DAY_FAILED = 60;
const HOUR_MS = 3_600_000;

/** A store that has always answered and today fails 60 of 1,000 reads, all of them for one run; and one that answers as usual. */
export async function recordBadDay(store: Pick<Store, 'addRequests'>): Promise<void> {
  const before = Array.from({ length: 20 }, (_, day) => new Date(NOON.getTime() - (day + 2) * 24 * HOUR_MS));
  const calm = { ...noRequests(), answered: 1000 };
  const bad = { ...noRequests(), answered: 940, failed: BAD_DAY_FAILED };
  const other = { endpoint: 'rclone:offsite:', operation: 'lsjson', counts: calm };
  const today = new Date(NOON.getTime() - HOUR_MS);
  await store.addRequests({
    hours: [
      ...before.map((hourAt) => hourOf({ hourAt, counts: calm })),
      hourOf({ hourAt: today, counts: bad, durationMs: 40_000, slowestMs: 61_000 }),
      hourOf({ hourAt: today, ...other }),
    ],
    requests: Array.from({ length: BAD_DAY_FAILED }, (_, index) =>
      requestOf({
        at: new Date(NOON.getTime() - HOUR_MS + index * 1000),
        key: `production/orders/2026/11/21/${'deep/'.repeat(12)}orders.dump`,
        outcome: 'failed',
        status: 500,
        requestIds: { 'x-amz-request-id': `7B4A0FABBE${index}`, 'x-amz-id-2': 'Ab3+/'.repeat(15) },
        said: 'InternalError: <b>Server Error</b>',
        drill: 'billing',
        runId: '20261121-050000-billin',
      }),
    ),
  });
}
