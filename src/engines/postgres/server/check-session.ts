import pg from 'pg';
import { DrillError } from '../../../support/errors.ts';
import type { Cell, QueryResult } from '../../query-result.ts';
import type { CheckSession } from '../../sql-access.ts';
import { checkError, lacksRightToRead } from './check-errors.ts';
import { type CheckLogin, grantToOwners, prepareCheckRole } from './check-role.ts';
import { exactTypes } from './check-types.ts';
import { closeClient, type Login, openClient } from './connect.ts';
import type { PostgresServer } from './postgres-server.ts';
import { sessionSettings } from './session-settings.ts';
import { type StandIn, standInsFor } from './stand-ins.ts';

/**
 * A session of a role that can read everything and change nothing: not a superuser, exempt from row-level security, read-only by default and in each
 * transaction.
 */
export async function openPostgresCheckSession(
  server: PostgresServer,
  database: string,
  login: CheckLogin,
  signal: AbortSignal,
): Promise<CheckSession> {
  const { searchPath, standIns } = await prepareCheckRole(server, database, login, signal);
  const client = await openCheckClient(server, database, login, { settings: { search_path: searchPath }, signal });
  return new PostgresCheckSession(server, client, database, standIns);
}

/** Opens a session of the role, which must have been prepared for this database. */
export async function openCheckClient(
  server: PostgresServer,
  database: string,
  { role: user, password }: CheckLogin,
  { settings: own, signal }: { readonly settings: Login['settings']; readonly signal: AbortSignal },
): Promise<pg.Client> {
  const settings = { ...checkSettings(server.major, 'pg_catalog'), default_transaction_read_only: 'on', ...own };
  try {
    return await openClient(server.connection, { user, password, database, settings }, signal);
  } catch (error) {
    throw await server.explainRefusal(error, signal);
  }
}

/** Output formats and name lookup in check sessions. */
export function checkSettings(major: number, searchPath: string): Record<string, string | number> {
  return {
    ...sessionSettings(major),
    search_path: searchPath,
    timezone: 'UTC',
    datestyle: 'ISO',
    intervalstyle: 'iso_8601',
    extra_float_digits: 1,
    bytea_output: 'hex',
    client_encoding: 'UTF8',
    standard_conforming_strings: 'on',
    backslash_quote: 'safe_encoding',
    array_nulls: 'on',
    gin_fuzzy_search_limit: 0, // any other value omits rows at random
    timezone_abbreviations: 'Default',
    xmlbinary: 'base64',
    xmloption: 'content',
    row_security: 'on', // the role is exempt; a view shows what its owner may see, as in production
  };
}

class PostgresCheckSession implements CheckSession {
  private readonly server: PostgresServer;
  private readonly client: pg.Client;
  private readonly database: string;
  private readonly standIns: readonly StandIn[];
  private mayOwnersRead = false;

  constructor(server: PostgresServer, client: pg.Client, database: string, standIns: readonly StandIn[]) {
    this.server = server;
    this.client = client;
    this.database = database;
    this.standIns = standIns;
  }

  async query(sql: string, options: Parameters<CheckSession['query']>[1]): Promise<QueryResult> {
    const warnings = standInsFor(sql, this.standIns);
    try {
      return withWarnings(await this.queryOnce(sql, options), warnings);
    } catch (error) {
      if (this.mayOwnersRead || !lacksRightToRead(error)) throw error;
      this.mayOwnersRead = true;
      const owners = await grantToOwners(this.server, this.database, options.signal);
      if (owners.length === 0) throw error;
      const result = await this.queryOnce(sql, options);
      const names = owners.slice(0, 5).join(', ');
      warnings.push(
        `reads through objects whose owners (${names}) lack the rights in the backup, as after pg_dump --no-privileges: they were allowed to read`,
      );
      return withWarnings(result, warnings);
    }
  }

  /** Runs only one statement (extended protocol), in a read-only transaction that is always rolled back. */
  private async queryOnce(sql: string, options: Parameters<CheckSession['query']>[1]): Promise<QueryResult> {
    const { signal, timeoutMs, maxRows } = options;
    signal.throwIfAborted();
    const stop = (): void => void this.client.connection.stream.destroy();
    signal.addEventListener('abort', stop, { once: true });
    try {
      // takes a snapshot immediately: after that, the transaction can no longer be switched to read-write
      const timeout = Math.max(1, Math.ceil(timeoutMs));
      await this.client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${timeout}; SELECT 1`);
      try {
        const startedAt = performance.now();
        const result = requireColumns(await runBounded(this.client, sql, maxRows));
        return { ...result, tookMs: performance.now() - startedAt };
      } finally {
        await this.client.query('ROLLBACK').catch(() => undefined); // the query itself reports lost sessions
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

function withWarnings(result: QueryResult, warnings: readonly string[]): QueryResult {
  return warnings.length > 0 ? { ...result, warnings } : result;
}

/** @throws DrillError `check-malformed` if there is no result set: empty text, a comment, a command without rows. */
export function requireColumns(result: QueryResult): QueryResult {
  if (result.columns.length > 0) return result;
  throw new DrillError('check-malformed', 'the check queries nothing: its result has no columns', {
    hint: 'Make it a SELECT that returns the value to check.',
  });
}

/** Fetches one row more than requested, to find out whether there are more, and then closes the portal. */
class BoundedQuery extends pg.Query<Cell[]> {
  wasSuspended = false;

  /** pg's own handler would fetch until the end. */
  handlePortalSuspended(connection: pg.Connection): void {
    this.wasSuspended = true;
    connection.sync();
  }
}

export function runBounded(client: pg.Client, sql: string, maxRows: number): Promise<QueryResult> {
  return new Promise((resolve, reject) => {
    const config = { text: sql, rowMode: 'array', queryMode: 'extended', rows: maxRows + 1, types: exactTypes };
    const query = new BoundedQuery(config as pg.QueryConfig, (error, result) => {
      if (error) {
        client.connection.sync(); // with a row limit pg sends no Sync itself, and the server waits for one after an error
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
