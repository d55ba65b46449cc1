import type { QueryResult } from '../../../engines/query-result.ts';

/** Of the sqlite3 shell's `-ascii` mode: between columns, and behind rows. */
const [COLUMN, ROW] = ['\u001f', '\u001e'];
/** Stands for NULL in its output. */
export const NULL_TEXT = '\u0001NULL\u0001';

/** Reads what `sqlite3 -ascii -header` prints. Values are the text that SQLite makes of them. */
export function readSqliteRows(output: string): QueryResult {
  const [header, ...rows] = output
    .split(ROW)
    .slice(0, -1)
    .map((row) => row.split(COLUMN));
  return {
    columns: header ?? [],
    rows: rows.map((row) => row.map((cell) => (cell === NULL_TEXT ? null : cell))),
    truncated: false,
  };
}
