import type { Multibyte } from './multibyte.ts';

/** What can interrupt plain SQL: text in which only its own end has a meaning. */
export type Quoting = 'string' | 'doubleQuoted' | 'quotedName' | 'block' | 'line';

/** The bytes that are read, and a view of the same bytes. */
export interface Work {
  readonly bytes: Buffer;
  readonly view: DataView;
}

export function workOn(bytes: Buffer): Work {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

export interface TextRules {
  /** Whether a backslash escapes the next character, in '…' and in "…". */
  readonly escapesInString: boolean;
  readonly escapesInDoubleQuotes: boolean;
  readonly multibyte: Multibyte | undefined;
}

const BACKSLASH = 92;
const COMMENT_END = Buffer.from('*/');

/**
 * Finds the end of quoted text or of a comment. A doubled quote is read as the end of one string and the start of the next, with the same result.
 * @param from where to go on: behind the beginning, or where the last call stopped.
 * @returns the index after the end; or, negative, that the bytes end before it: `-1 - index` is where to go on.
 */
export function leaveQuoted(quoting: Quoting, work: Work, from: number, rules: TextRules): number {
  const { bytes } = work;
  if (quoting === 'line') return orWait(bytes.indexOf(10, from), 0, bytes.length);
  if (quoting === 'block') return orWait(bytes.indexOf(COMMENT_END, from), 2, Math.max(from, bytes.length - 1));
  const quote = QUOTES[quoting];
  const hasEscapes =
    quoting === 'string' ? rules.escapesInString : quoting === 'doubleQuoted' && rules.escapesInDoubleQuotes;
  if (rules.multibyte) return leaveMultibyte(bytes, from, quote, hasEscapes, rules.multibyte);
  return leaveText(work, from, quote, hasEscapes ? BACKSLASH : quote);
}

const QUOTES = { string: 39, doubleQuoted: 34, quotedName: 96 } as const;

function orWait(found: number, size: number, goOn: number): number {
  return found < 0 ? -1 - goOn : found + size;
}

/**
 * Does the same for text of single bytes. Four bytes are compared at a time, by the classical test for a zero byte in a word: a call of indexOf
 * costs more than reading most strings, and a loop over bytes is several times slower.
 * @param escapeByte the byte that escapes the next one; the quote itself where there is none.
 */
export function leaveText({ bytes, view }: Work, from: number, quote: number, escapeByte: number): number {
  const { length } = bytes;
  const quotes = quote * 0x01010101;
  const escapes = escapeByte * 0x01010101;
  let at = from;
  for (;;) {
    while (at + 4 <= length) {
      const word = view.getInt32(at, true);
      const first = word ^ quotes;
      const second = word ^ escapes;
      const found = (((first - 0x01010101) & ~first) | ((second - 0x01010101) & ~second)) & 0x80808080;
      if (found !== 0) {
        at += (31 - Math.clz32(found & -found)) >>> 3; // the lowest match is never a false positive
        break;
      }
      at += 4;
    }
    const tail = Math.min(length, at + 4);
    while (at < tail) {
      const byte = bytes[at];
      if (byte === quote) return at + 1;
      if (byte !== escapeByte) at += 1;
      else if (at + 1 >= length) return -1 - at;
      else at += 2;
    }
    if (at >= length) return -1 - at;
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
