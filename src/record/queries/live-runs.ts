import type { Transaction } from 'kysely';
import type { CommandOutcome, LiveSnapshot, LiveStore, RunCommand, StoredSnapshot } from '../live-store.ts';
import type { InTransaction } from './job-table.ts';
import type { RunCommandTable } from './live-tables.ts';
import { readInstant } from './run-rows.ts';
import type { Schema } from './schema.ts';

type Trx = Transaction<Schema>;

export function liveMethods(write: InTransaction, read: InTransaction): LiveStore {
  return {
    saveLive: (snapshots) => write((trx) => saveLive(trx, snapshots)),
    endLive: (runIds) => write((trx) => endLive(trx, runIds)),
    findLive: (now) => read((trx) => findLive(trx, now)),
    commandRun: (command) => write((trx) => commandRun(trx, command)),
    findCommands: (runIds) => read((trx) => findCommands(trx, runIds)),
  };
}

/** Part of the transaction that ends a run. */
export async function endLive(trx: Trx, runIds: readonly string[]): Promise<void> {
  if (runIds.length === 0) return;
  for (const table of ['live_run', 'run_command'] as const) {
    await trx.deleteFrom(table).where('run_id', 'in', runIds).execute();
  }
}

/** Removes rows of processes that died while keeping a sandbox. @returns how many rows were removed. */
export async function pruneLive(trx: Trx, now: Date): Promise<number> {
  const over = await trx.selectFrom('live_run').select('run_id').where('kept_until', '<', now.toISOString()).execute();
  await endLive(
    trx,
    over.map((row) => row.run_id),
  );
  return over.length;
}

async function saveLive(trx: Trx, snapshots: readonly LiveSnapshot[]): Promise<void> {
  if (snapshots.length === 0) return;
  const ids = snapshots.map(({ runId }) => runId);
  const rows = await trx
    .selectFrom('run')
    .select('id')
    .where('id', 'in', ids)
    .where('status', '=', 'running')
    .execute();
  const inProgress = new Set(rows.map((row) => row.id));
  for (const { runId, savedAt, keptUntil, view } of snapshots) {
    if (!keptUntil && !inProgress.has(runId)) continue;
    const columns = {
      saved_at: savedAt.toISOString(),
      kept_until: keptUntil?.toISOString() ?? null,
      json: JSON.stringify(view),
    };
    await trx
      .insertInto('live_run')
      .values({ run_id: runId, ...columns })
      .onConflict((conflict) => conflict.column('run_id').doUpdateSet(columns))
      .execute();
  }
}

async function findLive(trx: Trx, now: Date): Promise<readonly StoredSnapshot[]> {
  const rows = await trx
    .selectFrom('live_run')
    .innerJoin('run', 'run.id', 'live_run.run_id')
    .select(['live_run.run_id', 'live_run.saved_at', 'live_run.kept_until', 'live_run.json', 'run.lease_owner'])
    .where((eb) => eb.or([eb('kept_until', 'is', null), eb('kept_until', '>', now.toISOString())]))
    .orderBy('live_run.run_id')
    .execute();
  return rows.map((row) => ({
    runId: row.run_id,
    savedAt: new Date(row.saved_at),
    keptUntil: readInstant(row.kept_until),
    view: JSON.parse(row.json) as unknown,
    owner: row.lease_owner,
  }));
}

async function commandRun(trx: Trx, command: RunCommand): Promise<CommandOutcome> {
  const { runId, kind, by, at } = command;
  const live = await trx.selectFrom('live_run').select('kept_until').where('run_id', '=', runId).executeTakeFirst();
  const keptUntil = readInstant(live?.kept_until ?? null);
  if (keptUntil && (kind === 'keep' || keptUntil <= at)) return 'ended';
  if (!live) return (await isRunning(trx, runId)) ? 'unfollowed' : 'ended';
  const columns = {
    made_at: at.toISOString(),
    made_by: by,
    keep_ms: command.kind === 'keep' ? Math.round(command.keepMs) : null,
  };
  await trx
    .insertInto('run_command')
    .values({ run_id: runId, kind, ...columns })
    .onConflict((conflict) => conflict.columns(['run_id', 'kind']).doUpdateSet(columns))
    .execute();
  return 'accepted';
}

async function isRunning(trx: Trx, runId: string): Promise<boolean> {
  const row = await trx.selectFrom('run').select('status').where('id', '=', runId).executeTakeFirst();
  return row?.status === 'running';
}

async function findCommands(trx: Trx, runIds: readonly string[]): Promise<readonly RunCommand[]> {
  if (runIds.length === 0) return [];
  const rows = await trx
    .selectFrom('run_command')
    .selectAll()
    .where('run_id', 'in', runIds)
    .orderBy('run_id')
    .orderBy('kind')
    .execute();
  return rows.map(readCommand);
}

function readCommand(row: RunCommandTable): RunCommand {
  const common = { runId: row.run_id, by: row.made_by, at: new Date(row.made_at) };
  return row.kind === 'keep' ? { ...common, kind: 'keep', keepMs: row.keep_ms ?? 0 } : { ...common, kind: 'cancel' };
}
