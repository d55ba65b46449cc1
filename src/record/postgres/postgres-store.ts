import { setTimeout as delay } from 'node:timers/promises';
import { Kysely, type Transaction } from 'kysely';
import type { PoolClient } from 'pg';
import { requireWholeCopy, unfinishedCopySql } from '../copy/unfinished-copy.ts';
import type { Lead } from '../lead.ts';
import { createStore, type StoreDatabase } from '../queries/create-store.ts';
import type { StoreClock } from '../queries/daemons.ts';
import type { Schema } from '../queries/schema.ts';
import type { Store } from '../store.ts';
import { describeStore, type PostgresAddress } from '../store-address.ts';
import { createFactRows } from './fact-rows.ts';
import { asIdentifier } from './identifier.ts';
import { migrate } from './migrate.ts';
import { POSTGRES_CLOCK } from './postgres-clock.ts';
import { beginStatement, StorePostgresDialect } from './postgres-dialect.ts';
import { isConnectionLost, readOnlyError, withStoreErrors } from './postgres-errors.ts';
import { openPostgresLead } from './postgres-lead.ts';
import { createPool, type StorePool } from './postgres-pool.ts';
import { openJobQueue } from './queue/open-job-queue.ts';
import { type Committed, lockStore, type StoreLock } from './store-lock.ts';
import { createWriteSlots } from './write-slots.ts';

export interface PostgresStoreOptions {
  /** How long to wait for another process's transaction, and for an unavailable server. Default: 10 s. */
  readonly waitMs?: number;
  /** That of the server unless told. */
  readonly clock?: StoreClock;
}

const WAIT_MS = 10_000;
/** How many of this process's connections writers may use. */
const WRITERS = 3;
/** Pages do not wait for a server that is down, but do open a new connection when an idle one has died. */
const READ_AGAIN_MS = 1000;

/**
 * History in a schema of a PostgreSQL database, for processes on any number of machines. Created, along with its schema, if missing; migrated if older.
 *
 * Throws `store-failed`, `store-newer`, `disk-full`.
 */
export async function openPostgresStore(address: PostgresAddress, options: PostgresStoreOptions = {}): Promise<Store> {
  return createStore(await openPostgresDatabase(address, options));
}

async function openPostgresDatabase(
  address: PostgresAddress,
  { waitMs = WAIT_MS, clock = POSTGRES_CLOCK }: PostgresStoreOptions,
): Promise<StoreDatabase> {
  const explained = <T>(work: () => Promise<T>) => withStoreErrors(address, work);
  const limits = { schema: address.schema, lockWaitMs: waitMs };
  const { pool, destroy } = await explained(() => openPool(address));
  const db = new Kysely<Schema>({ dialect: new StorePostgresDialect(pool, limits) });
  const inTurn = createWriteSlots(WRITERS, waitMs);
  const queue = openJobQueue(pool, address, (work) => explained(() => whenConnected(READ_AGAIN_MS, work)));

  return {
    write: (work) => explained(() => inTurn(() => writeOnce(db, address, waitMs, work))),
    writeRow: (work) => explained(() => whenConnected(waitMs, () => db.transaction().execute(work))),
    read: (work) =>
      explained(() => whenConnected(READ_AGAIN_MS, () => db.transaction().setAccessMode('read only').execute(work))),
    readFacts: (work) =>
      explained(() =>
        whenConnected(READ_AGAIN_MS, async () => {
          const client = await pool.connect();
          try {
            await client.query(beginStatement(limits, true));
            const result = await work(createFactRows(client));
            await client.query('commit');
            client.release();
            return result;
          } catch (error) {
            client.release(true);
            throw error;
          }
        }),
      ),
    queue,
    clock,
    openLead: (name) => explainedLead(address, name),
    [Symbol.asyncDispose]: () =>
      explained(async () => {
        await queue[Symbol.asyncDispose]();
        await destroy();
      }),
  };
}

function explainedLead(address: PostgresAddress, name: string): Lead {
  const lead = openPostgresLead(address, name);
  return {
    renew: () => withStoreErrors(address, () => lead.renew()),
    [Symbol.asyncDispose]: () => lead[Symbol.asyncDispose](),
  };
}

/** Connections to a schema that is up to date and complete. */
async function openPool(address: PostgresAddress): Promise<StorePool> {
  const opened = createPool(address);
  try {
    const client = await opened.pool.connect();
    try {
      await migrate(client, address);
      await requireWhole(client, address);
    } finally {
      client.release();
    }
    return opened;
  } catch (error) {
    await opened.destroy();
    throw error;
  }
}

async function requireWhole(client: PoolClient, address: PostgresAddress): Promise<void> {
  const { rows } = await client.query(unfinishedCopySql(`${asIdentifier(address.schema)}.store_copy`));
  requireWholeCopy(describeStore(address), (rows[0] as { source?: unknown } | undefined)?.source);
}

/**
 * Does the work in one transaction, once. If the connection is lost before the commit, the transaction is rolled back and the work repeated; if it is lost
 * during the commit, the next transaction that takes the lock asks the server for the outcome.
 */
async function writeOnce<T>(
  db: Kysely<Schema>,
  address: PostgresAddress,
  waitMs: number,
  work: (trx: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  let unsure: Committed<T> | undefined;
  return whenConnected(waitMs, async () => {
    let lock: StoreLock | undefined;
    let worked: { readonly result: T } | undefined;
    try {
      return await db.transaction().execute(async (trx) => {
        lock = await lockStore(trx, unsure);
        if (lock.isReadOnly) throw readOnlyError(address);
        if (unsure && lock.hasCommitted) return unsure.result;
        const result = await work(trx);
        worked = { result };
        return result;
      });
    } catch (error) {
      if (lock && worked) unsure = { transaction: lock.transaction, result: (worked as { result: T }).result };
      throw error;
    }
  });
}

/** Retries work that failed only because the connection was lost, for up to `waitMs`. */
async function whenConnected<T>(waitMs: number, attempt: () => Promise<T>): Promise<T> {
  const giveUpMs = performance.now() + waitMs;
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 500)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isConnectionLost(error) || performance.now() > giveUpMs) throw error;
    }
    await delay(pauseMs * (0.5 + Math.random()));
  }
}
