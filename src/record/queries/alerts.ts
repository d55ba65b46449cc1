import type { Transaction } from 'kysely';
import type { AlertRecord, NewDelivery } from '../notification-store.ts';
import { enqueue } from './deliveries.ts';
import type { Schema } from './schema.ts';

type Trx = Transaction<Schema>;

export async function readAlerts(trx: Trx): Promise<readonly AlertRecord[]> {
  const rows = await trx.selectFrom('alert').selectAll().orderBy('subject').execute();
  return rows.map((row) => ({
    subject: row.subject,
    version: row.version,
    state: row.state,
    fingerprint: row.fingerprint,
    since: new Date(row.since),
    notifiedAt: new Date(row.told_at),
    notifiedChannels: JSON.parse(row.told_channels) as string[],
    runId: row.run_id ?? undefined,
  }));
}

/** Compare-and-set, as for drill states. */
export async function saveAlert(trx: Trx, alert: AlertRecord, deliveries: readonly NewDelivery[]): Promise<boolean> {
  const stored = await trx
    .selectFrom('alert')
    .select('version')
    .where('subject', '=', alert.subject)
    .executeTakeFirst();
  if ((stored?.version ?? 0) !== alert.version) return false;
  const columns = {
    version: alert.version + 1,
    state: alert.state,
    fingerprint: alert.fingerprint,
    since: alert.since.toISOString(),
    told_at: alert.notifiedAt.toISOString(),
    told_channels: JSON.stringify(alert.notifiedChannels),
    run_id: alert.runId ?? null,
  };
  await trx
    .insertInto('alert')
    .values({ subject: alert.subject, ...columns })
    .onConflict((conflict) => conflict.column('subject').doUpdateSet(columns))
    .execute();
  await enqueue(trx, deliveries);
  return true;
}
