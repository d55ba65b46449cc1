import type pg from 'pg';
import { DrillError } from '../../../support/errors.ts';
import type { DamageSession } from '../../damage.ts';
import { checkError } from './check-errors.ts';
import { type CheckLogin, prepareCheckRole } from './check-role.ts';
import { checkSettings, requireColumns, runBounded } from './check-session.ts';
import { damageStatement } from './damage-statement.ts';
import { quoteIdentifier } from './dump-names.ts';
import type { PostgresServer } from './postgres-server.ts';

/**
 * Damages as the harness's superuser, without triggers and foreign keys, and queries as the check role in the same transaction: nothing is ever committed, and
 * no other session sees it.
 */
export async function openPostgresDamageSession(
  server: PostgresServer,
  database: string,
  login: CheckLogin,
  signal: AbortSignal,
): Promise<DamageSession> {
  const { searchPath } = await prepareCheckRole(server, database, login, signal);
  const settings = { ...checkSettings(server.major, searchPath), session_replication_role: 'replica' };
  const client = await server.openSession(database, signal, settings);
  const role = quoteIdentifier(login.role);
  const begin = () => client.query('BEGIN');
  const undo = async (): Promise<void> => {
    await client.query('ROLLBACK');
    await begin();
  };
  await begin();
  return {
    async damage(target, damage) {
      await undo();
      return (await client.query(damageStatement(target, damage))).rowCount ?? 0;
    },
    undo,
    async query(sql, { timeoutMs, maxRows, signal: given }) {
      given.throwIfAborted();
      try {
        return await queryAsCheck(client, role, { sql, timeoutMs, maxRows });
      } catch (error) {
        const cause = await server.explainLoss(error, given);
        throw cause instanceof DrillError || cause === given.reason ? cause : checkError(cause, timeoutMs);
      }
    },
    [Symbol.asyncDispose]: () => server.closeSession(client),
  };
}

/** Within a savepoint, whose rollback resets the role, the timeout and the ban on writing. */
async function queryAsCheck(
  client: pg.Client,
  role: string,
  { sql, timeoutMs, maxRows }: { sql: string; timeoutMs: number; maxRows: number },
) {
  const timeout = Math.max(1, Math.ceil(timeoutMs));
  await client.query(
    `SAVEPOINT firedrill; SET LOCAL statement_timeout = ${timeout}; SET LOCAL ROLE ${role}; SET LOCAL transaction_read_only = on`,
  );
  try {
    return requireColumns(await runBounded(client, sql, maxRows));
  } finally {
    await client.query('ROLLBACK TO SAVEPOINT firedrill').catch(() => undefined); // the query itself reports lost sessions
  }
}
