import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import { integersOf } from '../catalog/columns.ts';
import type { Session } from '../server/connect.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { quoteName, quoteText } from '../server/quoting.ts';
import { numberOf } from '../server/server-errors.ts';
import { SYSTEM_DATABASES } from '../server/system-databases.ts';

/** So many tables are compared. */
const COMPARED_TABLES = 5000;
/** So many are asked by one statement. */
const PER_QUERY = 50;
const NAMED = 5;

interface Numbered {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  /** The largest number that its type holds. */
  readonly most: bigint;
}

/**
 * Compares after a replay, for each table, the AUTO_INCREMENT with the largest number in its column: a server that goes on from the copy gives it next.
 * It is no failure, since no row is wrong, and the backed-up server may have been so itself.
 * @returns a warning where it is not larger.
 */
export async function findTakenNumbers(
  server: Pick<MysqlServer, 'administer' | 'flavor' | 'version'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  return server.administer(signal, async (session) => {
    for (const statement of server.flavor.checkSession(server.version)) await session.execute(statement);
    const numbered = await listNumbered(session);
    const taken: string[] = [];
    for (let start = 0; start < numbered.length; start += PER_QUERY)
      taken.push(...(await takenAmong(session, numbered.slice(start, start + PER_QUERY))));
    if (taken.length === 0) return [];
    const more = taken.length > NAMED ? `, and ${formatCount(taken.length - NAMED)} more` : '';
    return [
      `AUTO_INCREMENT is not above the largest number that is in use: ${taken.slice(0, NAMED).join(', ')}${more}; an INSERT without a number ends with a duplicate key there`,
    ];
  });
}

/** Columns of integers: one that is not would make all numbers of a statement inexact. */
async function listNumbered(session: Session): Promise<readonly Numbered[]> {
  const rows = await session.ask(
    `SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, LOWER(DATA_TYPE), COLUMN_TYPE LIKE '%unsigned%'
       FROM information_schema.COLUMNS
      WHERE EXTRA LIKE '%auto_increment%' AND LOWER(TABLE_SCHEMA) NOT IN (${[...SYSTEM_DATABASES].map(quoteText).join(', ')})
      LIMIT ${COMPARED_TABLES}`,
  );
  return rows.flatMap(([schema, table, column, type, isUnsigned]) => {
    const most = integersOf(String(type), isUnsigned === '1', undefined, undefined)?.max;
    return most === undefined ? [] : [{ schema: String(schema), table: String(table), column: String(column), most }];
  });
}

async function takenAmong(session: Session, tables: readonly Numbered[]): Promise<readonly string[]> {
  try {
    // where the column is not the first of an index, numbers begin anew for each value of what comes before it
    const indexes = await askEach(
      session,
      tables,
      (one) =>
        `COUNT(*) FROM information_schema.STATISTICS WHERE ${isTable(one)} AND COLUMN_NAME = ${quoteText(one.column)} AND SEQ_IN_INDEX = 1`,
    );
    const compared = tables.filter((one) => Number(indexes.get(one) ?? 0) > 0);
    // before AUTO_INCREMENT, as it opens the tables: MySQL shows that as it was earlier
    const largest = await askEach(
      session,
      compared,
      ({ schema, table, column }) => `MAX(${quoteName(column)}) FROM ${quoteName(schema)}.${quoteName(table)}`,
    );
    const next = await askEach(
      session,
      compared,
      (one) => `AUTO_INCREMENT FROM information_schema.TABLES WHERE ${isTable(one)} AND TABLE_TYPE = 'BASE TABLE'`,
    );
    return compared.flatMap((one) => {
      const [used, free] = [largest.get(one), next.get(one)];
      if (used === undefined || free === undefined || !isTaken({ used, free, most: one.most })) return [];
      return [`${toPrintable(`${one.schema}.${one.table}`, 200)} (${free}, largest ${used})`];
    });
  } catch (error) {
    if (numberOf(error) === 0) throw error;
    if (tables.length <= 1) return []; // a table that cannot be read is reported by what examines them
    const alone: string[] = [];
    for (const table of tables) alone.push(...(await takenAmong(session, [table])));
    return alone;
  }
}

/**
 * One value of each table. A look into information_schema names one table: for a join, or a choice of names, servers open all tables that they have, and
 * may do so for each row.
 */
async function askEach(
  session: Session,
  tables: readonly Numbered[],
  select: (table: Numbered) => string,
): Promise<ReadonlyMap<Numbered, string>> {
  if (tables.length === 0) return new Map();
  const rows = await session.ask(tables.map((one, index) => `(SELECT ${index}, ${select(one)})`).join(' UNION ALL '));
  return new Map(
    rows.flatMap(([index, value]) => {
      const one = tables[Number(index)];
      return one && value != null ? [[one, value]] : [];
    }),
  );
}

function isTable({ schema, table }: Numbered): string {
  return `TABLE_SCHEMA = ${quoteText(schema)} AND TABLE_NAME = ${quoteText(table)}`;
}

/** Once the last number of its type is in use, it stays there. */
function isTaken({ used, free, most }: { used: string; free: string; most: bigint }): boolean {
  if (!/^\d+$/.test(used) || !/^\d+$/.test(free)) return false;
  return BigInt(free) <= BigInt(used) && BigInt(used) < most;
}
