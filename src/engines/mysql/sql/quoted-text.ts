import { afterFound, leaveText, type Work } from '../../sql-dump/quoted-text.ts';
import type { Multibyte } from './multibyte.ts';

/** What can interrupt plain SQL: text in which only its own end has a meaning. */
export type Quoting = 'string' | 'doubleQuoted' | 'quotedName' | 'block' | 'line';

/** Human-readable: what the input ended inside of. */
export const WITHIN: Readonly<Record<'plain' | Quoting, string>> = {
  plain: 'a statement',
  string: 'a quoted string',
  doubleQuoted: 'a quoted string',
  quotedName: 'a quoted name',
  block: 'a comment',
  line: 'a comment',
};

export interface TextRules {
  /** Whether a backslash escapes the next character, in '…' and in "…". */
  readonly escapesInString: boolean;
  readonly escapesInDoubleQuotes: boolean;
  readonly multibyte: Multibyte | undefined;
}

const BACKSLASH = 92;
const COMMENT_END = Buffer.from('*/');

/**
 * Finds the end of quoted text or of a comment.
 * @param from where to continue: after the beginning, or where the last call stopped.
 * @returns as {@link leaveText}.
 */
export function leaveQuoted(quoting: Quoting, work: Work, from: number, rules: TextRules): number {
  const { bytes } = work;
  if (quoting === 'line') return afterFound(bytes.indexOf(10, from), 0, bytes.length);
  if (quoting === 'block') return afterFound(bytes.indexOf(COMMENT_END, from), 2, Math.max(from, bytes.length - 1));
  const quote = QUOTES[quoting];
  const hasEscapes =
    quoting === 'string' ? rules.escapesInString : quoting === 'doubleQuoted' && rules.escapesInDoubleQuotes;
  if (rules.multibyte) return leaveMultibyte(bytes, from, quote, hasEscapes, rules.multibyte);
  return leaveText(work, from, quote, hasEscapes ? BACKSLASH : quote);
}

const QUOTES = { string: 39, doubleQuoted: 34, quotedName: 96 } as const;

function leaveMultibyte(work: Buffer, from: number, quote: number, hasEscapes: boolean, charset: Multibyte): number {
  let at = from;
  while (at < work.length) {
    const byte = work[at] as number;
    if (byte === quote) return at + 1;
    if (byte === BACKSLASH && hasEscapes) {
      if (at + 1 >= work.length) return -1 - at;
      at += 2;
    } else if (byte < 128) at += 1;
    else {
      const size = charset.length(work, at);
      if (size === 0) return -1 - at;
      at += size;
    }
  }
  return -1 - at;
}
