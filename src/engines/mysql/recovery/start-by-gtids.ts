import type { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { isAtLeast } from '../../../support/versions.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { quoteText } from '../server/quoting.ts';
import { SYSTEM_DATABASES } from '../server/system-databases.ts';
import { unknown } from './find-recovered-end.ts';
import type { LogStart } from './log-start.ts';

/** From this version on, InnoDB records the GTID of a transaction together with it, whether or not the server has a binary log. */
const FIRST_VERSION = '8.0.17';

/**
 * Finds the log position of a copy of a running MySQL: after the transactions whose GTIDs are in its files. InnoDB stores them with the changes, in
 * `mysql.gtid_executed` and its undo logs, so that crash recovery restores both or neither. The server was started without the binary log of the copy, which
 * may contain more than InnoDB does. Source: MySQL's storage/innobase/clone/clone0repl.cc, `Clone_persist_gtid`.
 * @param version of the copied server. @throws DrillError `log-start-unknown` if the GTIDs do not determine it.
 */
export async function startByGtids(
  server: MysqlServer,
  { key, version = server.version }: { readonly key: string; readonly version: string | undefined },
  signal: AbortSignal,
): Promise<LogStart> {
  if (!isAtLeast(version, FIRST_VERSION))
    throw unknown(key, `InnoDB records GTIDs since MySQL ${FIRST_VERSION}, and it is of ${version}`);
  const [executed, others] = await server.administer(
    signal,
    async (session) => [await session.ask('SELECT @@GLOBAL.gtid_executed'), await session.ask(OTHER_TABLES)] as const,
  );
  const gtid = executed[0]?.[0]?.replaceAll(/\s+/g, '') ?? '';
  if (gtid === '') throw unknown(key, 'its transactions have no GTIDs (`gtid_mode`), and InnoDB records no position');
  const [other] = others;
  if (other) {
    const [database, table, engine] = other.map((cell) => toPrintable(cell ?? ''));
    throw unknown(key, `${database}.${table} is in ${engine}, which records no GTIDs as InnoDB does`);
  }
  return { position: undefined, gtid, isInLogOrder: true };
}

/** Tables of engines that store changes without GTIDs. */
const OTHER_TABLES = `SELECT TABLE_SCHEMA, TABLE_NAME, ENGINE FROM information_schema.TABLES
  WHERE TABLE_TYPE = 'BASE TABLE' AND ENGINE NOT IN ('InnoDB', 'MEMORY', 'BLACKHOLE')
    AND LOWER(TABLE_SCHEMA) NOT IN (${[...SYSTEM_DATABASES].map(quoteText).join(', ')}) LIMIT 1`;

/** Explains why a start without the binary log fails if only the log records what was committed. @returns undefined: it was something else. */
export function explainPrepared(key: string, lines: readonly string[]): DrillError | undefined {
  const count = /Found (\d+) prepared transactions?! It means that /i.exec(lines.join('\n'))?.[1];
  if (count === undefined) return undefined;
  return unknown(
    key,
    count === '1' ? 'a transaction was being committed' : `${count} transactions were being committed`,
  );
}
