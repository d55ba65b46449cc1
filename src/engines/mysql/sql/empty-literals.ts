import { workOn } from '../../sql-dump/quoted-text.ts';
import { leaveQuoted, type TextRules } from './quoted-text.ts';

const RULES: TextRules = { escapesInString: true, escapesInDoubleQuotes: true, multibyte: undefined };
const [OPEN, CLOSE, COMMA] = [40, 41, 44];

/**
 * @param insert an INSERT with VALUES, in which every row has all columns.
 * @param column counted from 0.
 * @returns the rows, counted from 1, whose value in that column is an empty string.
 */
export function emptyLiterals(insert: Buffer, column: number): ReadonlySet<number> {
  const rows = new Set<number>();
  const work = workOn(insert);
  let at = insert.toString('latin1', 0, 65_536).search(/\bVALUES?\b/i);
  let [row, depth, index] = [0, 0, 0];
  while (at >= 0 && at < insert.length) {
    const byte = insert[at];
    if (byte === 39 || byte === 34) {
      const end = leaveQuoted(byte === 39 ? 'string' : 'doubleQuoted', work, at + 1, RULES);
      if (end < 0) break;
      if (end === at + 2 && depth === 1 && index === column) rows.add(row);
      at = end;
      continue;
    }
    if (byte === OPEN && depth === 0) [row, index] = [row + 1, 0];
    if (byte === OPEN) depth += 1;
    if (byte === CLOSE) depth -= 1;
    if (byte === COMMA && depth === 1) index += 1;
    at += 1;
  }
  return rows;
}
