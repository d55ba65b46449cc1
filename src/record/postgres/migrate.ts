import type { PoolClient } from 'pg';
import { DrillError } from '../../support/errors.ts';
import { describeStore, type PostgresAddress } from '../store-address.ts';
import { asIdentifier } from './identifier.ts';
import { MIGRATIONS } from './migrations/migrations.ts';
import { readOnlyError } from './postgres-errors.ts';

/** `pg_current_xact_id` needs 13. */
const OLDEST_SERVER = 130_000;

const LACKS_PRIVILEGE = '42501';

/** The two keys of the store's advisory lock: `FDRL`, and its schema. @param schema an expression: `current_schema()`. */
export function lockKey(schema: string): string {
  return `${0x4644524c}, hashtext(${schema})`;
}

/**
 * Brings the schema up to date, all missing migrations in one transaction; several processes may start at once.
 * Throws `store-newer` for a schema from a later Firedrill, and `store-failed` for one that is not a Firedrill schema or that this user may not change.
 */
export async function migrate(
  client: Pick<PoolClient, 'query'>,
  address: PostgresAddress,
  migrations: readonly string[] = MIGRATIONS,
): Promise<void> {
  await requireServer(client, address);
  const found = await readVersion(client, address, migrations);
  if (found === migrations.length) return;
  if (await isReadOnly(client)) throw readOnlyError(address);
  try {
    await client.query('begin isolation level read committed'); // so that what another process did is seen after the lock
    await client.query(`select pg_advisory_xact_lock(${lockKey('$1')})`, [address.schema]);
    await makeSchema(client, address.schema);
    await client.query(`set local search_path = ${asIdentifier(address.schema)}, pg_temp`);
    // Another process may have migrated while this one waited for the lock.
    const version = await readVersion(client, address, migrations);
    if (version === 0)
      await client.query('create table store_version (version bigint not null); insert into store_version values (0)');
    for (const migration of migrations.slice(version)) await client.query(migration);
    await client.query('update store_version set version = $1', [migrations.length]);
    await client.query('commit');
  } catch (error) {
    await Promise.allSettled([client.query('rollback')]); // a lost connection takes its transaction with it
    throw (error as { code?: unknown }).code === LACKS_PRIVILEGE
      ? tooOld(error, address, found, migrations.length)
      : error;
  }
}

async function requireServer(client: Pick<PoolClient, 'query'>, address: PostgresAddress): Promise<void> {
  const { rows } = await client.query(
    "select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding",
  );
  const { version, encoding } = rows[0] as { version: number; encoding: string };
  if (version < OLDEST_SERVER) {
    throw new DrillError(
      'store-failed',
      `the store ${describeStore(address)}: PostgreSQL ${Math.floor(version / 10_000)} is too old; 13 or later is needed`,
      {
        hint: 'Update the server, or point `store` in the settings to a newer one.',
      },
    );
  }
  if (encoding !== 'UTF8') {
    throw new DrillError(
      'store-failed',
      `the store ${describeStore(address)}: the database is encoded in ${encoding}, not UTF8`,
      {
        hint: "Create one with: create database firedrill encoding 'UTF8' template template0",
      },
    );
  }
}

/** @returns how many migrations have been applied. */
async function readVersion(
  client: Pick<PoolClient, 'query'>,
  address: PostgresAddress,
  migrations: readonly string[],
): Promise<number> {
  const { rows } = await client.query(
    `select relname as name from pg_class where relnamespace = (select oid from pg_namespace where nspname = $1) and relkind in ('r', 'p', 'v')`,
    [address.schema],
  );
  const names = rows.map(({ name }: { name: string }) => name);
  const label = describeStore(address);
  if (names.length === 0) return 0;
  if (!names.includes('store_version')) {
    throw new DrillError(
      'store-failed',
      `the store ${label}: the schema ${address.schema} belongs to another program (${names.length} tables)`,
      {
        hint: 'Give Firedrill its own schema: add `schema=NAME` to `store` in the settings.',
      },
    );
  }
  const read = await client.query(`select version from ${asIdentifier(address.schema)}.store_version`);
  const { version } = read.rows[0] as { version: number };
  if (version <= migrations.length) return version;
  throw new DrillError(
    'store-newer',
    `the store ${label} has schema ${version}, this Firedrill supports up to ${migrations.length}`,
    {
      hint: 'Use the Firedrill version that wrote it, or a later one. The store was not changed.',
    },
  );
}

async function isReadOnly(client: Pick<PoolClient, 'query'>): Promise<boolean> {
  const { rows } = await client.query("select current_setting('transaction_read_only') as value");
  return (rows[0] as { value: string }).value === 'on';
}

/** `create schema if not exists` requires the privilege to create one even if the schema exists. */
async function makeSchema(client: Pick<PoolClient, 'query'>, schema: string): Promise<void> {
  const { rows } = await client.query('select 1 from pg_namespace where nspname = $1', [schema]);
  if (rows.length === 0) await client.query(`create schema ${asIdentifier(schema)}`);
}

function tooOld(cause: unknown, address: PostgresAddress, version: number, wanted: number): DrillError {
  const what = version === 0 ? 'has no tables yet' : `has schema ${version}, this Firedrill needs ${wanted}`;
  return new DrillError(
    'store-failed',
    `the store ${describeStore(address)} ${what}, and this user may not change it`,
    {
      cause,
      hint: 'Run any command once with the user that owns the schema in `store`, such as: firedrill list',
    },
  );
}
