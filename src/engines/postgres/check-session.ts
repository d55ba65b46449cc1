import pg from 'pg';
import { DrillError } from '../../support/errors.ts';
import type { Cell, CheckSession, QueryResult } from '../engine.ts';
import { checkError } from './check-errors.ts';
import { exactTypes } from './check-types.ts';
import { closeClient, openClient } from './connect.ts';
import { quoteIdentifier, quoteLiteral } from './dump-names.ts';
import type { PostgresServer } from './postgres-server.ts';

interface CheckLogin {
  readonly role: string;
  readonly password: string;
}

/**
 * A session of a role that may read everything and change nothing: no superuser, member of pg_read_all_data (granted by hand before 14),
 * past row-level security, read only by default and in each transaction.
 */
export async function openPostgresCheckSession(
  server: PostgresServer,
  database: string,
  login: CheckLogin,
  signal: AbortSignal,
): Promise<CheckSession> {
  const searchPath = await prepareRole(server, database, login, signal);
  const settings = {
    default_transaction_read_only: 'on',
    role: 'none',
    search_path: searchPath,
    timezone: 'UTC',
    datestyle: 'ISO',
    intervalstyle: 'iso_8601',
    extra_float_digits: 1,
    bytea_output: 'hex',
    client_encoding: 'UTF8',
    lock_timeout: 0,
    idle_in_transaction_session_timeout: 0,
    row_security: 'off',
  };
  const client = await openClient(
    server.connection,
    { user: login.role, password: login.password, database, settings },
    signal,
  ).catch(async (error: unknown) => {
    throw await server.explainLoss(error, signal);
  });
  return new PostgresCheckSession(server, client);
}

/** @returns the search path for the session. The role is made at the first session: by then no dump can touch it. */
function prepareRole(
  server: PostgresServer,
  database: string,
  login: CheckLogin,
  signal: AbortSignal,
): Promise<string> {
  const role = quoteIdentifier(login.role);
  return server.withSession(database, signal, async (admin) => {
    await admin.query('SET session_replication_role = replica'); // event triggers of the restored data stay still
    await admin.query(roleStatement(login, server.major >= 14));
    await admin.query(`ALTER DATABASE ${quoteIdentifier(database)} CONNECTION LIMIT -1`);
    await admin.query(`GRANT CONNECT ON DATABASE ${quoteIdentifier(database)} TO ${role}`);
    for (const preload of ['session_preload_libraries', 'local_preload_libraries']) {
      // the box may lack the library, and then the role could not log in
      await admin.query(
        `ALTER DATABASE ${quoteIdentifier(database)} RESET ${preload}; ALTER ROLE ALL RESET ${preload}`,
      );
    }
    if (server.major < 14) await grantReadingByHand(admin, role);
    return await databaseSearchPath(admin);
  });
}

function roleStatement({ role, password }: CheckLogin, hasReadAllData: boolean): string {
  const name = quoteIdentifier(role);
  return `DO $make$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${quoteLiteral(role)}) THEN
      CREATE ROLE ${name} LOGIN NOSUPERUSER BYPASSRLS PASSWORD ${quoteLiteral(password)};
      ${hasReadAllData ? `GRANT pg_read_all_data TO ${name};` : ''}
    END IF;
  END $make$`;
}

async function grantReadingByHand(admin: pg.Client, role: string): Promise<void> {
  const schemas = await admin.query<{ name: string }>(
    "SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)'",
  );
  for (const { name } of schemas.rows) {
    const schema = quoteIdentifier(name);
    await admin.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`);
    await admin.query(`GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${role}`);
    await admin.query(`GRANT SELECT ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role}`);
  }
}

/** What production's sessions search is kept, but after pg_catalog: a name that both have means the server's own. */
async function databaseSearchPath(admin: pg.Client): Promise<string> {
  const result = await admin.query<{ setting: string }>(
    `SELECT substr(s, strpos(s, '=') + 1) AS setting
       FROM pg_db_role_setting, unnest(setconfig) AS s
      WHERE setrole = 0 AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AND s LIKE 'search_path=%'`,
  );
  return `pg_catalog, ${result.rows[0]?.setting || 'public'}`;
}

class PostgresCheckSession implements CheckSession {
  private readonly server: PostgresServer;
  private readonly client: pg.Client;

  constructor(server: PostgresServer, client: pg.Client) {
    this.server = server;
    this.client = client;
  }

  /** One statement only (extended protocol), in a read-only transaction that is always rolled back. */
  async query(sql: string, options: Parameters<CheckSession['query']>[1]): Promise<QueryResult> {
    const { signal, timeoutMs, maxRows } = options;
    signal.throwIfAborted();
    const stop = (): void => void this.client.connection.stream.destroy();
    signal.addEventListener('abort', stop, { once: true });
    try {
      // a snapshot is taken at once: from then on the transaction cannot be turned into one that writes
      const timeout = Math.max(1, Math.ceil(timeoutMs));
      await this.client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${timeout}; SELECT 1`);
      try {
        return requireColumns(await runBounded(this.client, sql, maxRows));
      } finally {
        await this.client.query('ROLLBACK').catch(() => undefined); // lost sessions are told by the query itself
      }
    } catch (error) {
      const cause = await this.server.explainLoss(error, signal);
      throw cause instanceof DrillError || cause === signal.reason ? cause : checkError(cause, timeoutMs);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await closeClient(this.client);
  }
}

/** @throws DrillError `check-malformed` for what is no question: empty text, a comment, a command that answers nothing. */
function requireColumns(result: QueryResult): QueryResult {
  if (result.columns.length > 0) return result;
  throw new DrillError('check-malformed', 'the check asks for nothing: its result has no columns', {
    hint: 'Make it a SELECT that gives the value to look at.',
  });
}

/** Fetches one row more than asked for, to know whether there are more, and then leaves the portal. */
class BoundedQuery extends pg.Query<Cell[]> {
  wasSuspended = false;

  /** pg's own would go on fetching until the end. */
  handlePortalSuspended(connection: pg.Connection): void {
    this.wasSuspended = true;
    connection.sync();
  }
}

function runBounded(client: pg.Client, sql: string, maxRows: number): Promise<QueryResult> {
  return new Promise((resolve, reject) => {
    const config = { text: sql, rowMode: 'array', queryMode: 'extended', rows: maxRows + 1, types: exactTypes };
    const query = new BoundedQuery(config as pg.QueryConfig, (error, result) => {
      if (error) {
        client.connection.sync(); // with a row limit pg sends no Sync itself, and without one the server stays silent after an error
        return reject(error);
      }
      const rows = result.rows as unknown as Cell[][];
      resolve({
        columns: result.fields.map((field) => field.name),
        rows: rows.slice(0, maxRows),
        truncated: rows.length > maxRows,
      });
    });
    client.query(query);
  });
}
