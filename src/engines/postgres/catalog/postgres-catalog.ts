import type { AskCatalog, Catalog, CatalogIndex, CatalogKey, CatalogTable, TableKind } from '../../catalog.ts';
import { type CatalogRow, lazily, readCatalogRows } from '../../server/catalog-cells.ts';
import { quoteIdentifier } from '../server/dump-names.ts';
import { readColumns } from './columns.ts';
import { readCollationVersions, readForeignKeys, readUnvalidated } from './constraints.ts';
import { readPostgresSchema } from './schema-objects.ts';
import { readSequences } from './sequences.ts';
import { OF_USERS } from './user-schemas.ts';

/** PostgreSQL's system catalogs (manual, "System Catalogs"), read as the check role: everybody can read them. */
/** @param user the harness's own, which owns what a dump assigns to nobody. */
export function postgresCatalog(ask: AskCatalog, major: number, user: string): Catalog {
  const indexes = lazily(() => readIndexes(ask));
  const tables = lazily(() => readTables(ask));
  const partitioned = lazily(async () => {
    const found = (await tables()).filter(({ kind }) => kind === 'partitioned');
    return new Set(found.map(({ schema, name }) => JSON.stringify([schema, name])));
  });
  return {
    searchPath: lazily(() => readSearchPath(ask)),
    ignoresCase: () => Promise.resolve(false),
    tables,
    columns: lazily(() => readColumns(ask)),
    keys: async () => (await indexes()).flatMap(({ key }) => key ?? []),
    foreignKeys: lazily(() => readForeignKeys(ask, major)),
    indexes: async () => (await indexes()).map(({ index }) => index),
    unvalidated: lazily(() => readUnvalidated(ask)),
    sequences: lazily(() => readSequences(ask)),
    schemaObjects: lazily(() => readPostgresSchema(ask, major, user)),
    collationVersions: lazily(() => readCollationVersions(ask, major)),
    findDamage: () => Promise.resolve(undefined), // amcheck requires a superuser, and proves nothing about indexes that a restore has just built
    explain: async (sql) =>
      (await readCatalogRows(ask, 'lines', `EXPLAIN (COSTS OFF) ${sql}`)).map((row) => row.text(0)),
    quote: (...names) => names.map(quoteIdentifier).join('.'),
    ownRows: async ({ schema, name }) =>
      `${(await partitioned()).has(JSON.stringify([schema, name])) ? '' : 'ONLY '}${quoteIdentifier(schema)}.${quoteIdentifier(name)}`,
  };
}

async function readSearchPath(ask: AskCatalog): Promise<readonly string[]> {
  const rows = await readCatalogRows(ask, 'schemas', 'SELECT unnest(current_schemas(false))');
  return rows.map((row) => row.text(0)).filter((schema) => schema !== 'pg_catalog');
}

const KINDS: Readonly<Record<string, TableKind>> = {
  r: 'table',
  p: 'partitioned',
  v: 'view',
  m: 'materialized-view',
  f: 'foreign',
};

async function readTables(ask: AskCatalog): Promise<readonly CatalogTable[]> {
  const rows = await readCatalogRows(
    ask,
    'tables',
    `SELECT n.nspname, c.relname, c.relkind, CASE WHEN c.reltuples >= 0 THEN c.reltuples::float8 END,
            CASE WHEN c.relkind IN ('r', 'm') THEN pg_total_relation_size(c.oid) END, pn.nspname, p.relname,
            EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
       LEFT JOIN pg_class p ON p.oid = i.inhparent LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${OF_USERS} ORDER BY 1, 2`,
  );
  return rows.map((row) => {
    const parent = row.maybeText(6);
    return {
      schema: row.text(0),
      name: row.text(1),
      kind: KINDS[row.text(2)] ?? 'table',
      estimatedRows: row.maybeNumber(3),
      bytes: row.maybeNumber(4),
      partitionOf: parent === undefined ? undefined : { schema: row.text(5), name: parent },
      isExtension: row.flag(7),
      transient: undefined,
    };
  });
}

async function readIndexes(ask: AskCatalog) {
  const rows = await readCatalogRows(
    ask,
    'indexes',
    `SELECT n.nspname, c.relname, x.relname, i.indisunique, i.indisprimary, i.indisvalid AND i.indisready, i.indpred IS NOT NULL,
            (SELECT json_agg(a.attname ORDER BY k.place)
               FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(number, place)
               LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND k.number <> 0
              WHERE k.place <= i.indnkeyatts)::text
       FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
       JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE ${OF_USERS} ORDER BY 1, 2, 3`,
  );
  return rows.map((row) => {
    const index = readIndex(row);
    return { index, key: readKey(index, { isPrimary: row.flag(4), isPartial: row.flag(6) }) };
  });
}

function readIndex(row: CatalogRow): CatalogIndex {
  return {
    table: { schema: row.text(0), name: row.text(1) },
    name: row.text(2),
    columns: row.json(7) as readonly (string | null)[],
    isUnique: row.flag(3),
    isValid: row.flag(5),
  };
}

function readKey(
  { table, name, columns, isUnique, isValid }: CatalogIndex,
  { isPrimary, isPartial }: { readonly isPrimary: boolean; readonly isPartial: boolean },
): CatalogKey | undefined {
  const plain = columns.filter((column) => column !== null);
  if (!isUnique || !isValid || isPartial || plain.length < columns.length) return undefined;
  return { table, name, kind: isPrimary ? 'primary' : 'unique', columns: plain };
}
