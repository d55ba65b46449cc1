import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Connection, Sandbox } from '../../../sandbox/sandbox.ts';

/**
 * Writes a password file (libpq, "The Password File") and returns the psql command that uses it.
 * On this host the file is next to the socket's directory, never in it: the sandbox can write there, and must not control what we
 * read. If the socket has no path on this host, both are for use inside the sandbox.
 */
export async function prepareClientCommand(options: {
  readonly sandbox: Sandbox;
  readonly connection: Connection;
  readonly login: { readonly role: string; readonly password: string };
  readonly database: string;
  readonly signal: AbortSignal;
}): Promise<readonly string[]> {
  const { sandbox, connection, login, database, signal } = options;
  const entry = `*:*:*:${login.role}:${login.password}\n`;
  const psql = (file: string, socketDir: string) => [
    ...['env', `PGPASSFILE=${file}`, 'psql', '-h', socketDir],
    ...['-U', login.role, '-d', database],
  ];
  if (connection.kind === 'path') {
    const socketDir = dirname(connection.path);
    const file = join(dirname(socketDir), 'pgpass');
    await writeFile(file, entry, { mode: 0o600 });
    return psql(file, socketDir);
  }
  const file = `${sandbox.paths.scratch}/.pgpass`;
  const env = { ENTRY: entry };
  await sandbox.exec(['sh', '-c', 'umask 077; printf %s "$ENTRY" > "$1"', 'sh', file], { env, signal });
  return psql(file, sandbox.paths.run);
}
