import type { NetworkLogin } from '../../../engines/sql-access.ts';

const NAMES = ['host', 'port', 'user', 'password', 'database'] as const;
const PLACEHOLDER = new RegExp(`\\{(${NAMES.join('|')})\\}`, 'g');

/** Fills in how the application reaches the database: `postgres://{user}:{password}@{host}:{port}/{database}`. In a URL they are encoded, in one for JDBC too. */
export function fillIn(env: Readonly<Record<string, string>>, login: NetworkLogin): Record<string, string> {
  const filled = Object.entries(env).map(([variable, text]): [string, string] => {
    const isUrl = /^(?:\w[\w+.-]*:)+\/\//.test(text);
    const read = (_: string, name: (typeof NAMES)[number]) =>
      isUrl ? encodeURIComponent(String(login[name])) : String(login[name]);
    return [variable, text.replaceAll(PLACEHOLDER, read)];
  });
  return Object.fromEntries(filled);
}

/** Whether the application is told how to log in; without that it could not reach the database. */
export function tellsLogin(env: Readonly<Record<string, string>>): boolean {
  const all = Object.values(env).join('\n');
  return all.includes('{user}') && all.includes('{password}');
}
