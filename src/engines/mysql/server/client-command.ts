import type { Connection, Sandbox } from '../../../sandbox/sandbox.ts';
import { writeLoginFile } from '../../server/login-file.ts';
import type { Flavor } from '../flavor.ts';
import type { Login } from './connect.ts';
import { socketOf } from './settings.ts';

/** Writes an option file with the login (MySQL manual, "Using Option Files") and returns the client command that reads this file and no other. */
export async function prepareClientCommand(options: {
  readonly sandbox: Sandbox;
  readonly connection: Connection;
  readonly flavor: Flavor;
  readonly login: Login;
  readonly signal: AbortSignal;
}): Promise<readonly string[]> {
  const { sandbox, connection, flavor, login, signal } = options;
  const text = `[client]\nuser=${login.user}\npassword=${login.password}\ndefault-character-set=utf8mb4\n`;
  const socket = socketOf(sandbox);
  const file = await writeLoginFile({ sandbox, connection, name: 'client.cnf', socket, text, signal });
  return [
    ...[flavor.clientPrograms[0] ?? 'mysql', `--defaults-file=${file.path}`, `--socket=${file.socket}`],
    ...(login.database === undefined ? [] : [login.database]),
  ];
}
