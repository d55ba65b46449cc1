import type { AskCatalog } from '../../catalog.ts';
import type { SchemaObject } from '../../schema-object.ts';
import { readCatalogRows } from '../../server/catalog-cells.ts';
import { readSchemaObjects } from '../../server/schema-rows.ts';
import type { Known } from './known.ts';
import { isInner, keepsRows } from './tables.ts';

/**
 * Reads the schema of the session's database. The arguments of a table on another server can contain a password, and so can a dictionary's source: they are
 * compared, but not shown.
 */
export async function readClickHouseSchema(ask: AskCatalog, { columns }: Known): Promise<readonly SchemaObject[]> {
  const parts = await Promise.all([
    readTableObjects(ask),
    readSchemaObjects(ask, columnsQuery(columns)),
    ...(columns.has('data_skipping_indices.granularity') ? [readSchemaObjects(ask, INDEXES)] : []),
    ...(columns.has('projections.query') ? [readSchemaObjects(ask, PROJECTIONS)] : []),
    ...(columns.has('functions.create_query') ? [readSchemaObjects(ask, FUNCTIONS)] : []),
  ]);
  return parts.flat().filter(({ name, table }) => !isInner(table ?? name));
}

async function readTableObjects(ask: AskCatalog): Promise<readonly SchemaObject[]> {
  const rows = await readCatalogRows(
    ask,
    'tables',
    'SELECT name, engine, engine_full, create_table_query FROM system.tables WHERE database = currentDatabase()',
  );
  return rows.map((row) => {
    const [name, engine, full, definition] = [row.text(0), row.text(1), row.text(2), row.text(3)];
    const one = { name, table: undefined };
    if (engine === 'MaterializedView') return { ...one, kind: 'materialized view', definition: '', body: definition };
    if (/View$/.test(engine)) return { ...one, kind: 'view', definition: '', body: definition };
    if (keepsRows(engine))
      return { ...one, kind: 'table', definition: `engine ${full}`, body: constraints(definition) };
    return { ...one, kind: 'foreign table', definition: `engine ${engine}`, body: definition };
  });
}

/** No table of `system` lists them. */
function constraints(definition: string): string | undefined {
  return / CONSTRAINT /.test(definition) ? definition : undefined;
}

function columnsQuery(known: ReadonlySet<string>): string {
  const codec = known.has('columns.compression_codec')
    ? "if(compression_codec = '', '', concat(' ', compression_codec))"
    : "''";
  const kind = known.has('columns.default_kind') ? 'default_kind' : 'default_type';
  return `SELECT 'column', concat(table, '.', name), table,
                 concat(type, if(${kind} = '', '', concat(' ', lower(${kind}), ' ', default_expression)), ${codec}), NULL
            FROM system.columns WHERE database = currentDatabase()`;
}

const INDEXES = `SELECT 'index', concat(table, '.', name), table, concat(type, ' (', expr, ') granularity ', toString(granularity)), NULL
  FROM system.data_skipping_indices WHERE database = currentDatabase()`;

const PROJECTIONS = `SELECT 'index', concat(table, '.', name), table, concat('projection ', query), NULL
  FROM system.projections WHERE database = currentDatabase()`;

const FUNCTIONS = `SELECT 'function', name, NULL, '', create_query FROM system.functions WHERE origin = 'SQLUserDefined'`;
