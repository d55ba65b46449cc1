import type { Transaction } from 'kysely';
import type { Schema } from './schema.ts';

const DAY_MS = 86_400_000;

/** What was skipped is part of history, and a report looks back a year. */
export const SKIPS_KEPT_MS = 730 * DAY_MS;
/** Messages that have arrived. What never did is kept: it is counted, and a count does not go back. */
export const SENT_KEPT_MS = 90 * DAY_MS;

/** So many of each at once: a write lock is held meanwhile. Several times what comes in an hour, however busy. */
const MOST_AT_ONCE = 5000;

/** Oldest first, by an index. @returns how many rows were removed. */
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
        .limit(MOST_AT_ONCE),
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
        .limit(MOST_AT_ONCE),
    )
    .executeTakeFirst();
  return Number(skips.numDeletedRows + sent.numDeletedRows);
}
