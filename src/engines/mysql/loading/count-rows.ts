import { formatCount } from '../../../support/quantities.ts';
import type { LoadErrors } from '../../sql-dump/load-errors.ts';
import type { Session } from '../server/connect.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { quoteName } from '../server/quoting.ts';

/** @param sql returns one number. @returns undefined for NULL or a missing table, which was reported when it could not be created. */
export async function askCount(session: Pick<Session, 'ask'>, sql: string): Promise<number | undefined> {
  try {
    const [row] = await session.ask(sql);
    return row?.[0] === null || row?.[0] === undefined ? undefined : Number(row[0]);
  } catch (error) {
    if (typeof (error as { errno?: unknown }).errno === 'number') return undefined;
    throw error;
  }
}

/** @returns how many rows a table has; undefined if it does not exist. */
export function countRowsOf(
  server: MysqlServer,
  { database, table }: { readonly database: string; readonly table: string },
  signal: AbortSignal,
): Promise<number | undefined> {
  return server.administer(signal, (session) =>
    askCount(session, `SELECT COUNT(*) FROM ${quoteName(database)}.${quoteName(table)}`),
  );
}

export interface StatedCount {
  /** The table, quoted for SQL. */
  readonly name: string;
  /** Human-readable: the table, and the place that states the count. */
  readonly shown: string;
  /** Where the count is stated: `the dump`. */
  readonly source: string;
  readonly rows: number;
}

/** Reports a table that holds fewer rows than the backup states. More rows are not reported: triggers and SQL after the dump may add some. */
export async function requireRows(
  session: Pick<Session, 'ask'>,
  errors: LoadErrors,
  { name, shown, source, rows }: StatedCount,
): Promise<void> {
  if (rows === 0) return;
  const loaded = await askCount(session, `SELECT COUNT(*) FROM ${name}`);
  if (loaded === undefined || loaded >= rows) return;
  const text = `${shown} has ${formatCount(loaded)} rows, and ${source} says that ${formatCount(rows)} were dumped`;
  errors.report({ kind: 'missing-part', text });
}
