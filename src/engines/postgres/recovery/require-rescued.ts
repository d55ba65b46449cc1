import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import type { PostgresServer } from '../server/postgres-server.ts';
import type { Rescued } from './replay.ts';

/**
 * @returns the name of the database whose loss recovery stopped just before, or in which the loss happened.
 * @throws DrillError `target-not-reached` if it, or a table in it, does not exist, or the drill names another one.
 */
export async function requireRescued(server: PostgresServer, rescued: Rescued, signal: AbortSignal): Promise<string> {
  const database = await requireDatabase(server, rescued, signal);
  const missing = rescued.tables.length > 0 ? await findMissing(server, database, rescued.tables, signal) : undefined;
  const { unproven } = rescued;
  if (unproven && !(await isOneOf(server, database, unproven, signal))) {
    throw new DrillError(
      'target-not-reached',
      `the only event found is about a table without a known name in ${toPrintable(database)}, and it is not ${toPrintable(unproven.object)}`,
      { hint: 'Name a position in `recover.to`.' },
    );
  }
  if (missing === undefined) return database;
  throw new DrillError(
    'target-not-reached',
    `the table ${toPrintable(missing)}, which was lost, is not in the recovered copy of ${toPrintable(database)}`,
    { hint: 'Name a position before it in `recover.to`.' },
  );
}

function requireDatabase(server: PostgresServer, { oid, name }: Rescued, signal: AbortSignal): Promise<string> {
  return server.withSession('postgres', signal, async (client) => {
    const { rows } = await client.query<{ name: string }>('SELECT datname AS name FROM pg_database WHERE oid = $1', [
      oid,
    ]);
    const found = rows[0]?.name;
    if (found !== undefined && (name === undefined || name === found)) return found;
    throw new DrillError(
      'target-not-reached',
      found === undefined
        ? `the database with OID ${oid}, which was dropped, is not in the recovered copy`
        : `the database concerned is ${toPrintable(found)}, not ${toPrintable(name ?? '')}`,
      { hint: 'Name the one to bring back in `recover.to.object`, or a position in `recover.to`.' },
    );
  });
}

function findMissing(
  server: PostgresServer,
  database: string,
  tables: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  return server.withSession(database, signal, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT name FROM unnest($1::text[]) AS name WHERE NOT EXISTS
         (SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname || '.' || relname = name)
        LIMIT 1`,
      [tables],
    );
    return rows[0]?.name;
  });
}

/** Whether the table of that name, optionally qualified with the database, is in one of those files. */
function isOneOf(
  server: PostgresServer,
  database: string,
  { object, filenodes }: NonNullable<Rescued['unproven']>,
  signal: AbortSignal,
): Promise<boolean> {
  return server.withSession(database, signal, async (client) => {
    const { rows } = await client.query<{ found: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
         WHERE $1 IN (nspname || '.' || relname, current_database() || '.' || nspname || '.' || relname)
           AND pg_relation_filenode(pg_class.oid)::text = ANY ($2::text[])) AS found`,
      [object, filenodes.map(String)],
    );
    return rows[0]?.found === true;
  });
}
