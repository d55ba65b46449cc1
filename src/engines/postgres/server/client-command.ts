import { dirname } from 'node:path';
import type { Connection, Sandbox } from '../../../sandbox/sandbox.ts';
import { writeLoginFile } from '../../server/login-file.ts';

/** Writes a password file (libpq, "The Password File") and returns the psql command that uses it. */
export async function prepareClientCommand(options: {
  readonly sandbox: Sandbox;
  readonly connection: Connection;
  readonly login: { readonly role: string; readonly password: string };
  readonly database: string;
  readonly signal: AbortSignal;
}): Promise<readonly string[]> {
  const { sandbox, connection, login, database, signal } = options;
  const text = `*:*:*:${login.role}:${login.password}\n`;
  const socket = `${sandbox.paths.run}/.s.PGSQL.5432`;
  const file = await writeLoginFile({ sandbox, connection, name: 'pgpass', socket, text, signal });
  return [
    ...['env', `PGPASSFILE=${file.path}`, 'psql', '-h', dirname(file.socket)],
    ...['-U', login.role, '-d', database],
  ];
}
