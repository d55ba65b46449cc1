import type { DatabaseSync } from 'node:sqlite';
import { DrillError } from '../../support/errors.ts';
import { MIGRATIONS } from './migrations/migrations.ts';

/** `FDRL`, so that `file` and Firedrill can tell a store from any other SQLite database (sqlite.org/pragma.html#pragma_application_id). */
const APPLICATION_ID = 0x4644524c;

/**
 * Brings the schema up to date, all missing migrations in one transaction; several processes may start at once: one that finds the database locked throws
 * SQLite's own busy error, and may try again.
 * Throws `store-newer` for a schema from a later Firedrill, and `store-failed` for a database that is not a Firedrill store.
 */
export function migrate(database: DatabaseSync, path: string, migrations: readonly string[] = MIGRATIONS): void {
  if (readVersion(database, path, migrations) === migrations.length) return;
  database.exec('begin immediate');
  try {
    // Another process may have migrated while this one waited for the lock.
    const missing = migrations.slice(readVersion(database, path, migrations));
    for (const migration of missing) database.exec(migration);
    database.exec(`pragma user_version = ${migrations.length}; pragma application_id = ${APPLICATION_ID}`);
    database.exec('commit');
  } catch (error) {
    if (database.isTransaction) database.exec('rollback');
    throw error;
  }
}

/** @returns how many migrations have been applied. */
function readVersion(database: DatabaseSync, path: string, migrations: readonly string[]): number {
  const version = readPragma(database, 'user_version');
  if (readPragma(database, 'application_id') !== APPLICATION_ID) {
    refuseForeign(database, path, version);
    return 0;
  }
  if (version <= migrations.length) return version;
  throw new DrillError(
    'store-newer',
    `the store ${path} has schema ${version}, this Firedrill supports up to ${migrations.length}`,
    {
      hint: 'Use the Firedrill version that wrote it, or a later one. The store was not changed.',
    },
  );
}

function refuseForeign(database: DatabaseSync, path: string, version: number): void {
  const tables = database.prepare('select count(*) as count from sqlite_schema').get()?.['count'];
  if (version === 0 && tables === 0) return;
  throw new DrillError('store-failed', `the store ${path} belongs to another program (${tables} tables and indexes)`, {
    hint: 'Point `store` in the settings to a path of its own.',
  });
}

function readPragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`pragma ${name}`).get()?.[name]);
}
