/** Names in a dump's SQL: read from statements that pg_dump writes, not from arbitrary SQL. */

const IDENTIFIER = /(?:"(?:[^"]|"")+"|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*)/iy;
/** Names that every server has or that are not roles at all. */
const NOT_ROLES = new Set(['public', 'current_user', 'current_role', 'session_user']);

/** Whether a role must be created before a dump may grant it privileges or give it objects. `pg_*` roles belong to the server. */
export function isOwnRole(role: string): boolean {
  return role !== '' && !role.startsWith('pg_') && role !== 'postgres' && !NOT_ROLES.has(role);
}

/** `pg_dump --create` writes such settings, but no CREATE ROLE. */
const OF_ROLE_IN_DATABASE = /^ALTER\s+ROLE\s+(?!ALL\s)(?=(?:"(?:[^"]|"")+"|\S+)\s+IN\s+DATABASE\b)/gi;

/** The roles that a statement needs: `OWNER TO`, `GRANT … TO`, `REVOKE … FROM`, `FOR ROLE`, `POLICY … TO`, `ROLE … IN DATABASE`, `AUTHORIZATION`, `USER MAPPING FOR`. */
export function rolesNeededBy(statement: string): string[] {
  const roles: string[] = [];
  if (/^ALTER\s/i.test(statement)) {
    roles.push(...namesAfter(statement, /\bOWNER\s+TO\s+/gi));
    roles.push(...namesAfter(statement, /^ALTER\s+DEFAULT\s+PRIVILEGES\s+FOR\s+(?:ROLE|USER)\s+/gi));
    roles.push(...namesAfter(statement, OF_ROLE_IN_DATABASE));
  }
  if (/^(?:GRANT|ALTER\s+DEFAULT\s+PRIVILEGES)\b/i.test(statement))
    roles.push(...namesAfter(statement, /\bTO\s+(?:GROUP\s+)?/gi));
  if (/^(?:REVOKE|ALTER\s+DEFAULT\s+PRIVILEGES)\b/i.test(statement))
    roles.push(...namesAfter(statement, /\bFROM\s+(?:GROUP\s+)?/gi));
  if (/^CREATE\s+POLICY\b/i.test(statement)) roles.push(...namesAfter(policyHead(statement), /\sTO\s+/gi));
  if (/^CREATE\s+SCHEMA\b/i.test(statement)) roles.push(...namesAfter(statement, /\bAUTHORIZATION\s+/gi));
  if (/^CREATE\s+USER\s+MAPPING\b/i.test(statement)) roles.push(...namesAfter(statement, /\sFOR\s+/gi));
  if (/^SET\s+(?:SESSION\s+|LOCAL\s+)?(?:ROLE|SESSION\s+AUTHORIZATION)\b/i.test(statement)) {
    roles.push(...namesAfter(statement.replaceAll("'", '"'), /(?:ROLE|AUTHORIZATION)\s+(?:TO\s+|=\s*)?/gi));
  }
  return [...new Set(roles)].filter((role) => isOwnRole(role) && !['default', 'none', 'user'].includes(role));
}

/** @returns a GRANT or REVOKE without the `GRANTED BY` at its end; undefined if it has none. */
export function withoutGrantor(statement: Buffer): Buffer | undefined {
  const text = statement.toString('latin1');
  const rest = text.replace(/\s+GRANTED\s+BY\s+(?:"(?:[^"]|"")+"|[^\s";]+)\s*$/i, '');
  return rest === text ? undefined : Buffer.from(rest, 'latin1');
}

/** @returns the extension that a CREATE EXTENSION statement creates. */
export function extensionOf(statement: string): string | undefined {
  return namesAfter(statement, /^CREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?/gi)[0];
}

/** @returns the name at the index, unquoted and folded to lower case as the server does, with the index after it. */
export function readIdentifier(text: string, index: number): { name: string; end: number } | undefined {
  IDENTIFIER.lastIndex = index;
  const token = IDENTIFIER.exec(text)?.[0];
  if (token === undefined) return undefined;
  return { name: unquote(token), end: index + token.length };
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/** The comma-separated names after each match of a pattern. */
function namesAfter(text: string, pattern: RegExp): string[] {
  const names: string[] = [];
  for (const match of text.matchAll(pattern)) {
    let index = match.index + match[0].length;
    for (;;) {
      const token = readIdentifier(text, index);
      if (!token) break;
      names.push(token.name);
      const comma = /\s*,\s*/y;
      comma.lastIndex = token.end;
      const separator = comma.exec(text)?.[0];
      if (separator === undefined) break;
      index = token.end + separator.length;
    }
  }
  return names;
}

/** The part before the expressions, which may contain a `TO` of their own. */
function policyHead(statement: string): string {
  const expression = statement.search(/\s(?:USING|WITH\s+CHECK)\s*\(/i);
  return expression < 0 ? statement : statement.slice(0, expression);
}

function unquote(token: string): string {
  return token.startsWith('"') ? token.slice(1, -1).replaceAll('""', '"') : token.toLowerCase();
}

/** A table that a dump creates. */
export interface ListedTable {
  /** Undefined: determined by the search path. */
  readonly schema: string | undefined;
  readonly name: string;
}
