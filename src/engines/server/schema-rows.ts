import type { AskCatalog } from '../catalog.ts';
import type { SchemaObject, SchemaObjectKind } from '../schema-object.ts';
import { type CatalogRow, readCatalogRows } from './catalog-cells.ts';

/** @param sql returns kind, name, table, definition and body; each query is one of ours. Throws as {@link readCatalogRows} does. */
export async function readSchemaObjects(ask: AskCatalog, sql: string): Promise<readonly SchemaObject[]> {
  return (await readCatalogRows(ask, 'objects of one kind', sql)).map(readSchemaObject);
}

function readSchemaObject(row: CatalogRow): SchemaObject {
  return {
    kind: row.text(0) as SchemaObjectKind,
    name: row.text(1),
    table: row.maybeText(2),
    definition: row.maybeText(3) ?? '',
    body: row.maybeText(4),
  };
}
