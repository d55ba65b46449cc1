/** Runs a query and returns each row as a line of text. */
export type Ask = (sql: string) => Promise<readonly string[]>;

/** Everything in a database that a restore must reproduce, as lines that can be compared. */
export interface Description {
  /** `name rows checksum`, over every byte of every value. */
  readonly tables: readonly string[];
  readonly columns: readonly string[];
  readonly indexes: readonly string[];
  readonly views: readonly string[];
  readonly routines: readonly string[];
  readonly triggers: readonly string[];
  readonly events: readonly string[];
}

/** Describes a database by its catalog and a checksum of its rows that does not depend on their order. */
export async function describeDatabase(ask: Ask, database: string): Promise<Description> {
  const of = (columns: string, table: string, key: string, more = '') =>
    ask(
      `SELECT REPLACE(REPLACE(CONCAT_WS(' | ', ${columns}), '\\n', '~'), '\\r', '~') FROM information_schema.${table} WHERE ${key} = '${database}' ${more} ORDER BY 1`,
    );
  // the attributes of a view's columns depend on the sql_mode in which the view is created, and every dump sets a
  // different one
  const noViews = `AND TABLE_NAME IN (SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${database}' AND TABLE_TYPE = 'BASE TABLE')`;
  return {
    tables: await describeRows(ask, database),
    columns: await of(
      "TABLE_NAME, ORDINAL_POSITION, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, IFNULL(COLUMN_DEFAULT, '-'), EXTRA, IFNULL(COLLATION_NAME, '-')",
      'COLUMNS',
      'TABLE_SCHEMA',
      noViews,
    ),
    indexes: await of(
      'TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX, COLUMN_NAME, NON_UNIQUE, INDEX_TYPE',
      'STATISTICS',
      'TABLE_SCHEMA',
    ),
    views: await of('TABLE_NAME, VIEW_DEFINITION, DEFINER, SECURITY_TYPE, CHECK_OPTION', 'VIEWS', 'TABLE_SCHEMA'),
    routines: await of(
      'ROUTINE_TYPE, ROUTINE_NAME, DTD_IDENTIFIER, ROUTINE_DEFINITION, DEFINER, SECURITY_TYPE, SQL_MODE, SQL_DATA_ACCESS',
      'ROUTINES',
      'ROUTINE_SCHEMA',
    ),
    triggers: await of(
      'TRIGGER_NAME, EVENT_MANIPULATION, EVENT_OBJECT_TABLE, ACTION_TIMING, ACTION_ORDER, ACTION_STATEMENT, DEFINER, SQL_MODE',
      'TRIGGERS',
      'TRIGGER_SCHEMA',
    ),
    // when its scheduler is disabled, MariaDB lists events only in the table that stores them
    events: (await ask('SELECT VERSION()'))[0]?.includes('MariaDB')
      ? await ask(
          `SELECT REPLACE(CONCAT_WS(' | ', name, body_utf8, interval_value, interval_field, status, definer, sql_mode), '\\n', '~') FROM mysql.event WHERE db = '${database}' ORDER BY 1`,
        )
      : await of(
          'EVENT_NAME, EVENT_DEFINITION, INTERVAL_VALUE, INTERVAL_FIELD, STATUS, DEFINER, SQL_MODE',
          'EVENTS',
          'EVENT_SCHEMA',
        ),
  };
}

async function describeRows(ask: Ask, database: string): Promise<string[]> {
  const columns = await ask(
    `SELECT CONCAT_WS('\\t', c.TABLE_NAME, c.COLUMN_NAME, c.DATA_TYPE) FROM information_schema.COLUMNS c JOIN information_schema.TABLES t
       ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME AND t.TABLE_TYPE = 'BASE TABLE'
     WHERE c.TABLE_SCHEMA = '${database}' ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION`,
  );
  const tables = new Map<string, string[]>();
  for (const line of columns) {
    const [table = '', column = '', type = ''] = line.split('\t');
    const value = type === 'geometry' || type === 'json' ? quote(column) : `CAST(${quote(column)} AS BINARY)`;
    tables.set(table, [...(tables.get(table) ?? []), `IFNULL(HEX(${value}), '-')`]);
  }
  const queries = [...tables].map(
    ([table, values]) =>
      `SELECT CONCAT_WS(' ', '${table}', COUNT(*), IFNULL(SUM(CRC32(CONCAT_WS('#', ${values.join(', ')}))), 0)) FROM ${quote(database)}.${quote(table)}`,
  );
  return [...(await ask(queries.join(' UNION ALL ')))].sort();
}

function quote(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
