import type { Inventory } from '../../engine.ts';
import { missingTables } from '../../server/missing-tables.ts';
import { MAX_ASKED } from './ask-tables.ts';
import type { ListedTable, MysqlServer } from './mysql-server.ts';
import { quoteText } from './quoting.ts';

/**
 * Checks that every table that the dump itself lists exists. They answered a query when the server was sealed.
 * @returns undefined if it lists none.
 * @throws DrillError `wrong-data` naming those that do not exist.
 */
export async function verifyInventory(
  server: Pick<MysqlServer, 'listed' | 'administer' | 'ignoresCase'>,
  signal: AbortSignal,
): Promise<Inventory | undefined> {
  const { listed, ignoresCase } = server;
  if (listed.length === 0) return undefined;
  const keyOf = ({ database, table }: ListedTable): string => {
    const key = JSON.stringify([database, table]);
    return ignoresCase ? key.toLowerCase() : key;
  };
  const databases = [...new Set(listed.map(({ database }) => database))].map(quoteText).join(', ');
  const rows = await server.administer(signal, (session) =>
    session.ask(`SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA IN (${databases})`),
  );
  const found = new Set(rows.map(([database, table]) => keyOf({ database: String(database), table: String(table) })));
  const missing = listed.filter((table) => !found.has(keyOf(table)));
  if (missing.length === 0) return { of: 'tables', listed: listed.length, read: Math.min(MAX_ASKED, listed.length) };
  const names = missing.map(({ database, table }) => `${database}.${table}`);
  throw missingTables(listed.length, names, 'the client program');
}
