import type { Ask, DigestColumn, DigestTable } from '../../fingerprint.ts';
import { quoteName } from '../server/quoting.ts';

/** Types whose values are hashed individually first: a row must not become longer than `max_allowed_packet`. */
const LONG = new Set(['mediumtext', 'longtext', 'mediumblob', 'longblob', 'json', 'vector']);
const GEOMETRIES = new Set([
  'geometry',
  'point',
  'linestring',
  'polygon',
  'multipoint',
  'multilinestring',
  'multipolygon',
  'geometrycollection',
  'geomcollection',
]);
const TEXTS = new Set(['char', 'varchar', 'tinytext', 'text', 'enum', 'set']);
const BYTES = new Set(['binary', 'varbinary', 'tinyblob', 'blob']);
const INTEGERS = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint']);
/** FLOAT is printed with six digits, which is all that a dump retains. */
const FLOATS = new Set(['float', 'double']);
/** Types used as the server prints them: digits and punctuation only. */
const PLAIN = new Set([...INTEGERS, 'decimal', 'date', 'datetime', 'timestamp', 'time', 'year']);

/** Storage engines whose rows a consistent snapshot covers. */
const WITH_SNAPSHOTS = new Set(['innodb', 'rocksdb', 'tokudb']);

/** Lists the base tables of the session's database. Views are excluded, and so are sequences, which MariaDB stores as tables of one row. */
export async function listTables(ask: Ask): Promise<readonly DigestTable[]> {
  const { rows: tables } = await ask(TABLES);
  const { rows: columns } = await ask(COLUMNS);
  const byTable = Map.groupBy(columns, ([table]) => String(table));
  return tables.map(([table, engine, bytes]) => {
    const own = (byTable.get(String(table)) ?? []).map(([, ...column]) => column.map((cell) => String(cell ?? '')));
    const key = own.find(([, , type = '', , , isKey]) => isKey === '1' && INTEGERS.has(type.toLowerCase()))?.[0];
    const outside = WITH_SNAPSHOTS.has(String(engine).toLowerCase()) ? undefined : `${engine} keeps no snapshot`;
    return {
      name: String(table),
      sql: quoteName(String(table)),
      columns: own.filter(([, , , , generated]) => generated !== '1').map(toColumn),
      integerKey: key === undefined ? undefined : { name: key, sql: quoteName(key) },
      bytes: Number(bytes ?? 0),
      outsideSnapshot: outside,
    };
  });
}

function toColumn([name = '', fullType = '', dataType = '', nullable = '']: readonly string[]): DigestColumn {
  const column = quoteName(name);
  const isNullable = nullable === 'YES';
  return {
    name,
    type: normalType(fullType),
    nullable: isNullable,
    expression: expressionFor(column, dataType.toLowerCase(), isNullable),
  };
}

/** MySQL 8.0.19 stopped showing the display width of integers, which has no meaning without ZEROFILL. */
function normalType(type: string): string {
  return type.includes('zerofill') ? type : type.replace(/^(tinyint|smallint|mediumint|int|bigint)\(\d+\)/, '$1');
}

/**
 * Parts of the row's text, to be joined with commas. Text and bytes are preceded by their length, and NULL is `~`, which is neither a number nor a date, so
 * different rows have different texts.
 */
function expressionFor(column: string, type: string, isNullable: boolean): string {
  const nullSafe = (expression: string, other: string) => (isNullable ? `IFNULL(${expression}, ${other})` : expression);
  const long = GEOMETRIES.has(type) || LONG.has(type);
  if (long) return nullSafe(`SHA2(${column}, 256)`, "'~'");
  if (PLAIN.has(type)) return nullSafe(column, "'~'");
  if (FLOATS.has(type)) return nullSafe(`IF(${column} = 0, '0', ${column})`, "'~'"); // a dump makes 0 of -0
  if (type === 'bit') return nullSafe(`${column} + 0`, "'~'");
  const bytes = BYTES.has(type) ? column : TEXTS.has(type) ? `CAST(${column} AS BINARY)` : `CAST(${column} AS CHAR)`;
  return `${nullSafe(`LENGTH(${bytes})`, "'~'")}, ${nullSafe(bytes, "''")}`;
}

const TABLES = `
SELECT TABLE_NAME, ENGINE, COALESCE(DATA_LENGTH, 0) FROM information_schema.TABLES
 WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY TABLE_NAME`;

const COLUMNS = `
SELECT c.TABLE_NAME, c.COLUMN_NAME, c.COLUMN_TYPE, c.DATA_TYPE, c.IS_NULLABLE,
       CASE WHEN COALESCE(c.GENERATION_EXPRESSION, '') <> '' THEN '1' ELSE '0' END,
       CASE WHEN k.COLUMN_NAME IS NULL THEN '0' ELSE '1' END
  FROM information_schema.COLUMNS c LEFT JOIN information_schema.STATISTICS k
    ON k.TABLE_SCHEMA = c.TABLE_SCHEMA AND k.TABLE_NAME = c.TABLE_NAME AND k.COLUMN_NAME = c.COLUMN_NAME
       AND k.INDEX_NAME = 'PRIMARY' AND k.SEQ_IN_INDEX = 1
 WHERE c.TABLE_SCHEMA = DATABASE() ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION`;
