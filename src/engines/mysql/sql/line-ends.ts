import type { Statement } from '../../sql-dump/statement.ts';

const LINE_END = '\r\n';

/**
 * The statement with the line ends that the dump tool wrote. A terminal (`docker exec -t`) or mysqldump on Windows puts a carriage return before every line
 * feed, even inside routines; the clients drop it when they read a file, so nothing changes. In rows, tools write line ends as `\n`. A long statement in a file
 * is left as it is.
 */
export function withoutReturns(statement: Statement): Statement {
  if (statement.spool || !statement.bytes.includes(LINE_END)) return statement;
  const text = statement.bytes.toString('latin1').replaceAll(LINE_END, '\n');
  return { ...statement, bytes: Buffer.from(text, 'latin1') };
}
