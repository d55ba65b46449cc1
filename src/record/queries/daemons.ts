import type { Transaction } from 'kysely';
import type { DaemonRecord } from '../schedule-store.ts';
import type { HeartbeatTable } from './process-tables.ts';
import { readInstant } from './run-rows.ts';
import type { Schema } from './schema.ts';

type Trx = Transaction<Schema>;

/** How many are shown and kept, so that a scheduler that keeps restarting does not fill the table. */
export const DAEMON_LIMIT = 10;

export async function beatDaemon(trx: Trx, daemon: DaemonRecord): Promise<void> {
  const columns = { ...heartbeatColumns(daemon), is_standby: Number(daemon.isStandby ?? false) };
  await trx
    .insertInto('daemon')
    .values({ owner: daemon.owner, ...columns })
    .onConflict((conflict) => conflict.column('owner').doUpdateSet(columns))
    .execute();
  await trx.deleteFrom('daemon').where('owner', 'not in', newestOwners(trx)).execute();
}

export async function readDaemons(trx: Trx): Promise<readonly DaemonRecord[]> {
  const rows = await trx
    .selectFrom('daemon')
    .selectAll()
    .orderBy('beat_at', 'desc')
    .orderBy('owner')
    .limit(DAEMON_LIMIT)
    .execute();
  return rows.map((row) => ({ ...readHeartbeat(row), ...(row.is_standby === 1 && { isStandby: true }) }));
}

/** What schedulers and runners have in common, but for the owner, which is the key. */
export function heartbeatColumns({ startedAt, beatAt, stoppedAt, firedrillVersion, sandboxes }: DaemonRecord) {
  return {
    started_at: startedAt.toISOString(),
    beat_at: beatAt.toISOString(),
    stopped_at: stoppedAt?.toISOString() ?? null,
    firedrill_version: firedrillVersion,
    sandboxes: sandboxes ?? null,
  };
}

export function readHeartbeat(row: HeartbeatTable): DaemonRecord {
  return {
    owner: row.owner,
    startedAt: new Date(row.started_at),
    beatAt: new Date(row.beat_at),
    stoppedAt: readInstant(row.stopped_at),
    firedrillVersion: row.firedrill_version,
    sandboxes: row.sandboxes ?? undefined,
  };
}

function newestOwners(trx: Trx) {
  return trx.selectFrom('daemon').select('owner').orderBy('beat_at', 'desc').orderBy('owner').limit(DAEMON_LIMIT);
}
