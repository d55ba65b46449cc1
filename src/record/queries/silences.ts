import type { Transaction } from 'kysely';
import type { Silence, SilenceMatch, SilenceStore } from '../silence-store.ts';
import type { SilenceTable } from './people-tables.ts';
import type { Schema } from './schema.ts';

type Trx = Transaction<Schema>;

export async function addSilence(
  trx: Trx,
  { id, match, from, until, reason, pausesRuns, at, by }: Omit<Silence, 'ended'>,
): Promise<void> {
  const span = { starts_at: from.toISOString(), ends_at: until.toISOString() };
  const made = { made_at: at.toISOString(), made_by: by, ended_at: null, ended_by: null };
  await trx
    .insertInto('silence')
    .values({ id, match: JSON.stringify(match), ...span, reason, pauses_runs: Number(pausesRuns), ...made })
    .execute();
}

export async function endSilence(trx: Trx, id: string, at: Date, by: string): Promise<boolean> {
  const result = await trx
    .updateTable('silence')
    .set({ ended_at: at.toISOString(), ended_by: by })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .where('ends_at', '>', at.toISOString())
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function findSilences(
  trx: Trx,
  { from, to }: Parameters<SilenceStore['findSilences']>[0],
): Promise<readonly Silence[]> {
  const start = from.toISOString();
  const rows = await trx
    .selectFrom('silence')
    .selectAll()
    .where('ends_at', '>', start)
    .where((eb) => eb.or([eb('ended_at', 'is', null), eb('ended_at', '>=', start)]))
    .$if(to !== undefined, (query) => query.where('starts_at', '<', (to ?? from).toISOString()))
    .orderBy('starts_at')
    .orderBy('id')
    .execute();
  return rows.map(fromRow);
}

function fromRow(row: SilenceTable): Silence {
  return {
    id: row.id,
    match: JSON.parse(row.match) as SilenceMatch,
    from: new Date(row.starts_at),
    until: new Date(row.ends_at),
    reason: row.reason,
    pausesRuns: row.pauses_runs === 1,
    at: new Date(row.made_at),
    by: row.made_by,
    ended: row.ended_at === null ? undefined : { at: new Date(row.ended_at), by: row.ended_by ?? '' },
  };
}
