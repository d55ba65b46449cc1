/** One line for each column of the base: table, column and type, tab-separated. */
export const TABLES_SQL = `SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c JOIN information_schema.tables t
  ON t.table_schema = c.table_schema AND t.table_name = c.table_name WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' ORDER BY 1, c.ordinal_position`;

/**
 * @param columns lines of {@link TABLES_SQL}.
 * @returns one query over every row of these tables and every definition of the current database; it fails if one of the tables is missing.
 */
export function fingerprintOf(product: 'mysql' | 'mariadb', columns: readonly string[]): string {
  const tables = Map.groupBy(
    columns.filter(Boolean).map((line) => line.split('\t')),
    ([table = '']) => table,
  );
  const rows = [...tables].map(([table, lines]) => {
    const values = lines.map(
      ([, column = '', type = '']) => `COALESCE(HEX(${bytesOf(product, quote(column), type)}), '~')`,
    );
    return `(SELECT CONCAT(COUNT(*), ':', COALESCE(SUM(CRC32(CONCAT_WS('|', ${values.join(', ')}))), 0)) FROM ${quote(table)})`;
  });
  return `SELECT CONCAT_WS(' ', ${[...rows, ...DEFINITIONS].join(',\n')})`;
}

/** The value as bytes that no session setting changes. */
function bytesOf(product: 'mysql' | 'mariadb', column: string, type: string): string {
  if (type === 'timestamp') return `CAST(UNIX_TIMESTAMP(${column}) AS CHAR)`;
  if (type === 'json' && product === 'mysql') return `CAST(${column} AS CHAR CHARACTER SET utf8mb4)`;
  return `CAST(${column} AS BINARY)`;
}

const sum = (text: string, from: string, where: string) =>
  `(SELECT CONCAT(COUNT(*), ':', COALESCE(SUM(CRC32(REPLACE(REPLACE(${text}, REPLACE(DATABASE(), '\`', '\`\`'), 'it'), DATABASE(), 'it'))), 0)) FROM information_schema.${from} WHERE ${where} = DATABASE())`;

const DEFINITIONS = [
  sum(
    "CONCAT_WS('|', table_name, column_name, ordinal_position, column_type, is_nullable, character_set_name, extra)",
    'columns',
    'table_schema',
  ),
  sum("CONCAT_WS('|', table_name, index_name, seq_in_index, column_name, non_unique)", 'statistics', 'table_schema'),
  sum("CONCAT_WS('|', table_name, constraint_name, constraint_type)", 'table_constraints', 'table_schema'),
  sum("CONCAT_WS('|', table_name, table_type, engine, create_options)", 'tables', 'table_schema'),
  sum("CONCAT_WS('|', table_name, view_definition)", 'views', 'table_schema'),
  sum(
    "CONCAT_WS('|', trigger_name, event_object_table, action_timing, event_manipulation, action_statement)",
    'triggers',
    'trigger_schema',
  ),
  sum("CONCAT_WS('|', routine_name, routine_type, routine_definition)", 'routines', 'routine_schema'),
  sum("CONCAT_WS('|', event_name, event_definition, interval_value, interval_field)", 'events', 'event_schema'),
];

function quote(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
