import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import { integersOf } from '../catalog/columns.ts';
import type { Session } from '../server/connect.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { quoteName, quoteText } from '../server/quoting.ts';
import { numberOf } from '../server/server-errors.ts';
import { SYSTEM_DATABASES } from '../server/system-databases.ts';

/** Maximum number of tables to compare. */
const COMPARED_TABLES = 5000;
/** Number of tables queried by one statement. */
const PER_QUERY = 50;
const NAMED = 5;

interface Numbered {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  /** Largest number that its type can store. */
  readonly most: bigint;
}

/**
 * Compares each table's AUTO_INCREMENT with the largest number in its column after a replay: a server that continues from the copy assigns it next. This is not
 * a failure, since no row is wrong, and the backed-up server may have been in the same state.
 * @returns a warning if it is not larger.
 */
export async function findTakenNumbers(
  server: Pick<MysqlServer, 'administer' | 'flavor' | 'version'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  return server.administer(signal, async (session) => {
    for (const statement of server.flavor.checkSession(server.version)) await session.execute(statement);
    const isMysql = server.flavor.type === 'mysql';
    const numbered = await listNumbered(session);
    const taken: string[] = [];
    for (let start = 0; start < numbered.length; start += PER_QUERY)
      taken.push(...(await takenAmong(session, numbered.slice(start, start + PER_QUERY), isMysql)));
    if (taken.length === 0) return [];
    const more = taken.length > NAMED ? `, and ${formatCount(taken.length - NAMED)} more` : '';
    return [
      `AUTO_INCREMENT is not above the largest number in use: ${taken.slice(0, NAMED).join(', ')}${more}; an INSERT that leaves the number to the server fails there with a duplicate key`,
    ];
  });
}

/** Lists integer columns only: any other would make all numbers of a statement inexact. */
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

async function takenAmong(session: Session, tables: readonly Numbered[], isMysql: boolean): Promise<readonly string[]> {
  const lookUp = isMysql ? lookUpBySchema : lookUpEach;
  try {
    // if the column is not the first of an index, numbers restart for each value of the columns before it
    const indexed = await lookUp(session, tables, 'COLUMN_NAME', 'STATISTICS', 'SEQ_IN_INDEX = 1');
    const compared = tables.filter((one) => indexed.get(one)?.includes(one.column));
    // before AUTO_INCREMENT, because this opens the tables: MySQL otherwise shows an outdated value
    const largest = await askEach(
      session,
      compared,
      ({ schema, table, column }) => `MAX(${quoteName(column)}) FROM ${quoteName(schema)}.${quoteName(table)}`,
    );
    const next = await lookUp(session, compared, 'AUTO_INCREMENT', 'TABLES', "TABLE_TYPE = 'BASE TABLE'");
    return compared.flatMap((one) => {
      const [[used], [free]] = [largest.get(one) ?? [], next.get(one) ?? []];
      if (used === undefined || free === undefined || !isTaken({ used, free, most: one.most })) return [];
      return [`${toPrintable(`${one.schema}.${one.table}`, 200)} (${free}, largest ${used})`];
    });
  } catch (error) {
    if (numberOf(error) === 0) throw error;
    if (tables.length <= 1) return []; // a table that cannot be read is reported by what examines them
    const alone: string[] = [];
    for (const table of tables) alone.push(...(await takenAmong(session, [table], isMysql)));
    return alone;
  }
}

/** The values of each table, if any. */
type Values = ReadonlyMap<Numbered, readonly string[]>;

/** @param view of information_schema. */
type LookUp = (
  session: Session,
  tables: readonly Numbered[],
  value: string,
  view: string,
  condition: string,
) => Promise<Values>;

/** MySQL looks up its data dictionary by an index: 700 tables take 30 ms this way, and a second if each is queried separately, because its views are long. */
const lookUpBySchema: LookUp = async (session, tables, value, view, condition) => {
  const found: (readonly [Numbered, string])[] = [];
  for (const [schema, of] of Map.groupBy(tables, (one) => one.schema)) {
    const byName = Map.groupBy(of, ({ table }) => table);
    const names = [...byName.keys()].map(quoteText).join(', ');
    const rows = await session.ask(
      `SELECT TABLE_NAME, ${value} FROM information_schema.${view}
        WHERE TABLE_SCHEMA = ${quoteText(schema)} AND TABLE_NAME IN (${names}) AND ${condition}`,
    );
    for (const [table, each] of rows)
      for (const one of byName.get(String(table)) ?? []) if (each != null) found.push([one, each]);
  }
  return valuesOf(found);
};

/** MariaDB opens all tables of a database for a selection of names, and possibly for each row of a join. */
const lookUpEach: LookUp = (session, tables, value, view, condition) =>
  askEach(
    session,
    tables,
    ({ schema, table }) =>
      `${value} FROM information_schema.${view} WHERE TABLE_SCHEMA = ${quoteText(schema)} AND TABLE_NAME = ${quoteText(table)} AND ${condition}`,
  );

async function askEach(
  session: Session,
  tables: readonly Numbered[],
  select: (table: Numbered) => string,
): Promise<Values> {
  if (tables.length === 0) return new Map();
  const rows = await session.ask(tables.map((one, index) => `(SELECT ${index}, ${select(one)})`).join(' UNION ALL '));
  return valuesOf(
    rows.flatMap(([index, value]) => {
      const one = tables[Number(index)];
      return one && value != null ? [[one, value] as const] : [];
    }),
  );
}

function valuesOf(found: readonly (readonly [Numbered, string])[]): Values {
  const byTable = Map.groupBy(found, ([one]) => one);
  return new Map([...byTable].map(([one, of]) => [one, of.map(([, value]) => value)]));
}

/** Once the last number of its type is in use, AUTO_INCREMENT stays there. */
function isTaken({ used, free, most }: { used: string; free: string; most: bigint }): boolean {
  if (!/^\d+$/.test(used) || !/^\d+$/.test(free)) return false;
  return BigInt(free) <= BigInt(used) && BigInt(used) < most;
}
