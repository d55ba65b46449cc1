import type { Multibyte } from './multibyte.ts';

/** What plain SQL can be interrupted by: text in which nothing means anything but its own end. */
export type Quoting = 'string' | 'doubleQuoted' | 'quotedName' | 'block' | 'line';

export interface TextRules {
  /** Whether a backslash takes the next character along, in '…' and in "…". */
  readonly escapesInString: boolean;
  readonly escapesInDoubleQuotes: boolean;
  readonly multibyte: Multibyte | undefined;
}

const BACKSLASH = 92;
const COMMENT_END = Buffer.from('*/');
/** Most strings are short: this far they are looked through by hand, since a call of indexOf costs as much. */
const NEAR_BYTES = 48;
/** In binary data there is an escape every few bytes. */
const ESCAPED_BYTES = 1024;

/**
 * Finds the end of quoted text or of a comment. A doubled quote ends one string and begins the next, which comes to the same.
 * @param from where to go on: behind its beginning, or where the last call said.
 * @returns the index after its end; or, negative, that the bytes end before it: `-1 - index` is where to go on.
 */
export function leaveQuoted(quoting: Quoting, work: Buffer, from: number, rules: TextRules): number {
  if (quoting === 'line') return orWait(work.indexOf(10, from), 0, work.length);
  if (quoting === 'block') return orWait(work.indexOf(COMMENT_END, from), 2, Math.max(from, work.length - 1));
  const quote = QUOTES[quoting];
  const hasEscapes =
    quoting === 'string' ? rules.escapesInString : quoting === 'doubleQuoted' && rules.escapesInDoubleQuotes;
  if (rules.multibyte) return leaveMultibyte(work, from, quote, hasEscapes, rules.multibyte);
  return hasEscapes ? leaveEscaped(work, from, quote) : leavePlain(work, from, quote);
}

const QUOTES = { string: 39, doubleQuoted: 34, quotedName: 96 } as const;

function orWait(found: number, size: number, goOn: number): number {
  return found < 0 ? -1 - goOn : found + size;
}

function leavePlain(work: Buffer, from: number, quote: number): number {
  const near = Math.min(work.length, from + NEAR_BYTES);
  for (let at = from; at < near; at += 1) if (work[at] === quote) return at + 1;
  return orWait(near < work.length ? work.indexOf(quote, near) : -1, 1, work.length);
}

function leaveEscaped(work: Buffer, from: number, quote: number): number {
  const { length } = work;
  let at = from;
  let window = NEAR_BYTES;
  /** The first quote from `at` on: a long text with escapes is not to be searched again after each of them. */
  let nextQuote = -1;
  for (;;) {
    const near = Math.min(length, at + window);
    while (at < near) {
      const byte = work[at];
      if (byte === quote) return at + 1;
      if (byte !== BACKSLASH) at += 1;
      else if (at + 1 >= length) return -1 - at;
      else at += 2;
    }
    if (at >= length) return -1 - at;
    if (nextQuote < at) nextQuote = work.indexOf(quote, at);
    if (nextQuote < 0) nextQuote = length;
    const backslash = work.subarray(at, nextQuote).indexOf(BACKSLASH);
    if (backslash < 0) return nextQuote === length ? -1 - length : nextQuote + 1;
    at += backslash;
    window = ESCAPED_BYTES;
  }
}

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
