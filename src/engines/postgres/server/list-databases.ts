import { databaseFailed } from '../../database-failed.ts';
import type { ServerAddress, ServerDatabases } from '../../sql-descriptor.ts';
import { connect } from '../fingerprint/open-database.ts';
import { closeClient } from './connect.ts';

/** Databases to which the role may not connect have an unknown size. */
const DATABASES = `
SELECT datname, CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_database_size(oid) END
FROM pg_catalog.pg_database WHERE NOT datistemplate ORDER BY datname`;
/** Slightly more than the size of an empty database on the oldest and newest supported servers. */
const EMPTY_BYTES = 10 * 2 ** 20;
const DEFAULT_DATABASE = 'postgres';

/** The databases of a running server. The one that every server has is left out if it is practically empty. */
export async function listDatabases({ url, password }: ServerAddress, signal: AbortSignal): Promise<ServerDatabases> {
  const address = new URL(url);
  if (address.pathname === '' || address.pathname === '/') address.pathname = `/${DEFAULT_DATABASE}`;
  const host = address.searchParams.get('host') ?? address.hostname;
  const server = `${address.protocol}//${host}${address.port === '' ? '' : `:${address.port}`}`;
  const client = await connect({ url: address, password }, server, signal);
  try {
    const { rows } = await client.query<[string, string | null]>({ text: DATABASES, rowMode: 'array' });
    const version = await client.query<[string]>({ text: 'SHOW server_version', rowMode: 'array' });
    const databases = rows.map(([name, size]) => ({ name, sizeBytes: size === null ? undefined : Number(size) }));
    return {
      engine: 'postgres',
      server,
      version: version.rows[0]?.[0].split(' ')[0] ?? 'unknown',
      databases: databases.filter(({ name, sizeBytes = 0 }) => name !== DEFAULT_DATABASE || sizeBytes > EMPTY_BYTES),
    };
  } catch (error) {
    throw signal.aborted ? signal.reason : databaseFailed(server, error);
  } finally {
    await closeClient(client);
  }
}
