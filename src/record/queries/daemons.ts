import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { DaemonRecord, EngineRecord } from '../schedule-store.ts';
import type { HeartbeatTable } from './process-tables.ts';
import { readInstant } from './run-rows.ts';
import type { Schema } from './schema.ts';

type Trx = Transaction<Schema>;

/** How many rows are shown and kept, so that a scheduler in a restart loop does not fill the table. */
export const DAEMON_LIMIT = 10;

/** The clock of a database shared by machines. */
export interface StoreClock {
  /** Now, as an ISO instant. */
  readonly now: RawBuilder<string>;
  /** How long ago `seen_at` is, in ms. */
  readonly ageMs: RawBuilder<number | null>;
  /** The current time. @param hostNow by the clock of this machine. */
  readonly readNow: (trx: Trx, hostNow: Date) => Promise<Date>;
}

/** If the store belongs to one machine, that machine's clock is enough. */
export const NO_CLOCK: StoreClock = {
  now: sql<string>`null`,
  ageMs: sql<number | null>`null`,
  readNow: async (_trx, hostNow) => hostNow,
};

/** When a heartbeat was received, by the store's clock; if it has none, or an earlier Firedrill sent it, when it was sent. */
export const HEARD_AT = sql<string>`coalesce(seen_at, beat_at)`;

export async function beatDaemon(trx: Trx, daemon: DaemonRecord, clock: StoreClock): Promise<void> {
  const columns = { ...heartbeatColumns(daemon, clock), is_standby: Number(daemon.isStandby ?? false) };
  await trx
    .insertInto('daemon')
    .values({ owner: daemon.owner, ...columns })
    .onConflict((conflict) => conflict.column('owner').doUpdateSet(columns))
    .execute();
  await trx.deleteFrom('daemon').where('owner', 'not in', newestOwners(trx)).execute();
}

export async function readDaemons(trx: Trx, { ageMs }: StoreClock): Promise<readonly DaemonRecord[]> {
  const rows = await trx
    .selectFrom('daemon')
    .selectAll()
    .select(ageMs.as('age_ms'))
    .orderBy(HEARD_AT, 'desc')
    .orderBy('beat_at', 'desc')
    .orderBy('owner')
    .limit(DAEMON_LIMIT)
    .execute();
  return rows.map((row) => ({ ...readHeartbeat(row), ...(row.is_standby === 1 && { isStandby: true }) }));
}

/** Columns shared by schedulers and runners, except the owner, which is the key. */
export function heartbeatColumns(process: DaemonRecord, clock: StoreClock) {
  const { startedAt, beatAt, stoppedAt, firedrillVersion, sandboxes, engines } = process;
  return {
    started_at: startedAt.toISOString(),
    beat_at: beatAt.toISOString(),
    stopped_at: stoppedAt?.toISOString() ?? null,
    firedrill_version: firedrillVersion,
    sandboxes: sandboxes ?? null,
    seen_at: clock.now,
    engines: engines ? JSON.stringify(engines) : null,
  };
}

export function readHeartbeat(row: HeartbeatTable & { readonly age_ms: number | null }): DaemonRecord {
  return {
    owner: row.owner,
    startedAt: new Date(row.started_at),
    beatAt: new Date(row.beat_at),
    stoppedAt: readInstant(row.stopped_at),
    firedrillVersion: row.firedrill_version,
    sandboxes: row.sandboxes ?? undefined,
    ...(row.age_ms !== null && { ageMs: row.age_ms }),
    ...(row.engines !== null && { engines: readEngines(row.engines) }),
  };
}

function readEngines(json: string): readonly EngineRecord[] {
  const engines = JSON.parse(json) as readonly EngineRecord[];
  return engines.map(({ silentSince, ...engine }) =>
    silentSince === undefined ? engine : { ...engine, silentSince: new Date(silentSince) },
  );
}

function newestOwners(trx: Trx) {
  return trx
    .selectFrom('daemon')
    .select('owner')
    .orderBy(HEARD_AT, 'desc')
    .orderBy('beat_at', 'desc')
    .orderBy('owner')
    .limit(DAEMON_LIMIT);
}
