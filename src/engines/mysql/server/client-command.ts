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

/**
 * Writes the option file that client programs read by default (MySQL manual, "Using Option Files"): `.my.cnf` in a home directory of its own. The database is
 * only for the interactive client, because other programs reject an option that they do not have.
 * @returns the directory, for `HOME`.
 */
export async function prepareProgramHome(sandbox: Sandbox, login: Login, signal: AbortSignal): Promise<string> {
  const { user, password, database = '' } = login;
  const home = `${sandbox.paths.scratch}/.check-home-${Buffer.from(database).toString('hex')}`;
  const name = JSON.stringify(database);
  const client = `[client]\nuser=${user}\npassword=${password}\nsocket=${socketOf(sandbox)}\ndefault-character-set=utf8mb4\n`;
  const text = `${client}[mysql]\ndatabase=${name}\n[mariadb-client]\ndatabase=${name}\n`;
  const env = { ENTRY: text };
  const write = 'umask 077; mkdir -p "$1" && printf %s "$ENTRY" > "$1/.my.cnf"';
  await sandbox.exec(['sh', '-c', write, 'sh', home], { env, signal });
  return home;
}
