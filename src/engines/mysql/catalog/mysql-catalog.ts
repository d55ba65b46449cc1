import type {
  AskCatalog,
  Catalog,
  CatalogForeignKey,
  CatalogIndex,
  CatalogKey,
  CatalogTable,
  QualifiedName,
  UnvalidatedConstraint,
} from '../../catalog.ts';
import { type CatalogRow, lazily, readCatalogRows } from '../../server/catalog-cells.ts';
import { quoteName } from '../server/quoting.ts';
import { readColumns } from './columns.ts';
import { readMysqlSchema } from './schema-objects.ts';
import { readSequences } from './sequences.ts';

/**
 * Reads the catalog of the session's database from `information_schema`, which shows an account only the objects it has rights on: here, all of the restored
 * databases.
 * @param statements those in which the products differ, from {@link file://../flavor.ts}.
 */
export function mysqlCatalog(ask: AskCatalog, { notEnforced, explain: explainWord }: CatalogStatements): Catalog {
  const columns = lazily(() => readColumns(ask));
  const indexes = lazily(() => readIndexes(ask));
  return {
    searchPath: lazily(async () =>
      (await readCatalogRows(ask, 'databases', 'SELECT DATABASE()')).map((row) => row.text(0)),
    ),
    ignoresCase: lazily(async () => {
      const [row] = await readCatalogRows(ask, 'settings', 'SELECT @@lower_case_table_names');
      return row?.text(0) !== '0';
    }),
    tables: lazily(() => readTables(ask)),
    columns,
    keys: async () => (await indexes()).flatMap(({ key }) => key ?? []),
    foreignKeys: lazily(() => readForeignKeys(ask)),
    indexes: async () => (await indexes()).map(({ index }) => index),
    unvalidated: lazily(() => readUnvalidated(ask, notEnforced)),
    sequences: lazily(async () => readSequences(ask, await columns())),
    schemaObjects: lazily(() => readMysqlSchema(ask)),
    collationVersions: () => Promise.resolve([]),
    findDamage: (table) => findDamage(ask, table),
    explain: (sql) => explain(ask, `${explainWord} ${sql}`),
    quote: (...names) => names.map(quoteName).join('.'),
    ownRows: async ({ schema, name }) => `${quoteName(schema)}.${quoteName(name)}`,
  };
}

/** Statements in which MySQL and MariaDB differ. */
export interface CatalogStatements {
  readonly notEnforced: string | undefined;
  /** Prefix that makes a query return its plan as a table. */
  readonly explain: string;
}

/** Storage engines whose rows are on another server. */
const ELSEWHERE = new Set(['FEDERATED', 'CONNECT', 'SPIDER', 'NDBCLUSTER']);
/** Storage engines that store no rows, or lose them when the server stops. */
const TRANSIENT = new Set(['MEMORY', 'BLACKHOLE']);

async function readTables(ask: AskCatalog): Promise<readonly CatalogTable[]> {
  const rows = await readCatalogRows(
    ask,
    'tables',
    `SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, UPPER(ENGINE), TABLE_ROWS, DATA_LENGTH + INDEX_LENGTH FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED') ORDER BY 1, 2`,
  );
  return rows.map((row) => {
    const engine = row.maybeText(3) ?? '';
    return {
      schema: row.text(0),
      name: row.text(1),
      kind: row.text(2) === 'VIEW' ? 'view' : ELSEWHERE.has(engine) ? 'foreign' : 'table',
      estimatedRows: row.maybeNumber(4),
      bytes: row.maybeNumber(5),
      partitionOf: undefined,
      isExtension: false,
      transient: TRANSIENT.has(engine) ? engine : undefined,
    };
  });
}

interface FoundIndex {
  readonly index: CatalogIndex;
  readonly key: CatalogKey | undefined;
}

async function readIndexes(ask: AskCatalog): Promise<readonly FoundIndex[]> {
  const rows = await readCatalogRows(
    ask,
    'indexes',
    `SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS
      WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1, 2, 3, SEQ_IN_INDEX`,
  );
  const groups = Map.groupBy(rows, (row) => JSON.stringify([row.text(1), row.text(2)]));
  return [...groups.values()].flatMap((group) => readIndex(group) ?? []);
}

function readIndex(rows: readonly CatalogRow[]): FoundIndex | undefined {
  const [first] = rows;
  if (!first) return undefined;
  const table = nameIn(first, 0);
  const name = first.text(2);
  const columns = rows.map((row) => row.maybeText(4) ?? null);
  const isUnique = !first.flag(3);
  const whole = rows.flatMap((row) => (row.maybeText(5) === undefined ? (row.maybeText(4) ?? []) : []));
  const kind = name === 'PRIMARY' ? 'primary' : 'unique';
  const key = isUnique && whole.length === rows.length ? ({ table, name, kind, columns: whole } as const) : undefined;
  return { index: { table, name, columns, isUnique, isValid: true }, key };
}

async function readForeignKeys(ask: AskCatalog): Promise<readonly CatalogForeignKey[]> {
  const rows = await readCatalogRows(
    ask,
    'foreign keys',
    `SELECT k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME, k.COLUMN_NAME,
            k.REFERENCED_COLUMN_NAME, t.TABLE_NAME IS NOT NULL
       FROM information_schema.KEY_COLUMN_USAGE k
       LEFT JOIN information_schema.TABLES t
         ON t.TABLE_SCHEMA = k.REFERENCED_TABLE_SCHEMA AND t.TABLE_NAME = k.REFERENCED_TABLE_NAME
      WHERE k.TABLE_SCHEMA = DATABASE() AND k.REFERENCED_TABLE_NAME IS NOT NULL ORDER BY 1, 2, 3, k.ORDINAL_POSITION`,
  );
  const groups = Map.groupBy(rows, (row) => JSON.stringify([row.text(1), row.text(2)]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    return {
      table: nameIn(first, 0),
      name: first.text(2),
      references: nameIn(first, 3),
      columns: group.map((row) => ({ column: row.text(5), references: row.text(6), operator: '=', collate: '' })),
      isMatchFull: false,
      isValidated: false, // dumps are loaded with foreign_key_checks off
      hasParent: first.flag(7),
    };
  });
}

async function readUnvalidated(
  ask: AskCatalog,
  notEnforced: string | undefined,
): Promise<readonly UnvalidatedConstraint[]> {
  if (notEnforced === undefined) return [];
  const rows = await readCatalogRows(ask, 'constraints', notEnforced);
  return rows.map((row) => ({ table: nameIn(row, 0), name: row.text(2), kind: 'check', condition: row.text(3) }));
}

/** CHECK TABLE needs only some right on the table, and works while the server is read-only (MySQL 9.7, MariaDB 11.8). */
async function findDamage(ask: AskCatalog, { schema, name }: QualifiedName): Promise<readonly string[] | undefined> {
  const rows = await readCatalogRows(ask, 'findings', `CHECK TABLE ${quoteName(schema)}.${quoteName(name)}`);
  const found = rows.map((row) => ({ type: row.text(2).toLowerCase(), text: row.text(3) }));
  const errors = found.filter(({ type, text }) => type === 'error' || (type === 'status' && text !== 'OK'));
  if (errors.length === 0 && found.some(({ type }) => type === 'note')) return undefined;
  return errors.map(({ text }) => text);
}

/** Columns of a plan that describe the access path, not row counts or costs. */
const PLAN_COLUMNS = ['select_type', 'table', 'type', 'key', 'ref', 'Extra'];

async function explain(ask: AskCatalog, sql: string): Promise<readonly string[]> {
  const { columns, rows } = await ask(sql, 1000);
  const places = PLAN_COLUMNS.map((name) => columns.findIndex((column) => column.toLowerCase() === name.toLowerCase()));
  return rows.map((row) => places.flatMap((place) => row[place] ?? []).join(' '));
}

/** Reads schema and name from adjacent columns. */
function nameIn(row: CatalogRow, index: number): QualifiedName {
  return { schema: row.text(index), name: row.text(index + 1) };
}
