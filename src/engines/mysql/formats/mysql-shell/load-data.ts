import { DrillError } from '../../../../support/errors.ts';
import { quoteName, quoteText } from '../../server/quoting.ts';
import type { ShellTable } from './shell-metadata.ts';

/** Functions that MySQL Shell names for binary columns. */
const DECODERS = new Set(['FROM_BASE64', 'UNHEX']);

/**
 * The statement that loads a file of rows, as `util.loadDump` sends it. For a session whose sql_mode allows backslash escapes.
 * @param charset of the whole dump, for tables that name none.
 * @param autoIncrement the table's AUTO_INCREMENT column, if it has one. MariaDB treats a 0 in it as "the next number", whatever the sql_mode, if the statement
 * has a SET that does not name the column.
 * @throws DrillError `format-unsupported` for a column in an unknown encoding.
 */
export function loadDataStatement(
  { schema, table }: { readonly schema: string; readonly table: string },
  { options }: ShellTable,
  charset: string | undefined,
  autoIncrement?: string,
): string {
  const isDecoded = (column: string): boolean => options.decodeColumns[column] !== undefined;
  const hasDecoded = options.columns.some(isDecoded);
  const variables = new Map<string, string>();
  const targets = options.columns.map((column, index) => {
    if (!isDecoded(column) && !(hasDecoded && column === autoIncrement)) return quoteName(column);
    variables.set(column, `@column_${index}`);
    return `@column_${index}`;
  });
  const decoded = [...variables].map(
    ([column, variable]) =>
      `${quoteName(column)} = ${isDecoded(column) ? `${decoderOf(options, column)}(${variable})` : variable}`,
  );
  return [
    `LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${quoteName(schema)}.${quoteName(table)}`,
    `CHARACTER SET ${quoteText(options.defaultCharacterSet ?? charset ?? 'utf8mb4')}`,
    `FIELDS TERMINATED BY ${quoteText(options.fieldsTerminatedBy)}`,
    `${options.fieldsOptionallyEnclosed ? 'OPTIONALLY ' : ''}ENCLOSED BY ${quoteText(options.fieldsEnclosedBy)}`,
    `ESCAPED BY ${quoteText(options.fieldsEscapedBy)}`,
    `LINES TERMINATED BY ${quoteText(options.linesTerminatedBy)}`,
    ...(targets.length > 0 ? [`(${targets.join(', ')})`] : []),
    ...(decoded.length > 0 ? [`SET ${decoded.join(', ')}`] : []),
  ].join(' ');
}

function decoderOf(options: ShellTable['options'], column: string): string {
  const decoder = options.decodeColumns[column]?.toUpperCase() ?? '';
  if (DECODERS.has(decoder)) return decoder;
  throw new DrillError(
    'format-unsupported',
    `the dump writes the column ${column} in a way that is not known here: neither FROM_BASE64 nor UNHEX reads it`,
    { hint: 'Drill a dump of MySQL Shell 9 or earlier, and report this with the version of MySQL Shell.' },
  );
}
