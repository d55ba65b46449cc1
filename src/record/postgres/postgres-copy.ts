import type { PoolClient } from 'pg';
import { DrillError } from '../../support/errors.ts';
import type { Cell, CopyColumn, CopyDatabase, Row } from '../copy/copy-database.ts';
import { requireWholeCopy, unfinishedCopySql } from '../copy/unfinished-copy.ts';
import { describeStore, type PostgresAddress } from '../store-address.ts';
import { asIdentifier } from './identifier.ts';
import { lockKey, migrate } from './migrate.ts';
import { withoutNul } from './postgres-dialect.ts';
import { withStoreErrors } from './postgres-errors.ts';
import { createPool } from './postgres-pool.ts';

const LOCK_WAIT_MS = 10_000;
/** Generous because the other side may be slow, but limited because an abandoned copy must not block vacuuming forever. */
const SILENT_MS = 600_000;

/**
 * A store on PostgreSQL as one side of a copy; as the target, it requires a user that owns its tables.
 * @param side `from` must already exist. Throws `usage` if it does not, and `store-incomplete`, `store-failed`, `store-newer`, `disk-full`.
 */
export async function openPostgresCopy(address: PostgresAddress, side: 'from' | 'to'): Promise<CopyDatabase> {
  const explained = <T>(work: () => Promise<T>) => withStoreErrors(address, work);
  const { pool, destroy } = createPool(address, { answerMs: 0 }); // counting all rows may take minutes
  const open = async () => {
    const client = await pool.connect();
    try {
      if (side === 'from') await requireSchema(client, address);
      await migrate(client, address);
      await client.query(`set idle_in_transaction_session_timeout = ${SILENT_MS}; set lock_timeout = ${LOCK_WAIT_MS}`);
      if (side === 'from') await snapshot(client);
      return client;
    } catch (error) {
      client.release(true);
      throw error;
    }
  };
  let opened: PoolClient | undefined;
  try {
    opened = await explained(open);
    const client = opened;
    const database = asCopyDatabase(client, address, explained, async () => {
      client.release(true);
      await destroy();
    });
    if (side === 'from') {
      const [copy] = await database.query(unfinishedCopySql(database.table('store_copy')));
      requireWholeCopy(database.label, copy?.[0]);
    }
    return database;
  } catch (error) {
    opened?.release(true);
    await destroy();
    throw error;
  }
}

function asCopyDatabase(
  client: PoolClient,
  address: PostgresAddress,
  explained: <T>(work: () => Promise<T>) => Promise<T>,
  close: () => Promise<void>,
): CopyDatabase {
  const table = (name: string) => `${asIdentifier(address.schema)}.${asIdentifier(name)}`;
  const query = async (sql: string, values: readonly unknown[] = []): Promise<Row[]> => {
    let count = 0;
    const text = sql.replaceAll('?', () => `$${++count}`);
    const result = await client.query({ text, values: values.map(withoutNul), rowMode: 'array' });
    return result.rows as unknown as Row[];
  };
  return {
    label: describeStore(address),
    storesNul: false,
    table,
    columnsOf: (name) =>
      explained(async () => {
        const rows = await query(
          `select attname, format_type(atttypid, null) from pg_attribute
           where attrelid = ?::regclass and attnum > 0 and not attisdropped order by attnum`,
          [table(name)],
        );
        return rows.map(([column, type]) => ({ name: String(column), type: String(type) }));
      }),
    query: (sql, values) => explained(() => query(sql, values)),
    refresh: () => explained(() => snapshot(client)),
    transaction: (isDurable, work) =>
      explained(async () => {
        await client.query(`begin; set local synchronous_commit = ${isDurable ? 'on' : 'off'}`);
        try {
          await query(`select pg_advisory_xact_lock(${lockKey('?')})`, [address.schema]);
          await work();
          await client.query('commit');
        } catch (error) {
          await Promise.allSettled([client.query('rollback')]); // a lost connection takes its transaction with it
          throw error;
        }
      }),
    insert: (copied, columns, rows) =>
      explained(async () => {
        // Lets the owner alone add parts of ended runs, until the end of the transaction.
        const freeze = (how: string) => query(`alter table ${table(copied.name)} ${how} trigger ${copied.name}_ended`);
        if (copied.isFrozen) await freeze('disable');
        await query(...insertion(table(copied.name), columns, rows));
        if (copied.isFrozen) await freeze('enable');
      }),
    finish: (tables) =>
      explained(async () => {
        for (const copied of tables) {
          await setSequences(query, table(copied.name));
          await query(`analyze ${table(copied.name)}`);
        }
      }),
    [Symbol.asyncDispose]: () => explained(close),
  };
}

async function requireSchema(client: PoolClient, { schema, ...address }: PostgresAddress): Promise<void> {
  const { rows } = await client.query('select 1 from pg_tables where schemaname = $1', [schema]);
  if (rows.length > 0) return;
  throw new DrillError('usage', `there is no history in ${describeStore({ schema, ...address })}`, {
    hint: 'Check the database and the schema in the URL.',
  });
}

async function snapshot(client: PoolClient): Promise<void> {
  await client.query('rollback; begin isolation level repeatable read, read only');
}

/** Each column is passed as one array, so that a statement can insert any number of rows. */
function insertion(
  table: string,
  columns: readonly CopyColumn[],
  rows: readonly Row[],
): [sql: string, values: unknown[]] {
  const names = columns.map(({ name }) => asIdentifier(name)).join(', ');
  const arrays = columns.map(({ type }) => `?::${type}[]`).join(', ');
  const values = columns.map((_column, index) => rows.map((row) => toPostgres(row[index] ?? null)));
  return [`insert into ${table} (${names}) select * from unnest(${arrays})`, values];
}

function toPostgres(cell: Cell): Cell {
  return cell instanceof Uint8Array ? Buffer.from(cell) : (withoutNul(cell) as Cell);
}

async function setSequences(
  query: (sql: string, values?: readonly unknown[]) => Promise<Row[]>,
  table: string,
): Promise<void> {
  const identities = await query(
    "select attname from pg_attribute where attrelid = ?::regclass and attidentity <> ''",
    [table],
  );
  for (const [name] of identities) {
    const column = asIdentifier(String(name));
    await query(
      `select setval(pg_get_serial_sequence(?, ?), greatest(max(${column}), 1), max(${column}) is not null) from ${table}`,
      [table, String(name)],
    );
  }
}
