const INSERT = /^INSERT\s/i;
const QUOTE = 39;

/**
 * Whether an INSERT of a dump with CR LF line endings has a multi-line value. pg_dump writes values unchanged, so the carriage returns in it were added
 * together with those of the lines. COPY is not affected: there a line break in a value is written as two characters.
 */
export function changesValues(statement: Buffer): boolean {
  if (!INSERT.test(statement.toString('latin1', 0, 10))) return false;
  let from = 0;
  for (;;) {
    const begin = statement.indexOf(QUOTE, from);
    if (begin < 0) return false;
    const end = statement.indexOf(QUOTE, begin + 1); // a doubled quote is read as the end of one text and the start of the next, with the same result
    if (end < 0) return false;
    if (statement.subarray(begin, end).includes('\r\n')) return true;
    from = end + 1;
  }
}
