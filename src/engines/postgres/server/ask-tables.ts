import type pg from 'pg';
import { toPrintable } from '../../../support/printable.ts';
import { type Answers, askEach } from '../../server/ask-each.ts';
import type { LoadFinding } from '../../whose-fault.ts';
import type { CheckLogin } from './check-role.ts';
import { openCheckClient } from './check-session.ts';
import type { PostgresServer } from './postgres-server.ts';
import { runRaw } from './wire.ts';

/** Maximum number of tables queried: each takes a fraction of a millisecond. */
export const MAX_ASKED = 50_000;
/** Statements of one message are one transaction, which locks its tables and all of their indexes. */
const BATCH = 20;
/** A table in which only deleted rows are left may be scanned to the end. */
const TABLE_TIMEOUT_MS = 10_000;
const BATCH_TIMEOUT_MS = 30_000;

/** A table that did not answer. */
export interface Unanswered {
  /** `public.orders`. */
  readonly name: string;
  /** SQLSTATE. */
  readonly code: string;
  readonly why: string;
}

interface Asked {
  readonly name: string;
  /** Quoted, in raw bytes, which need not be UTF-8 in a SQL_ASCII database. */
  readonly from: Buffer;
}

/**
 * Reads one row of every table, materialized view and partition of a database, the largest first. Uses as many sessions as there are CPUs, all as the check
 * user: planning a query may call functions of the restored data. Foreign tables are skipped: they would connect elsewhere.
 */
export async function askTables(
  server: PostgresServer,
  database: string,
  login: CheckLogin,
  signal: AbortSignal,
): Promise<Answers<Unanswered>> {
  const all = await server.withSession(database, signal, (admin) => listAsked(admin));
  return askEach<Asked, pg.Client, Unanswered>(all, {
    limit: MAX_ASKED,
    batchSize: BATCH,
    sessions: server.options.cpus,
    withSession: async (use) => {
      const client = await openCheckClient(server, database, login, { settings: FROM_THE_TABLE, signal });
      try {
        await use(client);
      } catch (error) {
        throw await server.explainLoss(error, signal);
      } finally {
        await server.closeSession(client);
      }
    },
    ask: (client, batch) => askBatch((sql, timeoutMs) => ask(client, sql, timeoutMs), batch),
  });
}

/** Not from an index alone, and without starting parallel workers. */
const FROM_THE_TABLE = { enable_indexscan: 'off', enable_indexonlyscan: 'off', max_parallel_workers_per_gather: 0 };

type Ask = (statements: readonly Buffer[], timeoutMs: number) => Promise<void>;

async function ask(client: pg.Client, statements: readonly Buffer[], timeoutMs: number): Promise<void> {
  await runRaw(client, Buffer.from(`SET statement_timeout = ${timeoutMs}`));
  await runRaw(client, ...statements);
}

/** Queries all of them in one message; if that fails, one by one. */
export async function askBatch(ask: Ask, batch: readonly Asked[]): Promise<readonly Unanswered[]> {
  try {
    await ask(batch.flatMap(selectFrom), BATCH_TIMEOUT_MS);
    return [];
  } catch (error) {
    codeOf(error);
  }
  const unanswered: Unanswered[] = [];
  for (const table of batch) {
    try {
      await ask(selectFrom(table), TABLE_TIMEOUT_MS);
    } catch (error) {
      const code = codeOf(error);
      if (code.startsWith('53')) throw error; // out of memory or disk space
      if (code !== TIMED_OUT) unanswered.push({ name: table.name, code, why: (error as Error).message });
    }
  }
  return unanswered;
}

/** A table that was read for that long without an error counts as answered. */
const TIMED_OUT = '57014';

function selectFrom({ from }: Asked): readonly Buffer[] {
  return [SELECT, from, LIMIT];
}

const SELECT = Buffer.from('SELECT 1 FROM ONLY ');
const LIMIT = Buffer.from(' LIMIT 1;\n');

/** @returns the SQLSTATE of the server's refusal. Throws any other error, such as a lost session. */
function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code) || code.startsWith('57P')) throw error;
  return code;
}

/** @returns whose fault it is that a table of a restored server does not answer; undefined if that proves nothing. Pure. */
export function explainUnanswered({ name, code, why }: Unanswered): LoadFinding | undefined {
  const text = `${toPrintable(name, 200)} cannot be read: ${toPrintable(why, 200)}`;
  if (/^could not (?:access file|load library)|^incompatible library|^access method "[\s\S]*" does not exist/.test(why))
    return { kind: 'library-missing', text };
  return /^(?:XX|58)/.test(code) ? { kind: 'missing-part', text } : undefined;
}

/** A materialized view that is not populated was not populated in production, either. Long values (TOAST) belong to their tables. */
async function listAsked(admin: pg.Client): Promise<readonly Asked[]> {
  const { rows } = await admin.query<{ name: string; from: Buffer }>(
    `SELECT n.nspname || '.' || c.relname AS name, textsend(format('%I.%I', n.nspname, c.relname)) AS from
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND (c.relkind <> 'm' OR c.relispopulated)
      ORDER BY c.relpages DESC, c.oid`,
  );
  return rows;
}
