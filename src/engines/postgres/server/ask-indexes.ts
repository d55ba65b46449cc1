import type pg from 'pg';
import type { Unanswered } from './ask-tables.ts';
import type { CheckLogin } from './check-role.ts';
import { openCheckClient } from './check-session.ts';
import type { PostgresServer } from './postgres-server.ts';

/** A table, or an index of one, and the index by which all of its rows can be asked for. */
export interface IndexedTable {
  /** For people: `public.orders`. */
  readonly name: string;
  /** Quoted. */
  readonly table: string;
  readonly index: string;
  /** The first column of the index, quoted. */
  readonly column: string;
}

export type IndexAnswer = 'whole' | 'unknown' | Unanswered;

const SCAN_TIMEOUT_MS = 20_000;
/** The recovery waits for it: once so many have taken too long, no more are asked. */
const MAX_TIMEOUTS = 3;
const TIMED_OUT = '57014';

/**
 * Reads every row that an index points at: a server that finds none of its pages beyond the end of the table answers with an error. Sessions are of the user of
 * checks, as planning may call functions of the restored data.
 * @returns one answer for each: `unknown` where the server would not use that index, or takes too long.
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

/** From the table, row by row as the index points at them, by this session alone. */
const BY_INDEX = {
  ...{ enable_seqscan: 'off', enable_bitmapscan: 'off', enable_indexonlyscan: 'off', enable_sort: 'off' },
  ...{ enable_indexscan: 'on', max_parallel_workers_per_gather: 0, statement_timeout: SCAN_TIMEOUT_MS },
};

/** Asks on a session with a limit of time for each statement. */
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
  // backwards: where rows are added at the end, what is missing is asked for first
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

/** Whether a plan, in JSON, reads the table by that index. Pure. */
export function usesIndex(plan: unknown, index: string): boolean {
  if (typeof plan !== 'object' || plan === null) return false;
  const node = plan as Record<string, unknown>;
  if (node['Node Type'] === 'Index Scan' && node['Index Name'] === index) return true;
  return Object.values(node).some((each) => usesIndex(each, index));
}
