import { toPrintable } from '../../../support/printable.ts';
import { quoteLiteral } from '../server/dump-names.ts';
import type { PostgresServer } from '../server/postgres-server.ts';

/**
 * A destructive transaction that was prepared (`PREPARE TRANSACTION`) is still open in a copy that ends just before its commit, and locks the tables that it
 * dropped: nobody could read them.
 * @param xid of the transaction. @returns what was done, as warnings.
 */
export async function rollBackPrepared(
  server: PostgresServer,
  xid: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const open = await server.withSession('postgres', signal, async (client) => {
    const { rows } = await client.query<{ gid: string; database: string }>(
      'SELECT gid, database FROM pg_prepared_xacts WHERE transaction::text = $1',
      [xid],
    );
    return rows;
  });
  const warnings: string[] = [];
  for (const { gid, database } of open) {
    await server.withSession(database, signal, (client) => client.query(`ROLLBACK PREPARED ${quoteLiteral(gid)}`));
    warnings.push(
      `the transaction ${xid} had been prepared as ${toPrintable(gid)}, so it was still open in the copy, with its locks: it was rolled back there, as a real recovery has to do`,
    );
  }
  return warnings;
}
