import { DatabaseSync } from 'node:sqlite';
import { Kysely, type Transaction } from 'kysely';
import { requireWholeCopy, unfinishedCopySql } from '../copy/unfinished-copy.ts';
import { createStore, type StoreDatabase } from '../queries/create-store.ts';
import type { Schema } from '../queries/schema.ts';
import type { Store } from '../store.ts';
import { createFactRows } from './fact-rows.ts';
import { migrate } from './migrate.ts';
import { NodeSqliteDialect, whenNotBusy } from './sqlite-dialect.ts';
import { withStoreErrors } from './sqlite-errors.ts';
import { makeStoreFile, type StoreFiles, watchStoreFiles } from './store-files.ts';

export interface SqliteStoreOptions {
  /** How long to wait for another process's transaction; 10 s unless told. */
  readonly lockWaitMs?: number;
}

const LOCK_WAIT_MS = 10_000;

/**
 * History in one SQLite file, for one or several processes of a machine (not for a network file system). Made, with its directory, for this user alone
 * when it is not there; migrated when it is older.
 *
 * Throws `store-failed`, `store-newer`, `disk-full`.
 */
export async function openSqliteStore(path: string, options: SqliteStoreOptions = {}): Promise<Store> {
  return createStore(await openSqliteDatabase(path, options));
}

async function openSqliteDatabase(
  path: string,
  { lockWaitMs = LOCK_WAIT_MS }: SqliteStoreOptions,
): Promise<StoreDatabase> {
  const { database, files } = await openSqliteFile(path, lockWaitMs);
  await withStoreErrors(path, async () => {
    try {
      requireWholeCopy(path, database.prepare(unfinishedCopySql('store_copy')).get()?.['source']);
    } catch (error) {
      database.close();
      throw error;
    }
  });
  const db = new Kysely<Schema>({ dialect: new NodeSqliteDialect(database, lockWaitMs) });

  /** Checks the store's files before, so that nothing is written to a lost store, and after, to confirm that the write is in the current files. */
  async function write<T>(work: (db: Transaction<Schema>) => Promise<T>): Promise<T> {
    return withStoreErrors(path, async () => {
      const result = await db.transaction().execute((trx) => {
        files.requireSame();
        return work(trx);
      });
      files.requireSame();
      return result;
    });
  }
  async function read<T>(work: (db: Transaction<Schema>) => Promise<T>): Promise<T> {
    return withStoreErrors(path, () =>
      whenNotBusy(lockWaitMs, () => db.transaction().setAccessMode('read only').execute(work)),
    );
  }

  const rows = createFactRows(database);
  return {
    write,
    writeRow: write,
    read,
    readFacts: (work) => read(async () => work(rows)),
    [Symbol.asyncDispose]: () => withStoreErrors(path, () => db.destroy()),
  };
}

/** The file alone, up to date, with what tells whether it is still the one that was opened. */
export async function openSqliteFile(
  path: string,
  lockWaitMs = LOCK_WAIT_MS,
): Promise<{ database: DatabaseSync; files: StoreFiles }> {
  return withStoreErrors(path, async () => {
    makeStoreFile(path);
    const database = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true, defensive: true });
    try {
      await migrateAndConfigure(database, path, lockWaitMs);
      return { database, files: watchStoreFiles(path) };
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/**
 * A power loss must not take back a claim or a verdict that was told: with a write-ahead log only `synchronous = full` flushes each commit. A run
 * commits some twenty times, which costs nothing beside a restore.
 */
async function migrateAndConfigure(database: DatabaseSync, path: string, lockWaitMs: number): Promise<void> {
  await whenNotBusy(lockWaitMs, () => migrate(database, path));
  await whenNotBusy(lockWaitMs, () => database.exec('pragma journal_mode = wal'));
  database.exec('pragma synchronous = full');
  // The log and its index are made by the first transaction; from here on they are there until the store is closed.
  await whenNotBusy(lockWaitMs, () => database.prepare('select count(*) from drill').get());
}
