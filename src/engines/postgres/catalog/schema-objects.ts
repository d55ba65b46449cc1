import type { AskCatalog } from '../../catalog.ts';
import type { SchemaObject } from '../../schema-object.ts';
import { readSchemaObjects } from '../../server/schema-rows.ts';
import { quoteLiteral } from '../server/dump-names.ts';
import { PATH, schemaQueries } from './schema-queries.ts';

/** @param user the harness's own. */
export async function readPostgresSchema(
  ask: AskCatalog,
  major: number,
  user: string,
): Promise<readonly SchemaObject[]> {
  const queries = schemaQueries(major, quoteLiteral(user));
  return (await Promise.all(queries.map((sql) => readSchemaObjects(ask, `${PATH} ${sql}`)))).flat();
}
