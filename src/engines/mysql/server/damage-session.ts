import { DrillError } from '../../../support/errors.ts';
import type { DamageSession } from '../../damage.ts';
import { checkError } from './check-errors.ts';
import { toResult } from './check-session.ts';
import { damageStatement } from './damage-statement.ts';
import type { MysqlServer } from './mysql-server.ts';

/**
 * Damages data as the harness's account, without foreign keys, and queries in the same transaction: nothing is ever committed, and other sessions never see it.
 * Triggers of the restored data do fire; their changes are rolled back as well. It is an XA transaction, in which the server rejects every statement that would
 * commit implicitly, such as `CHECK TABLE` (https://dev.mysql.com/doc/refman/8.4/en/xa-states.html).
 */
export async function openMysqlDamageSession(
  server: MysqlServer,
  database: string,
  signal: AbortSignal,
): Promise<DamageSession> {
  const session = await server.openSession(database, signal);
  for (const statement of SETTINGS) await session.execute(statement);
  let isOpen = false;
  const undo = async (): Promise<void> => {
    if (!isOpen) return;
    await session.execute(`XA END ${XID}`).catch(() => undefined); // the server has ended it where it can only be rolled back
    await session.execute(`XA ROLLBACK ${XID}`);
    isOpen = false;
  };
  return {
    async damage(target, damage) {
      await undo();
      if (target.table.outsideSnapshot !== undefined) return 0; // cannot be rolled back
      const statement = damageStatement(target, damage);
      if (statement === undefined) return 0;
      await session.execute(`XA START ${XID}`);
      isOpen = true;
      await session.execute(statement);
      const [[changed = '0'] = []] = await session.ask('SELECT ROW_COUNT()');
      return Math.max(0, Number(changed));
    },
    undo,
    async query(sql, { timeoutMs, maxRows, signal: given }) {
      given.throwIfAborted();
      const startedAt = performance.now();
      try {
        await session.execute(server.flavor.limitTime(timeoutMs));
        // all rows are read: leaving a session early would end its transaction
        const { rows, ...result } = toResult(await session.askRows(sql, Number.POSITIVE_INFINITY));
        return { ...result, rows: rows.slice(0, maxRows), truncated: rows.length > maxRows };
      } catch (error) {
        const cause = await server.explainLoss(error, given);
        if (cause instanceof DrillError || cause === given.reason) throw cause;
        const { flavor, version } = server;
        const tookMs = performance.now() - startedAt;
        throw checkError(cause, {
          ...{ sql, flavor, version, timeoutMs, tookMs },
          holderOf: (right) => server.holderOf(right.account),
        });
      }
    },
    [Symbol.asyncDispose]: () => session.close(),
  };
}

const XID = "'firedrill'";

const SETTINGS = [
  "SET SESSION time_zone = '+00:00', sql_mode = DEFAULT, sql_select_limit = DEFAULT, foreign_key_checks = 0, sql_safe_updates = 0",
];
