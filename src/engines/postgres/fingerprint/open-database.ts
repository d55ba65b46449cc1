import { userInfo } from 'node:os';
import pg from 'pg';
import { readPasswordFile } from '../../../support/password-file.ts';
import { databaseFailed } from '../../database-failed.ts';
import type { Ask, DatabaseAddress, SourceDatabase } from '../../fingerprint.ts';
import { exactTypes } from '../server/check-types.ts';
import { closeClient } from '../server/connect.ts';
import { quoteLiteral } from '../server/dump-names.ts';
import { postgresHasher } from './postgres-hasher.ts';

/**
 * Opens read-only sessions on a running database, all in one snapshot: the given one, or a new one.
 * @throws DrillError `database-failed`, `usage` for a URL of another product, or the signal's reason.
 */
export async function openDatabase(address: DatabaseAddress, signal: AbortSignal): Promise<SourceDatabase> {
  await using opened = new AsyncDisposableStack();
  const where = describe(address.url);
  const open = async (): Promise<pg.Client> => {
    const client = await connect(address, where, signal);
    opened.defer(() => closeClient(client));
    return client;
  };
  const first = await open();
  const ask = askOn(first, where, signal);
  await begin(ask, address.snapshot);
  const others: Ask[] = [];
  if (address.sessions > 1) {
    const snapshot = address.snapshot ?? String((await ask('SELECT pg_catalog.pg_export_snapshot()')).rows[0]?.[0]);
    for (let index = 1; index < address.sessions; index += 1) {
      const other = askOn(await open(), where, signal);
      await begin(other, snapshot);
      others.push(other);
    }
  }
  const { rows } = await ask(
    "SELECT pg_catalog.current_database()::text, pg_catalog.current_setting('server_version')",
  );
  const [database, version] = rows[0] ?? [];
  const sessions = opened.move();
  return {
    database: String(database),
    serverVersion: String(version).split(' ')[0] ?? '',
    hasher: postgresHasher,
    sessions: [ask, ...others],
    [Symbol.asyncDispose]: () => sessions.disposeAsync(),
  };
}

/** @throws DrillError `database-failed`, or the signal's reason. */
export async function connect(
  { url, password }: Pick<DatabaseAddress, 'url' | 'password'>,
  where: string,
  signal: AbortSignal,
): Promise<pg.Client> {
  signal.throwIfAborted();
  const address = new URL(url);
  const secret = password ?? (address.password === '' ? await passwordFor(address) : undefined);
  if (secret !== undefined) address.password = encodeURIComponent(secret);
  const client = new pg.Client({
    connectionString: address.href,
    application_name: 'firedrill',
    connectionTimeoutMillis: 30_000,
  });
  client.on('error', () => undefined); // a lost connection also rejects the pending query
  const cut = (): void => void client.connection.stream.destroy();
  signal.addEventListener('abort', cut, { once: true });
  client.once('end', () => signal.removeEventListener('abort', cut));
  try {
    await client.connect();
    for (const setting of SETTINGS) await client.query(setting);
    return client;
  } catch (error) {
    signal.removeEventListener('abort', cut);
    client.connection.stream.destroy();
    throw signal.aborted ? signal.reason : databaseFailed(where, error);
  }
}

function passwordFor({ hostname, port, pathname, username, searchParams }: URL): Promise<string | undefined> {
  const user = decodeURIComponent(username) || userInfo().username;
  return readPasswordFile({
    host: searchParams.get('host') ?? hostname,
    port: port || '5432',
    database: decodeURIComponent(pathname.slice(1)) || user,
    user,
  });
}

/** Output format of values whose type has no binary form, and no settings that would end a query or hide rows. A SQL_ASCII database returns bytes unchanged. */
const SETTINGS = [
  "SET search_path = pg_catalog; SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'iso_8601'; SET extra_float_digits = 1; SET bytea_output = 'hex'; SET xmlbinary = 'base64'; SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET row_security = off",
  "SELECT set_config('client_encoding', CASE WHEN current_setting('server_encoding') = 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END, false)",
];

function askOn(client: pg.Client, where: string, signal: AbortSignal): Ask {
  return async (sql) => {
    signal.throwIfAborted();
    try {
      const result = await client.query({ text: sql, rowMode: 'array', types: exactTypes });
      return { columns: result.fields.map(({ name }) => name), rows: result.rows, truncated: false };
    } catch (error) {
      throw signal.aborted ? signal.reason : databaseFailed(where, error, hintFor(error));
    }
  };
}

async function begin(ask: Ask, snapshot: string | undefined): Promise<void> {
  await ask('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  if (snapshot !== undefined) await ask(`SET TRANSACTION SNAPSHOT ${quoteLiteral(snapshot)}`);
}

function hintFor(error: unknown): string | undefined {
  const { code, message = '' } = error as { code?: string; message?: string };
  if (/snapshot/.test(message)) {
    return 'A snapshot lasts as long as the transaction that exported it, and is valid in its own database: keep that session open until both the dump and the fingerprint are done.';
  }
  if (code === '42501' && /row-level security/.test(message)) {
    return 'Policies hide rows from this role: use one with BYPASSRLS, as for pg_dump.';
  }
  return code === '42501' ? 'The role needs to read every table: GRANT pg_read_all_data TO it.' : undefined;
}

/** Without the password. */
function describe({ hostname, port, pathname, searchParams }: URL): string {
  const host = searchParams.get('host') ?? hostname;
  return `${decodeURIComponent(pathname.slice(1)) || 'the database'} on ${host}${port === '' ? '' : `:${port}`}`;
}
