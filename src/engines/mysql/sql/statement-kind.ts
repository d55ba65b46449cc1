import { NAME, partsOf, QUALIFIED, unquote, withoutComments, withoutSettings } from './sql-names.ts';

/** A table as named by a statement. */
export interface TableName {
  /** undefined: in the current database. */
  readonly database: string | undefined;
  readonly table: string;
}

/** The kind of a dump's statement, in as much detail as is needed to decide how to run it. Names are unquoted, and otherwise as in the text. */
export type StatementKind =
  /** `isPlain`: only rows, whose order therefore does not matter: no REPLACE, IGNORE, SELECT or ON DUPLICATE KEY. */
  | { readonly kind: 'insert'; readonly table: TableName; readonly isPlain: boolean }
  /** Changes only the session: every loading session must apply it. */
  | { readonly kind: 'setting' }
  /** Also a session setting, but one that makes each session need its own COMMIT. */
  | { readonly kind: 'autocommit' }
  /** Sets something for the whole server. */
  | { readonly kind: 'globalSetting' }
  | { readonly kind: 'use'; readonly database: string }
  | { readonly kind: 'lock' | 'unlock' }
  /** ALTER TABLE … DISABLE KEYS, ENABLE KEYS. */
  | { readonly kind: 'keys'; readonly table: TableName; readonly isEnabled: boolean }
  | { readonly kind: 'createDatabase' | 'dropDatabase'; readonly database: string }
  | { readonly kind: 'createTable' | 'dropTable'; readonly table: TableName }
  | { readonly kind: 'view'; readonly view: TableName }
  | { readonly kind: 'trigger'; readonly trigger: TableName; readonly table: TableName }
  | { readonly kind: 'routine' | 'event'; readonly name: TableName }
  /** Loads code into the server: INSTALL, UNINSTALL, CREATE FUNCTION … SONAME. */
  | { readonly kind: 'plugin' }
  /** CREATE SERVER: the location of federated tables. */
  | { readonly kind: 'server' }
  /** CHANGE MASTER, CHANGE REPLICATION, START and STOP SLAVE, REPLICA, RESET and PURGE of logs. */
  | { readonly kind: 'replication' }
  /** Replication positions: GTID_PURGED, gtid_slave_pos. */
  | { readonly kind: 'gtid' }
  | { readonly kind: 'begin' | 'commit' | 'rollback' }
  | { readonly kind: 'flushPrivileges' }
  /** Users, roles and their rights. */
  | { readonly kind: 'account' }
  /** Rows from a file on the server or on the client. */
  | { readonly kind: 'loadData' }
  /** Creates or changes any other object. */
  | { readonly kind: 'definition' }
  | { readonly kind: 'ordinary' };

/** The beginning of a statement identifies its kind; the values of an INSERT need not be read. */
const INSERT_HEAD_BYTES = 2048;
const HEAD_BYTES = 16_384;
const TAIL_BYTES = 4096;
const ON_DUPLICATE = /\bON\s+DUPLICATE\s+KEY\s+UPDATE\b/i;

/** @returns the kind of a statement, from its beginning, and for an INSERT also from its end. Names are read as UTF-8. */
export function classifyStatement(bytes: Buffer): StatementKind {
  const isInsert = /^INSERT/i.test(bytes.toString('latin1', 0, 6));
  const kind = classify(bytes.toString('utf8', 0, isInsert ? INSERT_HEAD_BYTES : HEAD_BYTES));
  if (kind.kind !== 'insert' || !kind.isPlain) return kind;
  const isUpdating = ON_DUPLICATE.test(bytes.toString('latin1', Math.max(0, bytes.length - TAIL_BYTES)));
  return isUpdating ? { ...kind, isPlain: false } : kind;
}

/** @param text the statement, or as much of its beginning as is available. */
export function classify(text: string): StatementKind {
  const insert = INSERT.exec(text);
  if (insert) return { kind: 'insert', table: tableOf(insert[1]), isPlain: !ON_DUPLICATE.test(text) };
  const sql = withoutSettings(withoutComments(text));
  for (const [pattern, kindOf] of KINDS) {
    const match = pattern.exec(sql);
    if (match) return kindOf(match, sql);
  }
  return { kind: 'ordinary' };
}

const begins = (source: string): RegExp =>
  new RegExp(
    `^(?:${source.replaceAll(' ', '\\s+').replaceAll('TABLE_NAME', `(${QUALIFIED})`).replaceAll('DB_NAME', `(${NAME})`)})`,
    'i',
  );

const INSERT = begins(
  'INSERT(?: INTO)? TABLE_NAME\\s*(?:\\((?:[^()`"]|`(?:[^`]|``)*`|"(?:[^"]|"")*")*\\)\\s*)?VALUES?\\b',
);
const OPTIONS = `(?: OR REPLACE)?(?: AGGREGATE)?(?: ALGORITHM\\s*=\\s*\\w+)?(?: DEFINER\\s*=\\s*(?:\`(?:[^\`]|\`\`)*\`|'[^']*'|"[^"]*"|[^\\s@]+)(?:\\s*@\\s*(?:\`(?:[^\`]|\`\`)*\`|'[^']*'|"[^"]*"|\\S+))?)?(?: SQL SECURITY \\w+)?(?: AGGREGATE)?`;
const EXISTS = '(?: IF(?: NOT)? EXISTS)?';

type KindOf = (match: RegExpExecArray, sql: string) => StatementKind;

/** Ordered: the most common or most specific come first. */
const KINDS: readonly (readonly [RegExp, KindOf])[] = [
  [begins('(?:INSERT|REPLACE)(?: (?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE))*(?: INTO)? TABLE_NAME'), insertOf],
  [begins('SET\\b'), settingOf],
  [begins('USE\\s*DB_NAME'), (match) => ({ kind: 'use', database: unquote(match[1] ?? '') })],
  // these are skipped, so they match only if nothing follows: after a lost semicolon, the next statement would be skipped with them
  [
    begins(
      'LOCK (?:TABLES? (?:[^;`"]|`(?:[^`]|``)*`|"(?:[^"]|"")*")*?\\b(?:READ(?: LOCAL)?|WRITE)|INSTANCE FOR BACKUP)\\s*$',
    ),
    () => ({ kind: 'lock' }),
  ],
  [begins('UNLOCK (?:TABLES?|INSTANCE)\\s*$'), () => ({ kind: 'unlock' })],
  [
    begins('ALTER TABLE TABLE_NAME (ENABLE|DISABLE) KEYS\\s*$'),
    (match) => ({ kind: 'keys', table: tableOf(match[1]), isEnabled: match[2]?.toUpperCase() === 'ENABLE' }),
  ],
  [begins(`CREATE(?: OR REPLACE)?(?: TEMPORARY)? TABLE${EXISTS} TABLE_NAME`), tableKind('createTable')],
  [begins(`DROP(?: TEMPORARY)? TABLES?${EXISTS} TABLE_NAME`), tableKind('dropTable')],
  [begins(`CREATE(?: OR REPLACE)? (?:DATABASE|SCHEMA)${EXISTS} DB_NAME`), databaseKind('createDatabase')],
  [begins(`DROP (?:DATABASE|SCHEMA)${EXISTS} DB_NAME`), databaseKind('dropDatabase')],
  [begins('CREATE\\b[^;]{0,200}? FUNCTION\\b[^;]{0,300}? SONAME\\b'), () => ({ kind: 'plugin' })],
  [begins('(?:UN)?INSTALL (?:PLUGIN|SONAME|COMPONENT)\\b'), () => ({ kind: 'plugin' })],
  [begins(`CREATE${OPTIONS} VIEW${EXISTS} TABLE_NAME`), (match) => ({ kind: 'view', view: tableOf(match[1]) })],
  [
    begins(`CREATE${OPTIONS} TRIGGER${EXISTS} TABLE_NAME (?:BEFORE|AFTER) [\\w ,]+? ON TABLE_NAME`),
    (match) => ({ kind: 'trigger', trigger: tableOf(match[1]), table: tableOf(match[2]) }),
  ],
  [
    begins(`CREATE${OPTIONS} (?:FUNCTION|PROCEDURE|PACKAGE(?: BODY)?)${EXISTS} TABLE_NAME`),
    (match) => ({ kind: 'routine', name: tableOf(match[1]) }),
  ],
  [begins(`CREATE${OPTIONS} EVENT${EXISTS} TABLE_NAME`), (match) => ({ kind: 'event', name: tableOf(match[1]) })],
  [begins('(?:CREATE(?: OR REPLACE)?|ALTER|DROP) SERVER\\b'), () => ({ kind: 'server' })],
  [
    begins(
      '(?:CHANGE (?:MASTER|REPLICATION)|(?:START|STOP|RESET)(?: ALL)? (?:SLAVES?|REPLICAS?|MASTER|GROUP_REPLICATION|BINARY LOGS)|PURGE (?:BINARY|MASTER) LOGS|BINLOG)\\b',
    ),
    () => ({ kind: 'replication' }),
  ],
  [begins('(?:START TRANSACTION|BEGIN(?: WORK)?$|XA (?:START|BEGIN))'), () => ({ kind: 'begin' })],
  [begins('COMMIT\\b'), () => ({ kind: 'commit' })],
  [begins('ROLLBACK\\b'), () => ({ kind: 'rollback' })],
  [
    begins('FLUSH(?: (?:NO_WRITE_TO_BINLOG|LOCAL))?\\s+(?:[^;]*,\\s*)?PRIVILEGES\\b'),
    () => ({ kind: 'flushPrivileges' }),
  ],
  [
    begins('(?:GRANT|REVOKE|(?:CREATE|ALTER|DROP|RENAME)(?: OR REPLACE)? (?:USER|ROLE))\\b'),
    () => ({ kind: 'account' }),
  ],
  [begins('LOAD (?:DATA|XML)\\b'), () => ({ kind: 'loadData' })],
  [begins('(?:CREATE|ALTER|DROP|RENAME|TRUNCATE|COMMENT)\\b'), () => ({ kind: 'definition' })],
];

function insertOf(match: RegExpExecArray): StatementKind {
  return { kind: 'insert', table: tableOf(match[1]), isPlain: false };
}

/** `SET ROLE`, `SET PASSWORD` and the like are not settings that every session should apply. */
function settingOf(_match: RegExpExecArray, sql: string): StatementKind {
  const text = sql.replace(/^SET\s+/i, '');
  if (/^(?:@@)?(?:GLOBAL|PERSIST|PERSIST_ONLY)\b[\s.]*(?:GTID_PURGED|gtid_slave_pos|gtid_binlog_state)\b/i.test(text))
    return { kind: 'gtid' };
  if (/^(?:@@)?(?:GLOBAL|PERSIST|PERSIST_ONLY)\b/i.test(text)) return { kind: 'globalSetting' };
  if (/^(?:DEFAULT\s+ROLE|PASSWORD|ROLE|RESOURCE\s+GROUP)\b/i.test(text)) return { kind: 'account' };
  if (/^(?:(?:GLOBAL|SESSION|LOCAL)\s+)?TRANSACTION\b|^STATEMENT\b/i.test(text)) return { kind: 'ordinary' };
  return /(?:^|[\s,.@])autocommit\s*:?=/i.test(text.replaceAll(/'[^']*'/g, ''))
    ? { kind: 'autocommit' }
    : { kind: 'setting' };
}

function tableKind(kind: 'createTable' | 'dropTable'): KindOf {
  return (match) => ({ kind, table: tableOf(match[1]) });
}

function databaseKind(kind: 'createDatabase' | 'dropDatabase'): KindOf {
  return (match) => ({ kind, database: unquote(match[1] ?? '') });
}

function tableOf(written: string | undefined): TableName {
  const parts = partsOf(written ?? '');
  return { database: parts.length > 1 ? parts[0] : undefined, table: parts.at(-1) ?? '' };
}
