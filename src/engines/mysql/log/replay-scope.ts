import { isUtf8 } from 'node:buffer';
import { quoteName } from '../server/quoting.ts';
import { SYSTEM_DATABASES } from '../server/system-databases.ts';
import { NAME, partsOf, withoutComments } from '../sql/sql-names.ts';
import { classifyStatement, type StatementKind } from '../sql/statement-kind.ts';
import type { LoggedQuery } from './logged-query.ts';
import { readDropList } from './transaction-statement.ts';

/** Selects what to replay of a server's log: the databases in the backup. */
export interface ReplayScope {
  /** Everything, including accounts: the backup is of the whole server. */
  readonly isWholeServer: boolean;
  readonly databases: ReadonlySet<string>;
  readonly ignoresCase: boolean;
  /** Whether the backup contains XA transactions that await their commit, as a physical one does. */
  readonly holdsPrepared?: boolean;
}

export function isInScope(scope: ReplayScope, database: string): boolean {
  const isSystem = SYSTEM_DATABASES.has(database.toLowerCase());
  if (isSystem) return scope.isWholeServer && database.toLowerCase() === 'mysql';
  return scope.isWholeServer || scope.databases.has(scope.ignoresCase ? database.toLowerCase() : database);
}

export type Replayable =
  /**
   * @param use the database that unqualified names refer to; undefined: one that is not in the backup.
   * @param sql replayed in place of the statement: the part of it that affects the databases in scope.
   */
  | {
      readonly is: 'replayed';
      readonly kind: StatementKind;
      readonly use: string | undefined;
      readonly sql?: Buffer;
    }
  /** @param created a database that the statement creates. */
  | { readonly is: 'skipped'; readonly created?: string };

/** Kinds that affect the server, and that a drill never runs. */
const OF_SERVER = new Set<StatementKind['kind']>(['plugin', 'server', 'replication', 'gtid', 'globalSetting']);

/** Decides whether a logged statement is replayed, by the databases that it changes rather than the current one. */
export function replayable(query: LoggedQuery, scope: ReplayScope): Replayable {
  const kind = classifyStatement(query.sql);
  if (OF_SERVER.has(kind.kind)) return { is: 'skipped' };
  if (kind.kind === 'account' || kind.kind === 'flushPrivileges') {
    return scope.isWholeServer ? { is: 'replayed', kind, use: usable(query, scope) } : { is: 'skipped' };
  }
  const drop = replayableDrop(query, kind, scope);
  if (drop) return drop;
  const changed = changedDatabases(query, kind);
  const wanted = changed.filter((database) => isInScope(scope, database));
  if (changed.length === 0 && scope.isWholeServer) return { is: 'replayed', kind, use: usable(query, scope) };
  if (wanted.length === 0)
    return kind.kind === 'createDatabase' ? { is: 'skipped', created: kind.database } : { is: 'skipped' };
  return {
    is: 'replayed',
    kind,
    use: kind.kind === 'createDatabase' || kind.kind === 'dropDatabase' ? '' : usable(query, scope),
  };
}

function usable({ database }: LoggedQuery, scope: ReplayScope): string | undefined {
  if (database === '') return '';
  return isInScope(scope, database) ? database : undefined;
}

/** DROP may name tables or views of several databases: those in scope are dropped. @returns undefined if it names only one, or is another statement. */
function replayableDrop(query: LoggedQuery, kind: StatementKind, scope: ReplayScope): Replayable | undefined {
  if (query.sql.length > MAX_DROP_BYTES || !/DROP/i.test(query.sql.toString('latin1', 0, DROP_WITHIN)))
    return undefined;
  const encoding = isUtf8(query.sql) ? 'utf8' : 'latin1';
  const drop = readDropList(query.sql.toString(encoding));
  if (!drop || drop.tables.length < 2) return undefined;
  const wanted = drop.tables.filter(({ database }) => isInScope(scope, database === '' ? query.database : database));
  const replayed = { is: 'replayed', kind, use: usable(query, scope) } as const;
  if (wanted.length === drop.tables.length) return replayed;
  if (wanted.length === 0) return { is: 'skipped' };
  const names = wanted.map(({ database, table }) => [database, table].filter(Boolean).map(quoteName).join('.'));
  return { ...replayed, sql: Buffer.from(`${drop.head} ${names.join(', ')}`, encoding) };
}

/** In characters: comments and settings may precede it. */
const DROP_WITHIN = 4096;
/** In bytes: longer than a list of all tables that a server can have. */
const MAX_DROP_BYTES = 2 ** 24;

/** Matches only at the start of a name: trying inside names as well would take time quadratic in their length. */
const QUALIFIER = new RegExp(`(?:(?=[\`"])|(?<![\\w$\\u0080-\\uffff]))(${NAME})\\s*\\.\\s*${NAME}`, 'g');
/** Long enough for the head of any statement; row values do not name what it changes. */
const HEAD_CHARACTERS = 65_536;

/**
 * The databases that a statement changes, or may change. MySQL records them in the log; for MariaDB, the statement's target decides, or every database that it
 * names.
 */
function changedDatabases(query: LoggedQuery, kind: StatementKind): readonly string[] {
  const { updatedDatabases } = query.settings;
  if (kind.kind === 'createDatabase' || kind.kind === 'dropDatabase') return [kind.database];
  if (updatedDatabases && updatedDatabases.length > 0) return updatedDatabases;
  const own = query.database === '' ? [] : [query.database];
  const target = targetOf(kind);
  if (target) return target.database === undefined ? own : [target.database];
  const text = withoutComments(query.sql.toString('latin1', 0, HEAD_CHARACTERS));
  const alter =
    /^ALTER\s+(?:DATABASE|SCHEMA)\s+(?!(?:CHARACTER|DEFAULT|COLLATE|CHARSET|UPGRADE|ENCRYPTION|READ)\b)(\S+)/i.exec(
      text,
    )?.[1];
  if (alter !== undefined) return [partsOf(alter)[0] ?? ''];
  const code = text.replaceAll(QUOTED_TEXT, "''");
  const first = firstTarget(code);
  if (first !== undefined) return [first === '' ? query.database : first];
  const named = [...code.matchAll(QUALIFIER)].map(
    ([, name = '']) => partsOf(Buffer.from(name, 'latin1').toString())[0] ?? '',
  );
  return [...new Set([...own, ...named])];
}

const QUOTED_TEXT = /'(?:[^'\\]|\\[\s\S]|'')*'/g;
const ONE_TABLE = new RegExp(
  `^(?:LOAD\\s+(?:DATA|XML)\\s[\\s\\S]{1,200}?\\bINTO\\s+TABLE\\s+|UPDATE\\s+(?:LOW_PRIORITY\\s+|IGNORE\\s+)*|DELETE\\s+(?:LOW_PRIORITY\\s+|QUICK\\s+|IGNORE\\s+)*FROM\\s+|TRUNCATE\\s+(?:TABLE\\s+)?|ALTER\\s+(?:ONLINE\\s+|OFFLINE\\s+|IGNORE\\s+)*TABLE\\s+(?:IF\\s+EXISTS\\s+)?|(?:CREATE|DROP)\\s+(?:OR\\s+REPLACE\\s+)?(?:UNIQUE\\s+|FULLTEXT\\s+|SPATIAL\\s+)?INDEX\\s[\\s\\S]{1,200}?\\sON\\s+)(?:(${NAME})\\s*\\.\\s*)?${NAME}\\s*(,|\\bJOIN\\b|\\b(?:LEFT|RIGHT|INNER|CROSS|NATURAL|STRAIGHT_JOIN)\\b)?`,
  'i',
);

/** The database of the only table that a statement changes: empty for the current one; undefined if it may change several. */
function firstTarget(code: string): string | undefined {
  const match = ONE_TABLE.exec(code);
  if (!match || match[2] !== undefined) return undefined;
  return match[1] === undefined ? '' : (partsOf(Buffer.from(match[1], 'latin1').toString())[0] ?? '');
}

function targetOf(kind: StatementKind): { readonly database: string | undefined } | undefined {
  switch (kind.kind) {
    case 'insert':
    case 'createTable':
    case 'dropTable':
    case 'keys':
      return kind.table;
    case 'view':
      return kind.view;
    case 'trigger':
      return kind.table.database === undefined ? kind.trigger : kind.table;
    case 'routine':
    case 'event':
      return kind.name;
    default:
      return undefined;
  }
}
