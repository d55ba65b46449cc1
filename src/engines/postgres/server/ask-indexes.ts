import type pg from 'pg';
import type { Unanswered } from './ask-tables.ts';
import type { CheckLogin } from './check-role.ts';
import { openCheckClient } from './check-session.ts';
import type { PostgresServer } from './postgres-server.ts';

/** A table, or an index on one, and the index through which all of its rows can be read. */
export interface IndexedTable {
  /** Human-readable: `public.orders`. */
  readonly name: string;
  /** Quoted. */
  readonly table: string;
  readonly index: string;
  /** The first column of the index, quoted. */
  readonly column: string;
}

export type IndexAnswer = 'whole' | 'unknown' | Unanswered;

const SCAN_TIMEOUT_MS = 20_000;
/** The recovery waits for this: after this many timeouts, no more are queried. */
const MAX_TIMEOUTS = 3;
const TIMED_OUT = '57014';

/**
 * Reads every row that an index points at: if a page is beyond the end of the table, the server answers with an error. Sessions belong to the check user, since
 * planning may call functions of the restored data.
 * @returns one answer for each: `unknown` if the server would not use that index, or takes too long.
 */
export async function askIndexes(
  server: PostgresServer,
  database: string,
  login: CheckLogin,
  tables: readonly IndexedTable[],
  signal: AbortSignal,
): Promise<readonly IndexAnswer[]> {
  const client = await openCheckClient(server, database, login, { settings: BY_INDEX, signal });
  try {
    return await askInTurn(client, tables);
  } catch (error) {
    throw await server.explainLoss(error, signal);
  } finally {
    await server.closeSession(client);
  }
}

/** Row by row from the table, in index order, by this session alone. */
const BY_INDEX = {
  ...{ enable_seqscan: 'off', enable_bitmapscan: 'off', enable_indexonlyscan: 'off', enable_sort: 'off' },
  ...{ enable_indexscan: 'on', max_parallel_workers_per_gather: 0, statement_timeout: SCAN_TIMEOUT_MS },
};

/** Runs queries on a session with a timeout for each statement. */
export async function askInTurn(
  client: Pick<pg.Client, 'query'>,
  tables: readonly IndexedTable[],
): Promise<readonly IndexAnswer[]> {
  const answers: IndexAnswer[] = [];
  let timeouts = 0;
  for (const table of tables) {
    const answer = timeouts < MAX_TIMEOUTS ? await askIndex(client, table) : 'unknown';
    if (answer === 'timed-out') timeouts += 1;
    answers.push(answer === 'timed-out' ? 'unknown' : answer);
  }
  return answers;
}

async function askIndex(
  client: Pick<pg.Client, 'query'>,
  { name, table, index, column }: IndexedTable,
): Promise<IndexAnswer | 'timed-out'> {
  // backwards: if rows are added at the end, the missing ones are read first
  const sql = `SELECT count(*) FROM (SELECT FROM ONLY ${table} ORDER BY ${column} DESC OFFSET 0) AS rows`;
  try {
    const { rows } = await client.query<{ 'QUERY PLAN': unknown }>(`EXPLAIN (FORMAT JSON) ${sql}`);
    if (!usesIndex(rows[0]?.['QUERY PLAN'], index)) return 'unknown';
    await client.query(sql);
    return 'whole';
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message: string };
    if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code) || /^(?:57P|53)/.test(code)) throw error;
    if (code === TIMED_OUT) return 'timed-out';
    return /^(?:XX|58)/.test(code) ? { name, code, why: message } : 'unknown';
  }
}

/** Whether a plan, in JSON, reads the table through that index. Pure. */
export function usesIndex(plan: unknown, index: string): boolean {
  if (typeof plan !== 'object' || plan === null) return false;
  const node = plan as Record<string, unknown>;
  if (node['Node Type'] === 'Index Scan' && node['Index Name'] === index) return true;
  return Object.values(node).some((each) => usesIndex(each, index));
}
