import type { Transaction } from 'kysely';
import type { Acknowledgement, AcknowledgementStore } from '../acknowledgement-store.ts';
import type { AcknowledgementTable } from './people-tables.ts';
import type { Schema } from './schema.ts';

type Trx = Transaction<Schema>;

export async function acknowledge(
  trx: Trx,
  { drill, kind, fingerprint, at, by, reason, until }: Omit<Acknowledgement, 'ended'>,
): Promise<void> {
  await endAcknowledgement(trx, drill, at, by);
  const row = { drill, kind, fingerprint: fingerprint ?? null, made_at: at.toISOString(), made_by: by, reason };
  await trx
    .insertInto('acknowledgement')
    .values({ ...row, until: until?.toISOString() ?? null, ended_at: null, ended_by: null })
    .execute();
}

export async function endAcknowledgement(trx: Trx, drill: string, at: Date, by: string): Promise<boolean> {
  const result = await trx
    .updateTable('acknowledgement')
    .set({ ended_at: at.toISOString(), ended_by: by })
    .where('drill', '=', drill)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function getAcknowledgements(trx: Trx): Promise<readonly Acknowledgement[]> {
  const rows = await trx
    .selectFrom('acknowledgement')
    .selectAll()
    .where('ended_at', 'is', null)
    .orderBy('drill')
    .execute();
  return rows.map(fromRow);
}

export async function findAcknowledgements(
  trx: Trx,
  { from, to }: Parameters<AcknowledgementStore['findAcknowledgements']>[0],
): Promise<readonly Acknowledgement[]> {
  const start = from.toISOString();
  const rows = await trx
    .selectFrom('acknowledgement')
    .selectAll()
    .where('made_at', '<', to.toISOString())
    .where((eb) => eb.or([eb('ended_at', 'is', null), eb('ended_at', '>=', start)]))
    .where((eb) => eb.or([eb('until', 'is', null), eb('until', '>=', start)]))
    .orderBy('id')
    .execute();
  return rows.map(fromRow);
}

function fromRow(row: Omit<AcknowledgementTable, 'id'>): Acknowledgement {
  return {
    drill: row.drill,
    kind: row.kind,
    fingerprint: row.fingerprint ?? undefined,
    at: new Date(row.made_at),
    by: row.made_by,
    reason: row.reason,
    until: row.until === null ? undefined : new Date(row.until),
    ended: row.ended_at === null ? undefined : { at: new Date(row.ended_at), by: row.ended_by ?? '' },
  };
}
