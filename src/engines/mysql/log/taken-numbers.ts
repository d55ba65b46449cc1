import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import { integersOf } from '../catalog/columns.ts';
import type { Session } from '../server/connect.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { quoteName, quoteText } from '../server/quoting.ts';
import { numberOf } from '../server/server-errors.ts';
import { SYSTEM_DATABASES } from '../server/system-databases.ts';

/** So many tables are compared, the largest first. */
const COMPARED_TABLES = 5000;
/** So many are asked by one statement. */
const PER_QUERY = 50;
const NAMED = 5;

interface Numbered {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  /** The largest number that its type holds; undefined: it is no integer. */
  readonly most: bigint | undefined;
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

/** Where the column is not the first of an index, numbers begin anew for each value of what comes before it. */
async function listNumbered(session: Session): Promise<readonly Numbered[]> {
  const rows = await session.ask(
    `SELECT c.TABLE_SCHEMA, c.TABLE_NAME, c.COLUMN_NAME, LOWER(c.DATA_TYPE), c.COLUMN_TYPE LIKE '%unsigned%'
       FROM information_schema.COLUMNS c
       JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
      WHERE c.EXTRA LIKE '%auto_increment%' AND t.TABLE_TYPE = 'BASE TABLE'
        AND LOWER(c.TABLE_SCHEMA) NOT IN (${[...SYSTEM_DATABASES].map(quoteText).join(', ')})
        AND EXISTS (SELECT 1 FROM information_schema.STATISTICS s WHERE s.TABLE_SCHEMA = c.TABLE_SCHEMA
                       AND s.TABLE_NAME = c.TABLE_NAME AND s.COLUMN_NAME = c.COLUMN_NAME AND s.SEQ_IN_INDEX = 1)
      ORDER BY COALESCE(t.DATA_LENGTH, 0) DESC LIMIT ${COMPARED_TABLES}`,
  );
  return rows.map(([schema, table, column, type, isUnsigned]) => ({
    ...{ schema: String(schema), table: String(table), column: String(column) },
    most: integersOf(String(type), isUnsigned === '1', undefined, undefined)?.max,
  }));
}

async function takenAmong(session: Session, tables: readonly Numbered[]): Promise<readonly string[]> {
  try {
    // first, as it opens the tables: before that, MySQL shows AUTO_INCREMENT as it was earlier
    const largest = await session.ask(
      tables
        .map(
          ({ schema, table, column }, index) =>
            `(SELECT ${index}, MAX(${quoteName(column)}) FROM ${quoteName(schema)}.${quoteName(table)})`,
        )
        .join(' UNION ALL '),
    );
    const next = await session.ask(
      `SELECT TABLE_SCHEMA, TABLE_NAME, AUTO_INCREMENT FROM information_schema.TABLES WHERE AUTO_INCREMENT IS NOT NULL AND (${tables
        .map(({ schema, table }) => `TABLE_SCHEMA = ${quoteText(schema)} AND TABLE_NAME = ${quoteText(table)}`)
        .join(' OR ')})`,
    );
    const nextOf = new Map(next.map(([schema, table, number]) => [JSON.stringify([schema, table]), number]));
    return largest.flatMap(([index, used]) => {
      const table = tables[Number(index)];
      const free = table && nextOf.get(JSON.stringify([table.schema, table.table]));
      if (!table || !used || !free || !isTaken({ used, free, most: table.most })) return [];
      return [`${toPrintable(`${table.schema}.${table.table}`, 200)} (${free}, largest ${used})`];
    });
  } catch (error) {
    if (numberOf(error) === 0) throw error;
    if (tables.length <= 1) return []; // a table that cannot be read is reported by what examines them
    const alone: string[] = [];
    for (const table of tables) alone.push(...(await takenAmong(session, [table])));
    return alone;
  }
}

/** Once the last number of its type is in use, it stays there. */
function isTaken({ used, free, most }: { used: string; free: string; most: bigint | undefined }): boolean {
  if (most === undefined || !/^\d+$/.test(used) || !/^\d+$/.test(free)) return false;
  return BigInt(free) <= BigInt(used) && BigInt(used) < most;
}
