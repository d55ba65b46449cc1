import type { Transaction } from 'kysely';
import { pruneLive } from './live-runs.ts';
import { pruneRequests } from './requests.ts';
import type { Schema } from './schema.ts';

const DAY_MS = 86_400_000;

/** Skipped runs are part of history, and reports look back a year. */
export const SKIPS_KEPT_MS = 730 * DAY_MS;
/** Retention of delivered notifications. Undelivered ones are kept, because they are counted and the count must not decrease. */
export const SENT_KEPT_MS = 90 * DAY_MS;

/** Limit per batch and kind, because the write lock is held during a batch. Several times the hourly volume of a busy installation. */
const MAX_AT_ONCE = 5000;

/** Oldest first, using an index. @returns how many rows were removed. */
export async function prune(trx: Transaction<Schema>, now: Date): Promise<number> {
  const before = (keptMs: number) => new Date(now.getTime() - keptMs).toISOString();
  const skips = await trx
    .deleteFrom('skip')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('skip')
        .select('id')
        .where('recorded_at', '<', before(SKIPS_KEPT_MS))
        .orderBy('recorded_at')
        .limit(MAX_AT_ONCE),
    )
    .executeTakeFirst();
  const sent = await trx
    .deleteFrom('delivery')
    .where('position', 'in', (eb) =>
      eb
        .selectFrom('delivery')
        .select('position')
        .where('status', '=', 'sent')
        .where('created_at', '<', before(SENT_KEPT_MS))
        .orderBy('created_at')
        .limit(MAX_AT_ONCE),
    )
    .executeTakeFirst();
  return (
    Number(skips.numDeletedRows + sent.numDeletedRows) + (await pruneRequests(trx, now)) + (await pruneLive(trx, now))
  );
}
