/** What a statement of a dump needs and allows, as far as that decides what it can run in parallel with. */
export type StatementKind =
  /** Changes the session: every loading session must apply it. */
  | { readonly kind: 'setting' }
  /** From here on, the order of everything matters: the dump switched to a role. */
  | { readonly kind: 'identity' }
  | { readonly kind: 'begin' | 'commit' }
  | { readonly kind: 'insert'; readonly table: string }
  /** Builds something on tables whose data is loaded; `shared`: others like it may run on the same table. */
  | {
      readonly kind: 'build';
      readonly tables: readonly string[];
      readonly shared: boolean;
      readonly doing: string;
      readonly cost: number;
      /** Access method of the index that it builds; undefined if it builds none. */
      readonly method: string | undefined;
    }
  /** A comment on what a `build` created: may wait until everything before it is done. */
  | { readonly kind: 'remark' }
  | { readonly kind: 'createTable'; readonly table: string; readonly isPlainTable: boolean }
  | { readonly kind: 'createDatabase'; readonly database: string }
  | { readonly kind: 'tablespace' }
  /** `ALTER SYSTEM`: the harness's own settings override it, and some would prevent the server from restarting. */
  | { readonly kind: 'serverSetting' }
  /** In order, but several may share one transaction. */
  | { readonly kind: 'ordinary' }
  /** In order, alone. */
  | { readonly kind: 'alone' };

const NAME = '(?:"(?:[^"]|"")+"|[A-Za-z_\\x80-\\xff][\\w$\\x80-\\xff]*)';
const TABLE = `(${NAME}(?:\\s*\\.\\s*${NAME}){0,2})`;
const pattern = (source: string): RegExp =>
  new RegExp(`^${source.replaceAll(' ', '\\s+').replaceAll('TABLE_NAME', TABLE)}`, 'i');

const INSERT = pattern('INSERT INTO TABLE_NAME');
const CREATE_INDEX = pattern(
  `CREATE(?: UNIQUE)? INDEX(?: (?!CONCURRENTLY\\b)${NAME})? ON(?: ONLY)? TABLE_NAME(?: USING (\\w+))?`,
);
const ADD_CONSTRAINT = pattern(
  `ALTER TABLE(?: ONLY)? TABLE_NAME ADD CONSTRAINT ${NAME} (PRIMARY KEY|UNIQUE|EXCLUDE|CHECK|FOREIGN KEY|NOT NULL)`,
);
const REFERENCES = new RegExp(`\\bREFERENCES\\s+${TABLE}`, 'i');
const TABLE_PROPERTY = pattern('ALTER TABLE(?: ONLY)? TABLE_NAME (?:CLUSTER ON|REPLICA IDENTITY)');
const CREATE_TABLE = pattern('CREATE(?: UNLOGGED)? TABLE TABLE_NAME \\(?');
const CREATE_DATABASE = pattern(`CREATE DATABASE (${NAME})`);
const REMARK = pattern('COMMENT ON (?:INDEX|CONSTRAINT)\\b');
const TABLESPACE = pattern(
  `(?:(?:CREATE|ALTER|DROP) TABLESPACE\\b|(?:COMMENT|(?:GRANT|REVOKE|SECURITY LABEL) [^;]*?) ON TABLESPACE\\b|SET default_tablespace = (?!''|""))`,
);
const IDENTITY = pattern(
  '(?:SET (?:SESSION |LOCAL )?(?:ROLE|SESSION AUTHORIZATION)|RESET (?:ROLE|SESSION AUTHORIZATION))\\b',
);
const SETTING =
  /^(?:SET\s+(?!LOCAL\b|CONSTRAINTS\b|TRANSACTION\b)|RESET\s|SELECT\s+(?:pg_catalog\s*\.\s*)?set_config\s*\()/i;
const SERVER_SETTING = /^ALTER\s+SYSTEM\b/i;
const BEGIN = /^(?:BEGIN|START\s+TRANSACTION)\b/i;
const COMMIT = /^(?:COMMIT|END|ROLLBACK(?!\s+(?:WORK\s+|TRANSACTION\s+)?TO\b)|ABORT)\b/i;
/** Statements that may share a transaction with others, and whose result is not needed outside it first. */
const ORDINARY =
  /^(?:CREATE\s+(?!DATABASE|TABLESPACE|SUBSCRIPTION|INDEX|UNIQUE|EXTENSION)|ALTER\s+(?!DATABASE|TABLESPACE|SUBSCRIPTION|SYSTEM|TYPE\b[^;]*\sADD\s+VALUE)|COMMENT\s|GRANT\s|REVOKE\s|SECURITY\s+LABEL\s|SELECT\s+pg_catalog\s*\.\s*setval\s*\()/i;
const INLINE_REACTION =
  /\bREFERENCES\b|^CREATE\s+(?:OR\s+REPLACE\s+)?(?:CONSTRAINT\s+)?(?:TRIGGER|RULE)\b|\bFOREIGN\s+KEY\b/i;

/** Costs of building, relative to the table's size in bytes: what takes longest must start first. */
const METHOD_COSTS: Record<string, number> = { btree: 1, hash: 1, brin: 0.2, gin: 4, gist: 5, spgist: 3 };

/** @param text the statement as Latin-1, so that names compare byte by byte in any encoding. */
export function classify(text: string): StatementKind {
  const insert = INSERT.exec(text);
  if (insert) return { kind: 'insert', table: tableKey(insert[1]) };
  if (TABLESPACE.test(text)) return { kind: 'tablespace' };
  if (SERVER_SETTING.test(text)) return { kind: 'serverSetting' };
  if (IDENTITY.test(text)) return { kind: 'identity' };
  if (SETTING.test(text)) return { kind: 'setting' };
  if (BEGIN.test(text)) return { kind: 'begin' };
  if (COMMIT.test(text)) return { kind: 'commit' };
  if (REMARK.test(text)) return { kind: 'remark' };
  const database = CREATE_DATABASE.exec(text);
  if (database) return { kind: 'createDatabase', database: database[1] ?? '' };
  return classifyBuild(text) ?? classifyDefinition(text);
}

/** Whether rows loaded from now on may depend on rows of other tables: foreign keys, triggers, rules. */
export function makesDataOrderMatter(text: string): boolean {
  return INLINE_REACTION.test(text);
}

/** Whether a setting only ends waiting sessions: the load's sessions wait for each other, which psql's single session does not. */
export function endsWaitingSessions(text: string): boolean {
  return /^SET\s+(?:SESSION\s+|LOCAL\s+)?(?:idle_session_timeout|idle_in_transaction_session_timeout|transaction_timeout)\s*(?:=|\bTO\b)(?!\s*'?0+\b)/i.test(
    text,
  );
}

/** Whether a statement may end other sessions, as scripts do before they drop a database; the bodies of DO blocks and procedures are not examined. */
export function mayEndSessions(text: string): boolean {
  return /^(?:DO|CALL)\b|\bpg_terminate_backend\b/i.test(text);
}

/** @returns the table of a COPY statement, as a key comparable with the others here, and as written. */
export function tableOfCopy(text: string): { key: string; written: string; canFreeze: boolean } | undefined {
  const written = COPY.exec(text)?.[1];
  if (written === undefined) return undefined;
  return { key: tableKey(written), written, canFreeze: /\)?\s+FROM\s+stdin\s*$/i.test(text) && written.includes('.') };
}

const COPY = pattern('COPY TABLE_NAME');

function classifyBuild(text: string): StatementKind | undefined {
  const index = CREATE_INDEX.exec(text);
  if (index) {
    const method = (index[2] ?? 'btree').toLowerCase();
    const cost = METHOD_COSTS[method] ?? 1;
    return { kind: 'build', tables: [tableKey(index[1])], shared: true, doing: 'creating indexes', cost, method };
  }
  const constraint = ADD_CONSTRAINT.exec(text);
  if (constraint) {
    const referenced = REFERENCES.exec(text)?.[1];
    const isForeign = /^FOREIGN/i.test(constraint[2] ?? '');
    const tables = [tableKey(constraint[1]), ...(isForeign && referenced ? [tableKey(referenced)] : [])];
    return {
      kind: 'build',
      tables,
      shared: false,
      doing: isForeign ? 'checking foreign keys' : 'creating keys',
      cost: isForeign ? 0.5 : 1,
      method: /^(?:PRIMARY|UNIQUE)/i.test(constraint[2] ?? '') ? 'btree' : undefined,
    };
  }
  const property = TABLE_PROPERTY.exec(text);
  if (!property) return undefined;
  const tables = [tableKey(property[1])];
  return { kind: 'build', tables, shared: false, doing: 'creating indexes', cost: 0, method: undefined };
}

function classifyDefinition(text: string): StatementKind {
  const table = CREATE_TABLE.exec(text);
  if (table) return { kind: 'createTable', table: tableKey(table[1]), isPlainTable: !/\bPARTITION\s+BY\b/i.test(text) };
  return { kind: ORDINARY.test(text) ? 'ordinary' : 'alone' };
}

/** Names in the form in which the server compares them. */
function tableKey(name: string | undefined): string {
  return (name ?? '').replaceAll(
    /"((?:[^"]|"")*)"|[^".]+/g,
    (token, quoted: string | undefined) => quoted ?? token.trim().toLowerCase(),
  );
}
