import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Sections that every client program of the two products reads. Source: MySQL's manual, "Using Option Files". */
const SECTIONS: ReadonlySet<string> = new Set(['client', 'client-server', 'client-mariadb']);

export interface OptionFileLogin {
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** The login in the user's own option file, `~/.my.cnf`. A file that is missing or unreadable provides none. */
export async function readOptionFile(file: string = join(homedir(), '.my.cnf')): Promise<OptionFileLogin> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return parseOptionFile(text);
}

/** The last of several settings applies. Includes are not followed. */
export function parseOptionFile(text: string): OptionFileLogin {
  const found = new Map<string, string>();
  let isOurs = false;
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[([^\]]+)\]/.exec(line)?.[1];
    if (section !== undefined) isOurs = SECTIONS.has(section.trim());
    const [, key, value = ''] = /^\s*(user|password)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (isOurs && key !== undefined) found.set(key, unquote(value));
  }
  return { user: found.get('user'), password: found.get('password') };
}

/** Without quotes, a `#` after a space begins a comment. */
function unquote(value: string): string {
  const [, mark, quoted] = /^(['"])(.*)\1$/.exec(value) ?? [];
  return mark !== undefined && quoted !== undefined ? quoted : value.replace(/\s+#.*$/, '');
}
