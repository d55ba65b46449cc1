import { databaseFailed } from '../../database-failed.ts';
import type { ServerAddress, ServerDatabases } from '../../sql-descriptor.ts';
import { connect } from '../fingerprint/open-database.ts';
import { readOptionFile } from './option-file.ts';
import { SYSTEM_DATABASES } from './system-databases.ts';

const DATABASES = `
SELECT s.schema_name, (
  SELECT CAST(SUM(t.data_length + t.index_length) AS CHAR) FROM information_schema.tables t WHERE t.table_schema = s.schema_name
) FROM information_schema.schemata s ORDER BY s.schema_name`;

/** The databases of a running server that are visible to the account. Without a password, that of the option file is used. */
export async function listDatabases({ url, password }: ServerAddress, signal: AbortSignal): Promise<ServerDatabases> {
  const address = new URL(url);
  const host = address.searchParams.get('socket') ?? address.hostname;
  const server = `${address.protocol}//${host}${address.port === '' ? '' : `:${address.port}`}`;
  const hasPassword = password !== undefined || address.password !== '';
  const login = hasPassword ? undefined : await readOptionFile();
  if (address.username === '' && login?.user !== undefined) address.username = encodeURIComponent(login.user);
  address.pathname = '/'; // the account may have no right to a database of the URL
  try {
    const session = await connect({ url: address, password: password ?? login?.password }, signal);
    try {
      const rows = await session.ask(DATABASES);
      const [[version = ''] = []] = await session.ask('SELECT VERSION()');
      const databases = rows
        .map(([name, size]) => ({ name: name ?? '', sizeBytes: size == null ? undefined : Number(size) }))
        .filter(({ name }) => !SYSTEM_DATABASES.has(name.toLowerCase()));
      const engine = /mariadb/i.test(version ?? '') ? 'mariadb' : 'mysql';
      return { engine, server, version: version?.split('-')[0] ?? 'unknown', databases };
    } finally {
      await session.close();
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : databaseFailed(server, error);
  }
}
