const INSERT = /^INSERT\s/i;
const QUOTE = 39;

/**
 * Whether an INSERT of a dump whose lines end in CR LF holds a value of several lines. pg_dump writes a value as it is, so the carriage
 * returns came in with those of the lines. COPY is not touched: there a line break within a value is written as two characters.
 */
export function changesValues(statement: Buffer): boolean {
  if (!INSERT.test(statement.toString('latin1', 0, 10))) return false;
  let from = 0;
  for (;;) {
    const begin = statement.indexOf(QUOTE, from);
    if (begin < 0) return false;
    const end = statement.indexOf(QUOTE, begin + 1); // a doubled quote ends one text and begins the next, which comes to the same
    if (end < 0) return false;
    if (statement.subarray(begin, end).includes('\r\n')) return true;
    from = end + 1;
  }
}
