import type { Inventory } from '../../engine.ts';
import { missingTables } from '../../server/missing-tables.ts';
import { MAX_ASKED } from './ask-tables.ts';
import type { ListedTable } from './dump-names.ts';
import type { PostgresServer } from './postgres-server.ts';

/**
 * Looks up every table that the dump itself lists, in the database that it belongs to. They already answered a query when the server was sealed.
 * @returns undefined if it lists none.
 * @throws DrillError `wrong-data` naming those that do not exist.
 */
export async function verifyInventory(
  server: Pick<PostgresServer, 'listed' | 'withSession'>,
  signal: AbortSignal,
): Promise<Inventory | undefined> {
  const missing: string[] = [];
  let listed = 0;
  let read = 0;
  for (const [database, tables] of server.listed) {
    if (tables.length === 0) continue;
    const found = await readRelations(server, database, signal);
    const lost = tables.filter((table) => !found.has(keyOf(table)));
    missing.push(
      ...lost.map(({ schema, name }) => `${schema === undefined ? '' : `${schema}.`}${name} in ${database}`),
    );
    listed += tables.length;
    read += Math.min(MAX_ASKED, tables.filter((table) => found.get(keyOf(table)) === 'r').length);
  }
  if (missing.length === 0) return listed === 0 ? undefined : { of: 'tables', listed, read };
  throw missingTables(listed, missing, 'psql or pg_restore');
}

/** The kind of each relation that can replace a table, by its name with and without its schema. A table with a rule may have become a view. */
async function readRelations(
  server: Pick<PostgresServer, 'withSession'>,
  database: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await server.withSession(database, signal, (client) =>
    client.query<{ schema: string; name: string; kind: string }>(
      `SELECT nspname AS schema, relname AS name, relkind::text AS kind
         FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE relkind IN ('r', 'p', 'f', 'v', 'm')`,
    ),
  );
  const kinds = new Map<string, string>();
  for (const { schema, name, kind } of rows) {
    kinds.set(keyOf({ schema, name }), kind);
    kinds.set(keyOf({ schema: undefined, name }), kind);
  }
  return kinds;
}

function keyOf({ schema, name }: ListedTable): string {
  return JSON.stringify([schema ?? null, name]);
}
