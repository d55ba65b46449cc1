import type { Account } from '../server/accounts.ts';

/** Finds names and comments in a statement's text, as far as needed to determine its kind. */

const TOKEN =
  /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|`(?:[^`]|``)*`|\/\*M?!\d*|\*\/|\/\*(?!M?!)[\s\S]*?\*\/|--(?=\s)[^\n]*|#[^\n]*/g;

/**
 * The text as the server reads it: without comments, and without the marks of version comments around their content. Versions in the marks are ignored: the
 * part that identifies the kind of a statement never depends on them.
 */
export function withoutComments(text: string): string {
  if (!/[/#]|--/.test(text)) return text.trim();
  return text.replaceAll(TOKEN, (token) => (/^['"`]/.test(token) ? token : ' ')).trim();
}

const SETTINGS_TOKEN = /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|`(?:[^`]|``)*`|[()]|\bFOR\b/gi;

/** The statement that follows MariaDB's `SET STATEMENT a = 1 FOR`. @param sql without comments. */
export function withoutSettings(sql: string): string {
  let rest = sql;
  while (/^SET\s+STATEMENT\b/i.test(rest)) {
    const end = endOfSettings(rest);
    if (end === undefined) break;
    rest = rest.slice(end).trim();
  }
  return rest;
}

/** @returns the end of the FOR that is not inside a value. */
function endOfSettings(sql: string): number | undefined {
  let depth = 0;
  for (const { 0: token, index } of sql.matchAll(SETTINGS_TOKEN)) {
    if (token === '(') depth += 1;
    else if (token === ')') depth -= 1;
    else if (depth === 0 && /^FOR$/i.test(token)) return index + token.length;
  }
  return undefined;
}

/** A name, quoted in any way (under ANSI_QUOTES a double quote quotes names). For use in patterns; it contains no group. */
export const NAME = '(?:`(?:[^`]|``)+`|"(?:[^"]|"")+"|[\\w$\\u0080-\\uffff]+)';
/** A name with or without the database before it. */
export const QUALIFIED = `${NAME}(?:\\s*\\.\\s*${NAME})?`;
/** In dumps of accounts: `user`@`host`, 'user'@'host', or a role. */
const ACCOUNT_PART = `(?:${NAME}|'(?:[^']|'')*')`;
const DEFINER = new RegExp(
  `\\bDEFINER\\s*=\\s*(?:CURRENT_(?:USER|ROLE)\\b|(\`\`|''|${ACCOUNT_PART})(?:\\s*@\\s*(\`\`|''|[\\w.%:-]+|${ACCOUNT_PART}))?)`,
  'gi',
);

/** In characters: the text before a body is never longer. */
const HEAD_CHARACTERS = 4096;

export function unquote(name: string): string {
  const quote = name[0] ?? '';
  return '`"\''.includes(quote) && name.length > 1 ? name.slice(1, -1).replaceAll(quote + quote, quote) : name;
}

/** @returns the parts of a name, unquoted: `['shop', 'order']` of `` `shop`.order ``. */
export function partsOf(qualified: string): string[] {
  return (qualified.match(new RegExp(NAME, 'g')) ?? []).map(unquote);
}

/** @returns the accounts that a CREATE statement names as its object's definer. Those with an empty host are MariaDB's roles. */
export function definersIn(text: string): Account[] {
  const beginning = text.slice(0, HEAD_CHARACTERS);
  if (!/\bDEFINER\b/i.test(beginning)) return [];
  const head = withoutComments(beginning);
  if (!/^(?:CREATE|ALTER)\b/i.test(head)) return [];
  return [...headOf(head).matchAll(DEFINER)]
    .filter((match) => match[1] !== undefined)
    .map((match) => ({ user: unquote(match[1] ?? ''), host: unquote(match[2] ?? '') }));
}

const CREATED_ACCOUNT = new RegExp(
  `^(?:CREATE|ALTER)\\s+(?:OR\\s+REPLACE\\s+)?USER\\s+(?:IF\\s+(?:NOT\\s+)?EXISTS\\s+)?(''|${ACCOUNT_PART})(?:\\s*@\\s*(''|[\\w.%:-]+|${ACCOUNT_PART}))?`,
  'i',
);

/** @returns the (first) account of a CREATE USER or ALTER USER. */
export function createdAccountIn(text: string): Account | undefined {
  const [, user, host] = CREATED_ACCOUNT.exec(withoutComments(text.slice(0, HEAD_CHARACTERS))) ?? [];
  return user === undefined ? undefined : { user: unquote(user), host: host === undefined ? '%' : unquote(host) };
}

const NEW_ACCOUNT = /^(?:CREATE\s+(?:OR\s+REPLACE\s+)?USER|GRANT\b[\s\S]*?\sTO\s[\s\S]*?\sIDENTIFIED)\b/i;
const GRANTEE = new RegExp(
  `\\sTO\\s+(''|${ACCOUNT_PART})(?:\\s*@\\s*(''|[\\w.%:-]+|${ACCOUNT_PART}))?\\s+IDENTIFIED\\b`,
  'i',
);

/** @returns the (first) account that a statement creates: by CREATE USER, or by a GRANT with a password, as in older servers. */
export function newAccountIn(text: string): Account | undefined {
  const sql = withoutComments(text.slice(0, HEAD_CHARACTERS));
  if (!NEW_ACCOUNT.test(sql)) return undefined;
  if (/^CREATE/i.test(sql)) return createdAccountIn(text);
  const [, user, host] = GRANTEE.exec(sql) ?? [];
  return user === undefined ? undefined : { user: unquote(user), host: host === undefined ? '%' : unquote(host) };
}

/** The text up to the object's type: in the object's body the word has no meaning. */
function headOf(text: string): string {
  return HEAD.exec(text)?.[0] ?? text;
}

const HEAD =
  /^(?:`(?:[^`]|``)*`|'(?:[^']|'')*'|"(?:[^"]|"")*"|[^`'"])*?\s(?:VIEW|TRIGGER|FUNCTION|PROCEDURE|PACKAGE|EVENT)\s/i;
