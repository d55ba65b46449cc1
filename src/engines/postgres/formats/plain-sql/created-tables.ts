import type { ListedTable } from '../../server/dump-names.ts';
import type { StatementKind } from './statement-kind.ts';

interface Created extends ListedTable {
  readonly line: number;
}

interface Place {
  readonly database: string;
  readonly line: number;
}

/**
 * The tables that a script creates and does not drop, according to its text: they must exist in the end, whatever happened to each statement on its way to the
 * server. After a statement that may remove tables without naming them (a function, CASCADE, a renamed table or schema), none of the earlier tables is expected
 * any more.
 */
export class CreatedTables {
  private readonly databases = new Map<string, Created[]>();
  /** All that were ever created, in any database. */
  private readonly names = new Set<string>();
  /** Whether a table may be dropped together with another. */
  private hasPartitions = false;
  /** Tables created by the open transaction; they persist only if it commits. */
  private pending: { readonly database: string; tables: Created[]; hasFailed: boolean } | undefined;
  private readonly refusedLines = new Set<number>();
  /** Whether non-ASCII names can be read as UTF-8. */
  private isUtf8 = true;

  /** Reads the next statement. @param text as Latin-1. */
  note({ kind }: StatementKind, text: string, place: Place): void {
    if (kind === 'begin') this.pending = { database: place.database, tables: [], hasFailed: false };
    else if (kind === 'commit') this.end(text);
    else if (kind === 'setting') this.set(text);
    else if (CREATE_TABLE.test(text)) this.create(text, place);
    else if (OTHER_DATABASE.test(text)) this.databases.clear();
    else if (!this.keepsTables(text)) this.forget(place.database);
  }

  /** The server refused a statement, which has been reported. */
  refused(line: number): void {
    this.refusedLines.add(line);
    if (this.pending) this.pending.hasFailed = true;
  }

  /** The tables that must exist, by database. */
  list(): ReadonlyMap<string, readonly ListedTable[]> {
    const isExpected = ({ line }: Created) => !this.refusedLines.has(line);
    return new Map([...this.databases].map(([database, tables]) => [database, tables.filter(isExpected)]));
  }

  private end(text: string): void {
    const { pending } = this;
    const goesOn = /\bAND\s+CHAIN\b/i.test(text);
    this.pending = pending && goesOn ? { database: pending.database, tables: [], hasFailed: false } : undefined;
    const isKept = /^(?:COMMIT|END)\b/i.test(text) && pending?.hasFailed === false;
    if (isKept) for (const table of pending.tables) this.add(pending.database, table);
  }

  private create(text: string, { database, line }: Place): void {
    const table = readName(CREATE_TABLE.exec(text)?.[1] ?? '', this.isUtf8);
    this.hasPartitions ||= /\sPARTITION\s+OF\s/i.test(text);
    if (!table) return;
    this.names.add(table.name);
    if (this.pending) this.pending.tables.push({ ...table, line });
    else this.add(database, { ...table, line });
  }

  private add(database: string, table: Created): void {
    const tables = this.databases.get(database);
    if (tables) tables.push(table);
    else this.databases.set(database, [table]);
  }

  private set(text: string): void {
    const encoding = /\bclient_encoding\b\W+(\w+)/i.exec(text)?.[1];
    if (encoding !== undefined) this.isUtf8 = /^(?:UTF_?8|UNICODE|SQL_ASCII)$/i.test(encoding);
  }

  private forget(database: string): void {
    this.databases.delete(database);
    if (this.pending) this.pending.tables = [];
  }

  /** Partitions are dropped together with their table. */
  private keepsTables(text: string): boolean {
    this.hasPartitions ||= /^ALTER\s[\s\S]*?\sATTACH\s+PARTITION\s/i.test(text);
    if (KEEPS_TABLES.test(text)) return !RENAMES.test(text);
    if (!/^DROP\s/i.test(text) || /\bCASCADE\b|^DROP\s+OWNED\b/i.test(text) || text.length > MAX_KNOWN_LENGTH)
      return false;
    const names = DROP_TABLE.exec(text)?.[1];
    if (names === undefined) return true; // without CASCADE, nothing that contains tables or that tables depend on can be dropped
    const dropped = names.split(',').map((name) => readName(name.trim(), this.isUtf8));
    return !this.hasPartitions && dropped.every((one) => one !== undefined && !this.names.has(one.name));
  }
}

/** In characters: a longer statement may not be known in full. */
const MAX_KNOWN_LENGTH = 8192;
const NAME = '(?:"(?:[^"]|"")+"|[A-Za-z_][\\w$]*)';
const TABLE = `${NAME}(?:\\s*\\.\\s*${NAME})?`;
const ONE_TABLE = new RegExp(`^${TABLE}$`);
const NAMES = new RegExp(NAME, 'g');
/** Excludes temporary tables. */
const CREATE_TABLE = new RegExp(
  `^CREATE\\s+(?:UNLOGGED\\s+|FOREIGN\\s+)?TABLE\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?(${TABLE})(?=\\s*\\(|\\s+[A-Z]|\\s*$)`,
  'i',
);
const DROP_TABLE = /^DROP\s+(?:FOREIGN\s+)?TABLE\s+(?:IF\s+EXISTS\s+)?([\s\S]+?)(?:\s+RESTRICT)?\s*$/i;
const OTHER_DATABASE = /^(?:DROP\s+DATABASE|ALTER\s+DATABASE[\s\S]*?\sRENAME)\s/i;
/** Functions that pg_dump calls; others may do anything. */
const KEEPS_TABLES =
  /^(?:ALTER|ANALYZE|CHECKPOINT|CLUSTER|COMMENT|COPY|CREATE|DELETE|GRANT|INSERT|LOCK|REASSIGN|REFRESH|REINDEX|RELEASE|RESET|REVOKE|SAVEPOINT|SECURITY|SET|TRUNCATE|UPDATE|VACUUM|SELECT\s+(?:\*\s+FROM\s+)?(?:pg_catalog\s*\.\s*)?(?:setval|set_config|lo_\w+|lowrite|pg_restore_\w+)\s*\()/i;
const RENAMES = /^ALTER\s[\s\S]*?\s(?:RENAME|SET\s+SCHEMA)\s/i;
/** The server truncates longer names. */
const MAX_NAME_BYTES = 63;

/** @returns undefined unless this is certain to be the server's name for a permanent table. */
function readName(written: string, isUtf8: boolean): ListedTable | undefined {
  if (!ONE_TABLE.test(written)) return undefined;
  const [first = '', second] = written.match(NAMES) ?? [];
  const [schema, name] = second === undefined ? [undefined, unquote(first)] : [unquote(first), unquote(second)];
  const isCertain = [schema ?? '', name].every(
    (one) => one.length <= MAX_NAME_BYTES && (isUtf8 || !/[\x80-\xff]/.test(one)),
  );
  if (!isCertain || schema?.startsWith('pg_temp')) return undefined;
  const table = { schema: schema && decode(schema), name: decode(name) };
  return `${table.schema}${table.name}`.includes('\uFFFD') ? undefined : table;
}

function unquote(token: string): string {
  return token.startsWith('"') ? token.slice(1, -1).replaceAll('""', '"') : token.toLowerCase();
}

function decode(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
