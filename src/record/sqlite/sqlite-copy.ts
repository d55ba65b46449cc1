import { statSync } from 'node:fs';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { DrillError } from '../../support/errors.ts';
import type { CopiedTable } from '../copy/copied-tables.ts';
import type { Cell, CopyColumn, CopyDatabase, Row } from '../copy/copy-database.ts';
import { requireWholeCopy, unfinishedCopySql } from '../copy/unfinished-copy.ts';
import { whenNotBusy } from './sqlite-dialect.ts';
import { withStoreErrors } from './sqlite-errors.ts';
import { openSqliteFile } from './sqlite-store.ts';

const LOCK_WAIT_MS = 10_000;

/**
 * A SQLite store as one side of a copy.
 * @param side `from` must already exist. Throws `usage` if it does not, and `store-incomplete`, `store-failed`, `store-newer`, `disk-full`.
 */
export async function openSqliteCopy(path: string, side: 'from' | 'to'): Promise<CopyDatabase> {
  if (side === 'from' && !statSync(path, { throwIfNoEntry: false })?.size)
    throw new DrillError('usage', `there is no history in ${path}`, {
      hint: 'Name the file that `store` has in the settings of the machine.',
    });
  const { database, files } = await openSqliteFile(path);
  const explained = <T>(work: () => Promise<T> | T) => withStoreErrors(path, work);
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string) => {
    const known = statements.get(sql) ?? database.prepare(sql);
    known.setReturnArrays(true);
    statements.set(sql, known);
    return known;
  };
  const query = (sql: string, values: readonly Cell[] = []) =>
    prepare(sql).all(...(values as SQLInputValue[])) as unknown as Row[];
  const snapshot = () => {
    if (database.isTransaction) database.exec('rollback');
    database.exec('begin');
    query('select count(*) from drill'); // the snapshot is taken by the first read
  };
  try {
    database.exec('pragma synchronous = normal'); // the commit that ends the copy flushes all
    if (side === 'from') {
      await explained(() => {
        snapshot();
        requireWholeCopy(path, query(unfinishedCopySql('store_copy'))[0]?.[0]);
      });
    }
  } catch (error) {
    database.close();
    throw error;
  }

  return {
    label: path,
    storesNul: true,
    table: (name) => `"${name}"`,
    columnsOf: (table) => explained(() => readColumns(query, table)),
    query: (sql, values) => explained(() => query(sql, values)),
    refresh: () => explained(snapshot),
    transaction: (isDurable, work) =>
      explained(async () => {
        files.requireSame();
        database.exec(`pragma synchronous = ${isDurable ? 'full' : 'normal'}`);
        await whenNotBusy(LOCK_WAIT_MS, () => database.exec('begin immediate'));
        try {
          await work();
          database.exec('commit');
        } catch (error) {
          if (database.isTransaction) database.exec('rollback');
          throw error;
        }
        files.requireSame();
      }),
    insert: (table, columns, rows) => explained(() => insert(database, prepare, { table, columns, rows })),
    finish: async () => undefined, // the next number is always one more than the largest
    async [Symbol.asyncDispose]() {
      if (database.isTransaction) database.exec('rollback');
      statements.clear();
      database.close();
    },
  };
}

function readColumns(query: (sql: string, values: readonly Cell[]) => readonly Row[], table: string): CopyColumn[] {
  const rows = query('select name, lower(type) from pragma_table_info(?) order by cid', [table]);
  return rows.map(([name, type]) => ({ name: String(name), type: String(type) }));
}

interface Batch {
  readonly table: CopiedTable;
  readonly columns: readonly CopyColumn[];
  readonly rows: readonly Row[];
}

/** Allows adding parts of ended runs by dropping the trigger until the end of the transaction, which no one else sees. */
function insert(
  database: DatabaseSync,
  prepare: (sql: string) => StatementSync,
  { table, columns, rows }: Batch,
): void {
  const trigger = `${table.name}_ended_insert`;
  const sql = table.isFrozen
    ? prepare("select sql from sqlite_schema where type = 'trigger' and name = ?").all(trigger)[0]
    : undefined;
  if (table.isFrozen) database.exec(`drop trigger "${trigger}"`);
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const statement = prepare(`insert into "${table.name}" (${names}) values (${columns.map(() => '?').join(', ')})`);
  for (const row of rows) statement.run(...(row as SQLInputValue[]));
  if (table.isFrozen) database.exec(String((sql as unknown as Row)[0]));
}
