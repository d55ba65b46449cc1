import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Connection, Sandbox } from '../../../sandbox/sandbox.ts';
import type { Flavor } from '../flavor.ts';
import type { Login } from './connect.ts';
import { socketOf } from './settings.ts';

/**
 * Writes an option file with the login (MySQL manual, "Using Option Files") and returns the client command that reads this file and no other.
 * On this host the file is next to the socket's directory, never in it: the sandbox can write there, and must not control what we
 * read. If the socket has no path on this host, both are for use inside the sandbox.
 */
export async function prepareClientCommand(options: {
  readonly sandbox: Sandbox;
  readonly connection: Connection;
  readonly flavor: Flavor;
  readonly login: Login;
  readonly signal: AbortSignal;
}): Promise<readonly string[]> {
  const { sandbox, connection, flavor, login, signal } = options;
  const client = (file: string, socket: string) => [
    ...[flavor.clientPrograms[0] ?? 'mysql', `--defaults-file=${file}`, `--socket=${socket}`],
    ...(login.database === undefined ? [] : [login.database]),
  ];
  const entry = `[client]\nuser=${login.user}\npassword=${login.password}\ndefault-character-set=utf8mb4\n`;
  if (connection.kind === 'path') {
    const file = join(dirname(dirname(connection.path)), 'client.cnf');
    await writeFile(file, entry, { mode: 0o600 });
    return client(file, connection.path);
  }
  const file = `${sandbox.paths.scratch}/.client.cnf`;
  const env = { ENTRY: entry };
  await sandbox.exec(['sh', '-c', 'umask 077; printf %s "$ENTRY" > "$1"', 'sh', file], { env, signal });
  return client(file, socketOf(sandbox));
}
