import type { QueryResult } from '../../../engines/query-result.ts';

/** Separators of the sqlite3 shell's `-ascii` mode: between columns, and after rows. */
const [COLUMN, ROW] = ['\u001f', '\u001e'];
/** Represents NULL in the shell's output. */
export const NULL_TEXT = '\u0001NULL\u0001';

/** Parses the output of `sqlite3 -ascii -header`. All values are text, as converted by SQLite. */
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
