import type { CopiedTable } from './copied-tables.ts';
import type { Cell, CopyColumn, CopyDatabase, Row } from './copy-database.ts';

const PAGE_ROWS = 1000;
/** Limit for texts and bytes per page; a page has at least one row. */
const PAGE_BYTES = 4_000_000;

export interface PagedTable {
  readonly table: CopiedTable;
  readonly columns: readonly CopyColumn[];
}

/** @returns the next rows in key order, as many as fit into memory; none at the end. */
export async function readPage(
  database: CopyDatabase,
  { table, columns }: PagedTable,
  after: readonly Cell[] | undefined,
): Promise<readonly Row[]> {
  const names = columns.map(({ name }) => quote(name)).join(', ');
  const key = table.key.map(quote).join(', ');
  const sizes = columns
    .filter(({ type }) => LONG_TYPES.includes(type))
    .map(({ name }) => `coalesce(octet_length(${quote(name)}), 0)`);
  const where = after === undefined ? '' : `where (${key}) > (${after.map(() => '?').join(', ')})`;
  // Lengths are available without reading a long value. Names with a space cannot collide with column names.
  return database.query(
    `select ${names} from (
      select ${names}, sum("row bytes") over running as "bytes so far", row_number() over running as "row place" from (
        select ${names}, ${['0', ...sizes].join(' + ')} as "row bytes" from ${database.table(table.name)} ${where}
        order by ${key} limit ${PAGE_ROWS}
      ) as page window running as (order by ${key} rows unbounded preceding)
    ) as sized where "bytes so far" <= ${PAGE_BYTES} or "row place" = 1 order by ${key}`,
    after,
  );
}

/** @returns the key's values, in key order. */
export function keyOf({ table, columns }: PagedTable, row: Row): readonly Cell[] {
  return table.key.map((name) => row[columns.findIndex((column) => column.name === name)] ?? null);
}

export async function countRows(database: CopyDatabase, { name }: CopiedTable): Promise<number> {
  return Number((await database.query(`select count(*) from ${database.table(name)}`))[0]?.[0]);
}

const LONG_TYPES = ['text', 'blob', 'bytea'];

function quote(name: string): string {
  return `"${name}"`;
}
