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
  /** How long to wait for another process's transaction. Default: 10 s. */
  readonly lockWaitMs?: number;
}

const LOCK_WAIT_MS = 10_000;

/**
 * History in one SQLite file, for one or several processes of a machine (not for a network file system). Created with its directory, readable by this user
 * only, if missing; migrated if older.
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

  /** Checks the store's files before a write, so that nothing is written to a lost store, and afterwards, to confirm that the write is in the current files. */
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

/** The migrated file, with a check that it is still the file that was opened. */
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
 * A power loss must not undo a claim or a verdict that was reported: with a write-ahead log, only `synchronous = full` flushes each commit. A run commits
 * about twenty times, which is negligible compared to a restore.
 */
async function migrateAndConfigure(database: DatabaseSync, path: string, lockWaitMs: number): Promise<void> {
  await whenNotBusy(lockWaitMs, () => migrate(database, path));
  await whenNotBusy(lockWaitMs, () => database.exec('pragma journal_mode = wal'));
  database.exec('pragma synchronous = full');
  // The log and its index are created by the first transaction, and exist from then on until the store is closed.
  await whenNotBusy(lockWaitMs, () => database.prepare('select count(*) from drill').get());
}
