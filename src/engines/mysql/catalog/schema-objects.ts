import type { AskCatalog } from '../../catalog.ts';
import type { SchemaObject } from '../../schema-object.ts';
import { type CatalogRow, readCatalogRows } from '../../server/catalog-cells.ts';
import { readSchemaObjects } from '../../server/schema-rows.ts';

/** Parts of `information_schema` that only some products and versions have. */
type Optional = 'STATISTICS.EXPRESSION' | 'CHECK_CONSTRAINTS.CHECK_CLAUSE' | 'CHECK_CONSTRAINTS.TABLE_NAME';

/**
 * Reads the schema of the session's database from `information_schema` (manuals, "INFORMATION_SCHEMA Tables"). Differences between minor versions for the same
 * schema are normalized: the display width of integers, and the old name of `utf8mb3`.
 */
export async function readMysqlSchema(ask: AskCatalog): Promise<readonly SchemaObject[]> {
  const has = await readOptional(ask);
  const parts = await Promise.all([
    ...QUERIES.map((sql) => readSchemaObjects(ask, sql)),
    readIndexes(ask, has),
    readForeignKeys(ask),
    readChecks(ask, has),
    readRoutines(ask),
  ]);
  return parts.flat().map((object) => ({ ...object, definition: alike(object.definition) }));
}

function alike(definition: string): string {
  return definition
    .replace(/\b((?:tiny|small|medium|big)?int)\((\d+)\)(?! unsigned zerofill| zerofill)/g, (all, type, width) =>
      type === 'tinyint' && width === '1' ? all : type,
    )
    .replace(/\butf8_/g, 'utf8mb3_');
}

async function readOptional(ask: AskCatalog): Promise<ReadonlySet<Optional>> {
  const rows = await readCatalogRows(
    ask,
    'columns',
    `SELECT CONCAT(UPPER(TABLE_NAME), '.', UPPER(COLUMN_NAME)) FROM information_schema.COLUMNS
      WHERE TABLE_SCHEMA = 'information_schema' AND UPPER(TABLE_NAME) IN ('STATISTICS', 'CHECK_CONSTRAINTS')`,
  );
  return new Set(rows.map((row) => row.text(0) as Optional));
}

const rights = (definer: string) => `CONCAT('with the rights of ', ${definer})`;

const QUERIES = [
  `SELECT IF(TABLE_TYPE = 'SEQUENCE', 'sequence', 'table'), TABLE_NAME, NULL,
          CONCAT_WS(', ', CONCAT('engine ', ENGINE), CONCAT('collate ', TABLE_COLLATION), IF(CREATE_OPTIONS LIKE '%partitioned%', 'partitioned', NULL),
            IF(TABLE_TYPE = 'SYSTEM VERSIONED', 'system versioned', NULL)), NULL
     FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE IN ('BASE TABLE', 'SEQUENCE', 'SYSTEM VERSIONED')`,
  `SELECT 'view', TABLE_NAME, NULL, ${rights("IF(SECURITY_TYPE = 'DEFINER', DEFINER, 'its user')")}, VIEW_DEFINITION
     FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()`,
  `SELECT 'column', CONCAT(c.TABLE_NAME, '.', c.COLUMN_NAME), c.TABLE_NAME,
          CONCAT_WS(' ', c.COLUMN_TYPE, CONCAT('collate ', c.COLLATION_NAME), IF(c.IS_NULLABLE = 'NO', 'not null', NULL),
            CONCAT('default ', c.COLUMN_DEFAULT), NULLIF(LOWER(c.EXTRA), ''), CONCAT('as ', NULLIF(c.GENERATION_EXPRESSION, ''))), NULL
     FROM information_schema.COLUMNS c JOIN information_schema.TABLES t USING (TABLE_SCHEMA, TABLE_NAME)
    WHERE c.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')`,
  `SELECT 'trigger', TRIGGER_NAME, EVENT_OBJECT_TABLE, CONCAT_WS(', ', LOWER(CONCAT(ACTION_TIMING, ' ', EVENT_MANIPULATION)), ${rights('DEFINER')}),
          CONCAT(ACTION_ORDER, ' ', ACTION_STATEMENT)
     FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()`,
  `SELECT 'event', EVENT_NAME, NULL,
          CONCAT_WS(', ', CONCAT('every ', INTERVAL_VALUE, ' ', LOWER(INTERVAL_FIELD)), CONCAT('at ', EXECUTE_AT), ${rights('DEFINER')}), EVENT_DEFINITION
     FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()`,
  `SELECT 'definer', DEFINER, NULL, '', NULL FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()
    UNION SELECT 'definer', DEFINER, NULL, '', NULL FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()
    UNION SELECT 'definer', DEFINER, NULL, '', NULL FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE() AND SECURITY_TYPE = 'DEFINER'
    UNION SELECT 'definer', DEFINER, NULL, '', NULL FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() AND SECURITY_TYPE = 'DEFINER'`,
];

async function readIndexes(ask: AskCatalog, has: ReadonlySet<Optional>): Promise<readonly SchemaObject[]> {
  const expression = has.has('STATISTICS.EXPRESSION') ? "CONCAT('(', EXPRESSION, ')')" : 'NULL';
  const rows = await readCatalogRows(
    ask,
    'indexes',
    `SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, INDEX_TYPE,
            CONCAT(COALESCE(COLUMN_NAME, ${expression}), IF(SUB_PART IS NULL, '', CONCAT('(', SUB_PART, ')')), IF(COLLATION = 'D', ' desc', ''))
       FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1, 2, SEQ_IN_INDEX`,
  );
  return grouped(rows, (first, all) => {
    const kind = first.text(1) === 'PRIMARY' ? 'primary key, ' : first.flag(2) ? '' : 'unique, ';
    const columns = all.map((row) => row.text(4)).join(', ');
    return part('index', first, `${kind}${first.text(3).toLowerCase()} (${columns})`);
  });
}

async function readForeignKeys(ask: AskCatalog): Promise<readonly SchemaObject[]> {
  const rows = await readCatalogRows(
    ask,
    'foreign keys',
    `SELECT k.TABLE_NAME, k.CONSTRAINT_NAME, IF(k.REFERENCED_TABLE_SCHEMA = DATABASE(), '', CONCAT(k.REFERENCED_TABLE_SCHEMA, '.')), k.REFERENCED_TABLE_NAME,
            k.COLUMN_NAME, k.REFERENCED_COLUMN_NAME, r.UPDATE_RULE, r.DELETE_RULE
       FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r
         ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
      WHERE k.TABLE_SCHEMA = DATABASE() AND k.REFERENCED_TABLE_NAME IS NOT NULL ORDER BY 1, 2, k.ORDINAL_POSITION`,
  );
  return grouped(rows, (first, all) => {
    const columns = all.map((row) => row.text(4)).join(', ');
    const references = all.map((row) => row.text(5)).join(', ');
    const rules = `on update ${first.text(6)} on delete ${first.text(7)}`.toLowerCase();
    const target = `${first.text(2)}${first.text(3)}(${references})`;
    return part('constraint', first, `foreign key (${columns}) references ${target} ${rules}`);
  });
}

async function readChecks(ask: AskCatalog, has: ReadonlySet<Optional>): Promise<readonly SchemaObject[]> {
  if (!has.has('CHECK_CONSTRAINTS.CHECK_CLAUSE')) return [];
  const sameTable = has.has('CHECK_CONSTRAINTS.TABLE_NAME') ? ' AND c.TABLE_NAME = t.TABLE_NAME' : '';
  const rows = await readCatalogRows(
    ask,
    'constraints',
    `SELECT t.TABLE_NAME, c.CONSTRAINT_NAME, c.CHECK_CLAUSE
       FROM information_schema.CHECK_CONSTRAINTS c JOIN information_schema.TABLE_CONSTRAINTS t
         ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME${sameTable}
      WHERE c.CONSTRAINT_SCHEMA = DATABASE() AND t.CONSTRAINT_TYPE = 'CHECK'`,
  );
  return rows.map((row) => part('constraint', row, `check (${row.text(2)})`));
}

async function readRoutines(ask: AskCatalog): Promise<readonly SchemaObject[]> {
  const routines = await readCatalogRows(
    ask,
    'routines',
    `SELECT ROUTINE_TYPE, ROUTINE_NAME, CONCAT_WS(', ', CONCAT('returns ', NULLIF(DTD_IDENTIFIER, '')),
              ${rights("IF(SECURITY_TYPE = 'DEFINER', DEFINER, 'its caller')")}),
            CONCAT_WS(' ', IS_DETERMINISTIC, SQL_DATA_ACCESS, ROUTINE_DEFINITION)
       FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()`,
  );
  const parameters = await readCatalogRows(
    ask,
    'parameters',
    `SELECT ROUTINE_TYPE, SPECIFIC_NAME, CONCAT_WS(' ', PARAMETER_MODE, PARAMETER_NAME, DTD_IDENTIFIER)
       FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA = DATABASE() AND ORDINAL_POSITION > 0 ORDER BY 1, 2, ORDINAL_POSITION`,
  );
  const keyOf = (row: CatalogRow) => JSON.stringify([row.text(0), row.text(1)]);
  const byRoutine = Map.groupBy(parameters, keyOf);
  return routines.map((row) => {
    const type = row.text(0).toLowerCase();
    const given = (byRoutine.get(keyOf(row)) ?? []).map((one) => one.text(2)).join(', ');
    return {
      kind: type === 'function' || type === 'procedure' ? type : 'package',
      name: type === 'package body' ? `${row.text(1)} (body)` : row.text(1),
      table: undefined,
      definition: row.text(2),
      body: `(${given}) ${row.text(3)}`,
    };
  });
}

/** Rows that describe part of a table; the table and the name are the first columns. */
function part(kind: 'index' | 'constraint', row: CatalogRow, definition: string): SchemaObject {
  return { kind, name: `${row.text(0)}.${row.text(1)}`, table: row.text(0), definition, body: undefined };
}

function grouped(
  rows: readonly CatalogRow[],
  read: (first: CatalogRow, all: readonly CatalogRow[]) => SchemaObject,
): readonly SchemaObject[] {
  const groups = Map.groupBy(rows, (row) => JSON.stringify([row.text(0), row.text(1)]));
  return [...groups.values()].flatMap((all) => (all[0] ? read(all[0], all) : []));
}
