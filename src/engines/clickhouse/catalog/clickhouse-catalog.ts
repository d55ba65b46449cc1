import type { AskCatalog, Catalog } from '../../catalog.ts';
import { lazily, readCatalogRows } from '../../server/catalog-cells.ts';
import { quoteName, quoteText } from '../sql/quoting.ts';
import { readKnown } from './known.ts';
import { readClickHouseSchema } from './schema-objects.ts';
import { readColumns, readTables } from './tables.ts';

/**
 * Reads the catalog of the session's database from `system`. ClickHouse has no unique keys, references or sequences, and its own check of tables is part of
 * every restore. Details that only newer servers have are queried only from those.
 */
export function clickhouseCatalog(ask: AskCatalog): Catalog {
  const known = lazily(() => readKnown(ask));
  const none = () => Promise.resolve([]);
  return {
    searchPath: lazily(async () =>
      (await readCatalogRows(ask, 'databases', 'SELECT currentDatabase()')).map((row) => row.text(0)),
    ),
    ignoresCase: () => Promise.resolve(false),
    tables: lazily(async () => readTables(ask, await known())),
    columns: lazily(async () => readColumns(ask, await known())),
    schemaObjects: lazily(async () => readClickHouseSchema(ask, await known())),
    keys: none,
    foreignKeys: none,
    indexes: none,
    unvalidated: none,
    sequences: none,
    collationVersions: none,
    findDamage: () => Promise.resolve(undefined),
    explain: async (sql) => ((await known()).hasPlans ? explain(ask, sql) : []),
    quote: quoteName,
    ownRows: async ({ schema, name }) => quoteName(schema, name),
    maximum: (column) => `max(toNullable(${column}))`,
    instant: (utc) => `toDateTime(${quoteText(utc.slice(0, 19))}, 'UTC')`,
  };
}

async function explain(ask: AskCatalog, sql: string): Promise<readonly string[]> {
  const { rows } = await ask(`EXPLAIN ${sql}`, 1000);
  return rows.map(([line]) => String(line));
}
