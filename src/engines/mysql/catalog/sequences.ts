import type { AskCatalog, CatalogSequence } from '../../catalog.ts';
import { readCatalogRows } from '../../server/catalog-cells.ts';
import { quoteName } from '../server/quoting.ts';
import type { MysqlColumn } from './columns.ts';

/** Reads AUTO_INCREMENT columns and, on MariaDB 10.3 and later, sequences. */
export async function readSequences(
  ask: AskCatalog,
  columns: readonly MysqlColumn[],
): Promise<readonly CatalogSequence[]> {
  await openTables(ask, columns);
  const rows = await readCatalogRows(
    ask,
    'tables',
    `SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, AUTO_INCREMENT FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = DATABASE() AND (AUTO_INCREMENT IS NOT NULL OR TABLE_TYPE = 'SEQUENCE') ORDER BY 1, 2`,
  );
  const found: CatalogSequence[] = [];
  for (const row of rows) {
    const schema = row.text(0);
    const name = row.text(1);
    if (row.text(2) === 'SEQUENCE') found.push(...(await readSequence(ask, { schema, name }, columns)));
    else found.push(...autoIncrements({ schema, name, next: row.bigint(3) }, columns));
  }
  return found;
}

/** Number of tables that one statement opens. */
const PER_QUERY = 50;

/** After a restart, MySQL shows an outdated AUTO_INCREMENT for every table that has not been opened yet (seen on 9.7). */
async function openTables(ask: AskCatalog, columns: readonly MysqlColumn[]): Promise<void> {
  const tables = columns.filter(({ isAutoIncrement }) => isAutoIncrement).map(({ table }) => table);
  for (let start = 0; start < tables.length; start += PER_QUERY) {
    const selects = tables
      .slice(start, start + PER_QUERY)
      .map(({ schema, name }) => `(SELECT 1 FROM ${quoteName(schema)}.${quoteName(name)} LIMIT 1)`);
    await readCatalogRows(ask, 'tables', selects.join(' UNION ALL '));
  }
}

function autoIncrements(
  { schema, name, next }: Pick<CatalogSequence, 'schema' | 'name' | 'next'>,
  columns: readonly MysqlColumn[],
): readonly CatalogSequence[] {
  const own = columns.filter((column) => column.isAutoIncrement && column.table.name === name);
  return own.flatMap(({ table, name: column, integers }) => {
    if (!integers) return []; // a float, which MySQL 8 and MariaDB still take
    const range = { min: 1n, max: integers.max };
    return { schema, name, column: { table, name: column }, next, increment: 1n, range, cycles: false };
  });
}

async function readSequence(
  ask: AskCatalog,
  { schema, name }: Pick<CatalogSequence, 'schema' | 'name'>,
  columns: readonly MysqlColumn[],
): Promise<readonly CatalogSequence[]> {
  const [row] = await readCatalogRows(
    ask,
    'sequences',
    `SELECT next_not_cached_value, increment, minimum_value, maximum_value, cycle_option FROM ${quoteName(schema)}.${quoteName(name)}`,
  );
  if (!row) return [];
  const call = `nextval(${quoteName(schema)}.${quoteName(name)})`;
  const users = columns.filter((column) => column.default?.toLowerCase() === call.toLowerCase());
  const known = {
    schema,
    name,
    next: row.bigint(0),
    increment: row.bigint(1),
    range: { min: row.bigint(2), max: row.bigint(3) },
    cycles: row.flag(4),
  };
  if (users.length === 0) return [{ ...known, column: undefined }];
  return users.map(({ table, name: column }) => ({ ...known, column: { table, name: column } }));
}
