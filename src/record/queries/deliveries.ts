import type { Transaction } from 'kysely';
import type { DeliveryOutcome, DeliveryRecord, NewDelivery } from '../notification-store.ts';
import { readInstant } from './run-rows.ts';
import type { DeliveryTable, Schema } from './schema.ts';
import { refused } from './write-runs.ts';

type Trx = Transaction<Schema>;

/** One statement per delivery, since there are only as many as channels. @returns how many were new. */
export async function enqueue(trx: Trx, deliveries: readonly NewDelivery[]): Promise<number> {
  let added = 0;
  for (const { id, key, channel, subject, notification, createdAt } of deliveries) {
    const at = createdAt.toISOString();
    const result = await trx
      .insertInto('delivery')
      .values({
        id,
        key,
        channel,
        subject,
        notice: notification,
        created_at: at,
        status: 'pending',
        attempts: 0,
        next_attempt_at: at,
        error: null,
        ended_at: null,
      })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .executeTakeFirst();
    added += Number(result.numInsertedOrUpdatedRows ?? 0);
  }
  return added;
}

/**
 * Leases deliveries by moving their next attempt to the end of the lease, so that those of a dead process become due again. Scans pending ones in order; there
 * are few, because each is removed from them once sent or given up.
 */
export async function takeDeliveries(
  trx: Trx,
  now: Date,
  leaseUntil: Date,
  limit: number,
): Promise<readonly DeliveryRecord[]> {
  const due = await trx
    .selectFrom('delivery')
    .selectAll()
    .where('status', '=', 'pending')
    .where('next_attempt_at', '<=', now.toISOString())
    .orderBy('created_at')
    .orderBy('position')
    .limit(limit)
    .execute();
  const nextAttemptAt = leaseUntil.toISOString();
  for (const row of due) {
    await trx
      .updateTable('delivery')
      .set({ attempts: row.attempts + 1, next_attempt_at: nextAttemptAt })
      .where('position', '=', row.position)
      .execute();
  }
  return due.map((row) => fromRow({ ...row, attempts: row.attempts + 1, next_attempt_at: nextAttemptAt }));
}

/** A final outcome is never changed: a delivered notification is not sent again when another process reports a failure late. */
export async function endDelivery(trx: Trx, id: string, outcome: DeliveryOutcome): Promise<void> {
  const row = await trx.selectFrom('delivery').select('status').where('id', '=', id).executeTakeFirst();
  if (!row) throw refused(`there is no delivery ${id}`);
  if (row.status !== 'pending') return;
  await trx.updateTable('delivery').set(columnsOf(outcome)).where('id', '=', id).execute();
}

/** Newest first. */
export async function findDeliveries(
  trx: Trx,
  { status, limit }: { readonly status?: DeliveryRecord['status']; readonly limit: number },
): Promise<readonly DeliveryRecord[]> {
  let query = trx
    .selectFrom('delivery')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('position', 'desc')
    .limit(limit);
  if (status !== undefined) query = query.where('status', '=', status);
  return (await query.execute()).map(fromRow);
}

/** Counts with the status index only. */
export async function countDeliveries(trx: Trx, status: DeliveryRecord['status']): Promise<number> {
  const { count } = await trx
    .selectFrom('delivery')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('status', '=', status)
    .executeTakeFirstOrThrow();
  return count;
}

function columnsOf(outcome: DeliveryOutcome) {
  if (outcome.kind === 'retry') return { error: outcome.error, next_attempt_at: outcome.nextAttemptAt.toISOString() };
  const ended = { status: outcome.kind, ended_at: outcome.at.toISOString() };
  return outcome.kind === 'sent' ? { ...ended, error: null } : { ...ended, error: outcome.error };
}

function fromRow(row: Omit<DeliveryTable, 'position'>): DeliveryRecord {
  return {
    id: row.id,
    key: row.key,
    channel: row.channel,
    subject: row.subject,
    notification: row.notice,
    createdAt: new Date(row.created_at),
    status: row.status,
    attempts: row.attempts,
    nextAttemptAt: new Date(row.next_attempt_at),
    error: row.error ?? undefined,
    endedAt: readInstant(row.ended_at),
  };
}
