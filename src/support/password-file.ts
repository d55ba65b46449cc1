import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface PasswordWanted {
  readonly host: string;
  readonly port: string;
  readonly database: string;
  readonly user: string;
}

/**
 * The password from the user's own password file: `$PGPASSFILE`, or `~/.pgpass`. Like libpq, ignores a file that others can read. Source: PostgreSQL's manual,
 * "The Password File".
 */
export async function readPasswordFile(
  wanted: PasswordWanted,
  file: string = process.env['PGPASSFILE'] || join(homedir(), '.pgpass'),
): Promise<string | undefined> {
  try {
    const { mode } = await stat(file);
    return (mode & 0o077) === 0 ? findPassword(await readFile(file, 'utf8'), wanted) : undefined;
  } catch {
    return undefined; // it is optional
  }
}

/** The first matching line wins. */
export function findPassword(text: string, { host, port, database, user }: PasswordWanted): string | undefined {
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = line.match(/(?<=^|:)(?:[^:\\]|\\.)*/g) ?? [];
    const [password, ...rest] = [fields[4], ...fields.slice(0, 4)];
    const values = rest.map((field) => field.replaceAll(/\\(.)/g, '$1'));
    const fits = [host, port, database, user].every((value, index) => ['*', value].includes(values[index] ?? ''));
    if (password !== undefined && fits) return password.replaceAll(/\\(.)/g, '$1');
  }
  return undefined;
}
