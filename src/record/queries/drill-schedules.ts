import type { Transaction } from 'kysely';
import type { ScheduleRecord } from '../schedule-store.ts';
import { readInstant } from './run-rows.ts';
import type { Schema } from './schema.ts';

type Trx = Transaction<Schema>;

/** By drill, oldest first. */
export async function readSchedules(trx: Trx): Promise<ReadonlyMap<string, readonly ScheduleRecord[]>> {
  const rows = await trx.selectFrom('drill_schedule').selectAll().orderBy('drill').orderBy('since').execute();
  const schedules = new Map<string, ScheduleRecord[]>();
  for (const row of rows) {
    const own = schedules.get(row.drill) ?? [];
    own.push({
      since: new Date(row.since),
      knownUntil: readInstant(row.known_until),
      cron: row.cron ?? undefined,
      timezone: row.timezone ?? undefined,
      onNewBackup: row.on_new_backup === 1,
    });
    schedules.set(row.drill, own);
  }
  return schedules;
}

/** Adds schedules that are not stored yet, and sets when the previous ones were last seen. */
export async function saveSchedules(trx: Trx, drill: string, schedules: readonly ScheduleRecord[]): Promise<void> {
  if (schedules.length === 0) return;
  const rows = await trx
    .selectFrom('drill_schedule')
    .select(['since', 'known_until'])
    .where('drill', '=', drill)
    .execute();
  const stored = new Map(rows.map((row) => [row.since, row.known_until]));
  for (const { since, knownUntil, cron, timezone, onNewBackup } of schedules) {
    const key = { drill, since: since.toISOString() };
    const known_until = knownUntil?.toISOString() ?? null;
    if (!stored.has(key.since)) {
      const row = { cron: cron ?? null, timezone: timezone ?? null, on_new_backup: Number(onNewBackup) };
      await trx
        .insertInto('drill_schedule')
        .values({ ...key, known_until, ...row })
        .execute();
    } else if (known_until !== null && stored.get(key.since) === null) {
      await trx
        .updateTable('drill_schedule')
        .set({ known_until })
        .where('drill', '=', drill)
        .where('since', '=', key.since)
        .execute();
    }
  }
}
