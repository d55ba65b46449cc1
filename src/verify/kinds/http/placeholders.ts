import type { NetworkLogin } from '../../../engines/sql-access.ts';

const NAMES = ['host', 'port', 'user', 'password', 'database'] as const;
const PLACEHOLDER = new RegExp(`\\{(${NAMES.join('|')})\\}`, 'g');

/**
 * Fills in how the application reaches the database: `postgres://{user}:{password}@{host}:{port}/{database}`. In a URL they are encoded, including JDBC URLs.
 */
export function fillIn(env: Readonly<Record<string, string>>, login: NetworkLogin): Record<string, string> {
  const filled = Object.entries(env).map(([variable, text]): [string, string] => {
    const isUrl = /^(?:\w[\w+.-]*:)+\/\//.test(text);
    const read = (_: string, name: (typeof NAMES)[number]) =>
      isUrl ? encodeURIComponent(String(login[name])) : String(login[name]);
    return [variable, text.replaceAll(PLACEHOLDER, read)];
  });
  return Object.fromEntries(filled);
}

/** Whether the application gets the login; without it, it could not connect to the database. */
export function tellsLogin(env: Readonly<Record<string, string>>): boolean {
  const all = Object.values(env).join('\n');
  return all.includes('{user}') && all.includes('{password}');
}
