import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import type { Inventory } from '../../engine.ts';
import { isInner } from '../catalog/tables.ts';
import { quoteName, quoteText } from '../sql/quoting.ts';
import { readTsv } from '../sql/read-tsv.ts';
import { tableId } from '../table-id.ts';
import type { ClickHouseProgram } from './program.ts';
import { ClickHouseError, shortageError } from './server-errors.ts';
import { IS_NO_SYSTEM_DATABASE } from './system-databases.ts';

/** A table that the backup lists. */
export interface ListedTable {
  readonly database: string;
  readonly table: string;
  readonly hasData: boolean;
}

/** Engines that store rows here. Others are views, or read another server, which a sandbox cannot reach. */
const KEEPS_ROWS = /MergeTree$|Log$/;
const AT_ONCE = 50;
const FIRST_NAMED = 20;
const TABLE_FORMAT = { 'output-format': 'TabSeparatedWithNamesAndTypes' };

/**
 * Checks that everything the backup lists exists and can be read. A server that started on an empty path has none of it, and RESTORE says `RESTORED` for a part
 * with a flipped bit: so each table is looked up, read from, and checked with CHECK TABLE, which compares every part with its checksums.
 * @throws DrillError `wrong-data` naming the tables, or what the program throws.
 */
export async function verifyInventory(
  program: ClickHouseProgram,
  listed: readonly ListedTable[],
  signal: AbortSignal,
): Promise<Inventory> {
  const { found, detached } = await readTables(program, signal);
  const flaws = [
    ...listed
      .filter((table) => !found.has(tableId(table)))
      .map((table) => `${nameOf(table)} is in the backup, but was not restored`),
    ...detached,
  ];
  const readable = [...listed, ...innerTables(found, listed)].filter((table) =>
    KEEPS_ROWS.test(found.get(tableId(table)) ?? ''),
  );
  for (let at = 0; at < readable.length; at += AT_ONCE) {
    flaws.push(...(await examine(program, readable.slice(at, at + AT_ONCE), signal)));
  }
  if (flaws.length === 0) return { of: 'tables', listed: listed.length, read: readable.length };
  const more = flaws.length > 1 ? ` (and ${flaws.length - 1} more)` : '';
  throw new DrillError(
    'wrong-data',
    `not all ${listed.length} tables in the backup were restored completely: ${flaws[0]}${more}`,
    {
      details: flaws.slice(0, FIRST_NAMED),
      hint: 'Run CHECK TABLE on the server that was backed up: if it passes there, the backup was damaged afterwards.',
    },
  );
}

const nameOf = ({ database, table }: Pick<ListedTable, 'database' | 'table'>): string =>
  toPrintable(`${database}.${table}`, 120);

const LISTS_DETACHED = { database: 'system', table: 'detached_parts' };
const LIST_TABLES = `SELECT database, name, engine, '' AS part, '' AS why FROM system.tables
WHERE (${IS_NO_SYSTEM_DATABASE}) OR (database = 'system' AND name = 'detached_parts')`;
const LIST_DETACHED = `SELECT database, table, '' AS engine, name AS part, toString(reason) AS why FROM system.detached_parts LIMIT ${FIRST_NAMED}`;

interface Catalog {
  /** The engine of each table, by the table's id. */
  readonly found: ReadonlyMap<string, string>;
  /** A sentence for each part that the server set aside when it loaded the tables. */
  readonly detached: readonly string[];
}

/** In one query where each is a process: `clickhouse-local` always lists the parts that were set aside, a server only when it is new enough. */
async function readTables(program: ClickHouseProgram, signal: AbortSignal): Promise<Catalog> {
  const ask = async (sql: string) =>
    readTsv(await program.ask(sql, { options: TABLE_FORMAT, signal }), Number.POSITIVE_INFINITY).rows;
  const atOnce = program.checksParts;
  const rows = await ask(atOnce ? `${LIST_TABLES} UNION ALL SELECT * FROM (${LIST_DETACHED})` : LIST_TABLES);
  const found = new Map<string, string>();
  const detached: string[] = [];
  const take = ([database, name, engine, part, why]: readonly unknown[]): void => {
    const table = { database: String(database), table: String(name) };
    if (part === '') found.set(tableId(table), String(engine));
    else detached.push(toPrintable(`${nameOf(table)}: part ${part} was set aside${why ? ` as ${why}` : ''}`, 300));
  };
  for (const row of rows) take(row);
  const listsDetached = found.delete(tableId(LISTS_DETACHED));
  if (listsDetached && !atOnce) for (const row of await ask(LIST_DETACHED)) take(row);
  return { found, detached };
}

/** The tables in which materialized views store their rows: some backups list only the view. */
function innerTables(found: ReadonlyMap<string, string>, listed: readonly ListedTable[]): readonly ListedTable[] {
  const known = new Set(listed.map(tableId));
  return [...found.keys()]
    .filter((id) => !known.has(id))
    .map((id) => JSON.parse(id) as [string, string])
    .filter(([, table]) => isInner(table))
    .map(([database, table]) => ({ database, table, hasData: false }));
}

/** Examines many tables in one process; if that fails, each in its own process, so that the failing one is named. */
async function examine(
  program: ClickHouseProgram,
  tables: readonly ListedTable[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const text = await program.ask(tables.map((table) => queriesOf(table, program)).join('\n'), { signal });
    return explain(text, tables);
  } catch (error) {
    if (!(error instanceof ClickHouseError)) throw error;
    const shortage = shortageError(error, 'reading the restored tables');
    if (shortage) throw shortage;
    const [table, ...others] = tables;
    if (table && others.length === 0) return [`${nameOf(table)} cannot be read: ${error.message}`];
  }
  const flaws: string[] = [];
  for (const table of tables) flaws.push(...(await examine(program, [table], signal)));
  return flaws;
}

const MARK = 'firedrill:';

/**
 * The mark identifies the table of the lines that follow: a row that was read, 0 or 1 of them, and then its parts. If CHECK TABLE cannot check parts, every row
 * is read: each compressed block has a checksum.
 */
function queriesOf(table: ListedTable, { checksParts }: ClickHouseProgram): string {
  const name = quoteName(table.database, table.table);
  return [
    `SELECT ${quoteText(MARK)}, ${quoteText(tableId(table))}, count() FROM (SELECT * FROM ${name} LIMIT 1);`,
    checksParts
      ? `CHECK TABLE ${name} SETTINGS check_query_single_value_result = 0;`
      : `SELECT * FROM ${name} FORMAT Null;`,
  ].join('\n');
}

function explain(text: string, tables: readonly ListedTable[]): readonly string[] {
  const flaws: string[] = [];
  let at = -1;
  for (const line of text.split('\n').filter(Boolean)) {
    const cells = line.split('\t');
    const table = tables[cells[0] === MARK ? ++at : at];
    if (!table) throw new DrillError('internal', 'CHECK TABLE printed more results than tables were checked');
    if (cells[0] === MARK) {
      if (cells.at(-1) === '0' && table.hasData)
        flaws.push(`${nameOf(table)} has rows in the backup, but is empty after the restore`);
    } else if (cells[1] !== '1') {
      const why = (cells[2] ?? '')
        .replace(/^Code: \d+\. DB::Exception: /, '')
        .replace(/ \([A-Z_]+\)(?: \(version .*)?$/, '');
      flaws.push(toPrintable(`${nameOf(table)}: part ${cells[0]} is damaged${why ? `: ${why}` : ''}`, 400));
    }
  }
  if (at + 1 !== tables.length)
    throw new DrillError('internal', `CHECK TABLE answered for ${at + 1} of ${tables.length} tables`);
  return flaws;
}
