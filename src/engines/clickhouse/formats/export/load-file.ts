import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { formatCount } from '../../../../support/quantities.ts';
import type { ClickHouseProgram } from '../../server/program.ts';
import { ClickHouseError, restoreError } from '../../server/server-errors.ts';
import { IS_NO_SYSTEM_DATABASE } from '../../server/system-databases.ts';
import { quoteName, quoteText } from '../../sql/quoting.ts';
import { readTsv } from '../../sql/read-tsv.ts';
import { tableId } from '../../table-id.ts';
import { ALLOWED } from '../parts/allowed-settings.ts';
import { nameOf } from '../parts/create-tables.ts';
import type { ExportedTable, ExportFile } from './exported-table.ts';

const TABLE_FORMAT = { 'output-format': 'TabSeparatedWithNamesAndTypes' };
/** A table partitioned by day has hundreds of partitions in a block; by default a server accepts 100. */
const OPTIONS = { ...ALLOWED, optimize_on_insert: 0, max_partitions_per_insert_block: 0 };
/** Engines that store each inserted row. */
const KEEPS_EACH_ROW = ['MergeTree', 'Log', 'TinyLog', 'StripeLog'];

export interface LoadedFile {
  /** Number of rows in the file. */
  readonly rows: number;
}

interface FileInSandbox {
  readonly key: string;
  readonly file: ExportFile;
  /** Path in the sandbox. */
  readonly path: string;
  /** Column types of the table; undefined: it does not exist yet. */
  readonly types: ReadonlyMap<string, Column> | undefined;
  readonly signal: AbortSignal;
}

/**
 * Inserts the rows of a file, by column name and with the types of the table, as `INSERT … FORMAT` does. A table without a definition gets the columns of its
 * first file.
 * @throws DrillError `backup-incomplete` for a column that is missing in the file, `restore-failed` for rows that are missing afterwards, and as
 * {@link restoreError} maps what ClickHouse rejects.
 */
export async function loadFile(
  program: ClickHouseProgram,
  table: ExportedTable,
  { key, file, path, types = new Map(), signal }: FileInSandbox,
): Promise<LoadedFile> {
  const name = quoteName(table.database, table.table);
  const source = (structure: string) => `file(${quoteText(path)}, ${quoteText(file.format)}${structure})`;
  try {
    const columns = namesIn(await program.ask(`DESCRIBE TABLE ${source('')}`, { options: TABLE_FORMAT, signal }));
    requireColumns(key, file, columns, types);
    const structure = columns.flatMap((column) => {
      const type = types.get(column)?.type;
      return type === undefined ? [] : [`${quoteName(column)} ${type}`];
    });
    const typed = structure.length === columns.length ? `, ${quoteText(structure.join(', '))}` : '';
    const list = columns.map((column) => quoteName(column)).join(', ');
    const counts = await program.ask(
      [
        `CREATE TABLE IF NOT EXISTS ${name} ENGINE = MergeTree ORDER BY tuple() AS SELECT * FROM ${source('')} LIMIT 0;`,
        `SELECT count() FROM ${name};`,
        `INSERT INTO ${name} (${list}) SELECT ${list} FROM ${source(typed)};`,
        `SELECT count() FROM ${source('')};`,
        `SELECT count() FROM ${name};`,
        `SELECT engine FROM system.tables WHERE database = ${quoteText(table.database)} AND name = ${quoteText(table.table)};`,
      ].join('\n'),
      { options: OPTIONS, signal },
    );
    return judgeRows(key, file, counts);
  } catch (error) {
    if (error instanceof ClickHouseError && error.code === NO_STRUCTURE) throw unreadable(key, file, error);
    throw restoreError(error, key, `loading ${toPrintable(file.name, 120)}`);
  }
}

const NO_STRUCTURE = 636;

function namesIn(text: string): readonly string[] {
  return readTsv(text, Number.POSITIVE_INFINITY).rows.map(([name]) => String(name));
}

export interface Column {
  readonly type: string;
  /** Whether an INSERT without it uses a value from the definition. */
  readonly hasDefault: boolean;
}

/**
 * Reads the columns of existing tables, by name and the ids that {@link tableId} returns. One query for all: each requires a start of the program. @throws
 * DrillError as {@link restoreError} maps it.
 */
export async function readColumns(
  program: ClickHouseProgram,
  { key, signal }: { readonly key: string; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, ReadonlyMap<string, Column>>> {
  const sql = `SELECT database, table, name, type, default_kind FROM system.columns WHERE ${IS_NO_SYSTEM_DATABASE}`;
  const answer = await program.ask(sql, { options: TABLE_FORMAT, signal }).catch((error: unknown) => {
    throw restoreError(error, key, 'reading the columns of the tables');
  });
  const { rows } = readTsv(answer, Number.POSITIVE_INFINITY);
  const tables = new Map<string, Map<string, Column>>();
  for (const [database, table, name, type, kind] of rows) {
    const id = tableId({ database: String(database), table: String(table) });
    const columns = tables.get(id) ?? new Map<string, Column>();
    tables.set(id, columns.set(String(name), { type: String(type), hasDefault: kind !== '' }));
  }
  return tables;
}

function requireColumns(
  key: string,
  file: ExportFile,
  columns: readonly string[],
  types: ReadonlyMap<string, Column>,
): void {
  const missing = [...types].filter(([name, { hasDefault }]) => !hasDefault && !columns.includes(name));
  const [first] = missing;
  if (!first) return;
  const more = missing.length > 1 ? ` and ${missing.length - 1} more columns` : '';
  throw new DrillError(
    'backup-incomplete',
    `${key}${toPrintable(file.name, 120)} lacks ${toPrintable(first[0], 60)}${more} of ${nameOf(file)}`,
    { hint: 'Export all columns (`SELECT *`), and the definition at the same time.' },
  );
}

/** @param counts rows of the table before, of the file, and of the table after, and its engine. */
function judgeRows(key: string, file: ExportFile, counts: string): LoadedFile {
  const [before, rows, after, engine = ''] = counts.trim().split('\n');
  if (!KEEPS_EACH_ROW.includes(engine) || Number(after) - Number(before) === Number(rows))
    return { rows: Number(rows) };
  throw new DrillError(
    'restore-failed',
    `${key}${toPrintable(file.name, 120)} has ${formatCount(Number(rows))} rows, and ${formatCount(Number(after) - Number(before))} were loaded into ${nameOf(file)}`,
    { hint: 'Load the file by hand with `INSERT … FORMAT`, with `--keep` in the sandbox of this run.' },
  );
}

function unreadable(key: string, file: ExportFile, error: ClickHouseError): DrillError {
  return new DrillError(
    'backup-corrupt',
    `${key}${toPrintable(file.name, 120)} cannot be read as ${file.format}: ${error.message}`,
    { hint: 'Compare its size and checksum with what was written, and export the table again.' },
  );
}
