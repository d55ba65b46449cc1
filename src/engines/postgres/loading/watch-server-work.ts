import type pg from 'pg';
import type { PostgresServer } from '../server/postgres-server.ts';

/** A statement in progress, as reported by {@link watchServerWork}. */
export interface ServerWork {
  readonly kind: 'rows' | 'index';
  readonly schema: string;
  readonly table: string;
  /** For rows: bytes read so far; for an index: fraction done, 0 to 1. */
  readonly done: number;
}

const EVERY_MS = 1000;

/** First versions of the views that report progress. Source: PostgreSQL's documentation, “Progress Reporting”. */
const ROWS_SINCE = 14;
const INDEX_SINCE = 12;
const ROWS = `SELECT 'rows' AS kind, n.nspname AS schema, c.relname AS "table", p.bytes_processed::float8 AS done
  FROM pg_stat_progress_copy p JOIN pg_class c ON c.oid = p.relid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE p.datname = current_database() AND p.command = 'COPY FROM'`;
const INDEX = `SELECT 'index', n.nspname, c.relname,
    CASE WHEN p.tuples_total > 0 THEN 0.6 + 0.4 * p.tuples_done::float8 / p.tuples_total
      WHEN p.blocks_total > 0 THEN 0.6 * p.blocks_done::float8 / p.blocks_total ELSE 0 END
  FROM pg_stat_progress_create_index p JOIN pg_class c ON c.oid = p.relid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE p.datname = current_database()`;

/**
 * Asks the server once a second what it is loading and building, on a session of its own: a table or an index of a large database takes minutes, during which
 * nothing else reports progress. It only displays progress: any error silently ends it, and never the restore.
 */
export function watchServerWork(
  server: PostgresServer,
  database: string,
  signal: AbortSignal,
  onWork: (work: readonly ServerWork[]) => void,
): AsyncDisposable {
  const queries = [...(server.major >= ROWS_SINCE ? [ROWS] : []), ...(server.major >= INDEX_SINCE ? [INDEX] : [])];
  const ending = new AbortController();
  const either = AbortSignal.any([signal, ending.signal]);
  const watching = queries.length === 0 ? Promise.resolve() : watch(queries.join(' UNION ALL '));
  return {
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await watching;
    },
  };

  async function watch(query: string): Promise<void> {
    let client: pg.Client | undefined;
    try {
      client = await server.openSession(database, either, { search_path: 'pg_catalog' });
      while (!either.aborted) {
        const { rows } = await client.query<ServerWork & pg.QueryResultRow>(query);
        if (!either.aborted) onWork(rows);
        await untilNext(either);
      }
    } catch {
      // the restore itself runs into problems of the server, and explains them
    } finally {
      if (client) await server.closeSession(client);
    }
  }
}

/** Resolves after a second, or at once when the watch ends. */
function untilNext(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, EVERY_MS);
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise.finally(() => clearTimeout(timer));
}
