import type { Transaction } from 'kysely';
import type { DrillState, PollError, ScheduleRecord, SeenBackup, SkipRecord } from '../schedule-store.ts';
import { readSchedules, saveSchedules } from './drill-schedules.ts';
import { readInstant } from './run-rows.ts';
import type { DrillStateTable, Schema } from './schema.ts';
import { insertDrill } from './write-runs.ts';

type Trx = Transaction<Schema>;

/** Below the limit of parameters per statement: 32,766 in SQLite, 65,535 in PostgreSQL. */
const ROWS_PER_INSERT = 1000;

export async function readDrillStates(trx: Trx): Promise<readonly DrillState[]> {
  const rows = await trx.selectFrom('drill_state').selectAll().orderBy('drill').execute();
  const schedules = await readSchedules(trx);
  return rows.map((row) => fromRow(row, schedules.get(row.drill) ?? []));
}

/** Compare-and-set: the transaction takes the write lock before it reads. @returns false, having stored nothing, if the version differs. */
export async function saveDrillState(trx: Trx, state: DrillState, skips: readonly SkipRecord[]): Promise<boolean> {
  if ((await readVersion(trx, state.drill)) !== state.version) return false;
  const { drill, ...columns } = toRow(state);
  await insertDrill(trx, drill);
  await trx
    .insertInto('drill_state')
    .values({ drill, ...columns })
    .onConflict((conflict) => conflict.column('drill').doUpdateSet(columns))
    .execute();
  await saveSchedules(trx, drill, state.schedules);
  await insertSkips(trx, skips);
  return true;
}

/** @returns 0 for a drill without a state. */
export async function readVersion(trx: Trx, drill: string): Promise<number> {
  const row = await trx.selectFrom('drill_state').select('version').where('drill', '=', drill).executeTakeFirst();
  return row?.version ?? 0;
}

/** Newest first. */
export async function readSkips(
  trx: Trx,
  { drill, limit }: { readonly drill?: string; readonly limit: number },
): Promise<readonly SkipRecord[]> {
  let query = trx.selectFrom('skip').selectAll().orderBy('recorded_at', 'desc').orderBy('id', 'desc').limit(limit);
  if (drill !== undefined) query = query.where('drill', '=', drill);
  const rows = await query.execute();
  return rows.map((row) => ({
    drill: row.drill,
    kind: row.kind,
    reason: row.reason,
    count: row.count,
    first: new Date(row.first_at),
    last: new Date(row.last_at),
    recordedAt: new Date(row.recorded_at),
  }));
}

async function insertSkips(trx: Trx, skips: readonly SkipRecord[]): Promise<void> {
  for (const drill of new Set(skips.map((skip) => skip.drill))) await insertDrill(trx, drill);
  const rows = skips.map(({ drill, kind, reason, count, first, last, recordedAt }) => ({
    drill,
    kind,
    reason,
    count,
    first_at: first.toISOString(),
    last_at: last.toISOString(),
    recorded_at: recordedAt.toISOString(),
  }));
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    await trx
      .insertInto('skip')
      .values(rows.slice(start, start + ROWS_PER_INSERT))
      .execute();
  }
}

/** The new row, with the version incremented. */
function toRow(state: DrillState): DrillStateTable {
  return {
    drill: state.drill,
    version: state.version + 1,
    schedule_hash: state.scheduleHash ?? null,
    scheduled_since: state.scheduledSince?.toISOString() ?? null,
    handled_until: state.handledUntil?.toISOString() ?? null,
    newest_backup_key: state.newestBackup?.key ?? null,
    newest_backup_identity: state.newestBackup?.identity ?? null,
    newest_backup_taken_at: state.newestBackup?.takenAt.toISOString() ?? null,
    newest_backup_size_bytes: state.newestBackup?.sizeBytes ?? null,
    newest_backup_seen_at: state.newestBackup?.seenAt.toISOString() ?? null,
    newest_backup_first_seen_at: state.newestBackup?.firstSeenAt?.toISOString() ?? null,
    handled_backup: state.handledBackup ?? null,
    look_error: state.pollError?.message ?? null,
    look_error_code: state.pollError?.code ?? null,
    waits_for: state.waitsFor ?? null,
  };
}

function fromRow(row: DrillStateTable, schedules: readonly ScheduleRecord[]): DrillState {
  return {
    drill: row.drill,
    version: row.version,
    scheduleHash: row.schedule_hash ?? undefined,
    scheduledSince: readInstant(row.scheduled_since),
    handledUntil: readInstant(row.handled_until),
    newestBackup: readBackup(row),
    handledBackup: row.handled_backup ?? undefined,
    pollError: readPollError(row),
    waitsFor: row.waits_for ?? undefined,
    schedules,
  };
}

function readBackup(row: DrillStateTable): SeenBackup | undefined {
  const takenAt = readInstant(row.newest_backup_taken_at);
  const seenAt = readInstant(row.newest_backup_seen_at);
  if (row.newest_backup_key === null || !takenAt || !seenAt) return undefined;
  return {
    key: row.newest_backup_key,
    identity: row.newest_backup_identity ?? '',
    takenAt,
    sizeBytes: row.newest_backup_size_bytes ?? 0,
    seenAt,
    firstSeenAt: readInstant(row.newest_backup_first_seen_at),
  };
}

function readPollError({ look_error: message, look_error_code: code }: DrillStateTable): PollError | undefined {
  return message === null || code === null ? undefined : { code, message };
}
