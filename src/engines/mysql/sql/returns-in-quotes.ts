import { workOn } from '../../sql-dump/quoted-text.ts';
import { leaveQuoted, type Quoting, type TextRules } from './quoted-text.ts';
import { commentAt } from './sql-marks.ts';

const LINE_END = Buffer.from('\r\n');

/** Whether a string or a quoted name in a statement holds a carriage return and a line feed; comments do not count. */
export function hasReturnInQuotes(statement: Buffer, rules: TextRules): boolean {
  if (!statement.includes(LINE_END)) return false;
  const work = workOn(statement);
  let at = 0;
  while (at < statement.length) {
    const quoting = beginsAt(statement, at);
    if (quoting === undefined) {
      at += 1;
      continue;
    }
    const found = leaveQuoted(quoting, work, at + (quoting === 'block' || quoting === 'line' ? 2 : 1), rules);
    const end = found < 0 ? statement.length : found;
    if (quoting !== 'block' && quoting !== 'line' && statement.subarray(at, end).includes(LINE_END)) return true;
    at = Math.max(end, at + 1);
  }
  return false;
}

function beginsAt(bytes: Buffer, at: number): Quoting | undefined {
  const byte = bytes[at];
  if (byte === 39) return 'string';
  if (byte === 34) return 'doubleQuoted';
  if (byte === 96) return 'quotedName';
  if (byte === 35) return 'line';
  if (byte !== 45 && byte !== 47) return undefined;
  const comment = commentAt(bytes, at, true, true);
  return comment === 'line' || comment === 'block' ? comment : undefined;
}
