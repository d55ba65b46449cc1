import { NewlineSearch } from './sql-bytes.ts';

/** What can interrupt plain SQL: text in which only its own end has a meaning. */
export type Quoting = 'string' | 'escapeString' | 'quotedName' | 'dollar' | 'block' | 'line';

/** Finds the end of quoted text and comments, even when they arrive in several pieces. */
export class QuotedText {
  /** The `$tag$` of a dollar-quoted string. */
  delimiter = Buffer.alloc(0);
  /** How deep block comments are nested. */
  commentDepth = 0;

  /** @returns the index after the end; or, negative, that the bytes end before it: `-1 - index` is where to go on. */
  leave(quoting: Quoting, work: Buffer, from: number): number {
    if (quoting === 'string') return leaveQuote(work, from, 39);
    if (quoting === 'quotedName') return leaveQuote(work, from, 34);
    if (quoting === 'escapeString') return leaveEscapeString(work, from);
    if (quoting === 'block') return this.leaveBlock(work, from);
    if (quoting === 'line') return NewlineSearch.from(work, from) ?? -1 - work.length;
    const found = work.indexOf(this.delimiter, from);
    return found >= 0 ? found + this.delimiter.length : -1 - Math.max(from, work.length - this.delimiter.length + 1);
  }

  private leaveBlock(work: Buffer, from: number): number {
    let at = from;
    while (at < work.length) {
      const byte = work[at];
      const isEdge = byte === 42 || byte === 47; // * /
      if (isEdge && at + 1 >= work.length) return -1 - at;
      const opens = byte === 47 && work[at + 1] === 42;
      const closes = byte === 42 && work[at + 1] === 47;
      at += opens || closes ? 2 : 1;
      if (opens) this.commentDepth += 1;
      if (closes) this.commentDepth -= 1;
      if (closes && this.commentDepth === 0) return at;
    }
    return -1 - at;
  }
}

/** A doubled quote is read as the end of one string and the start of the next, with the same result. Most strings are short: a loop comes before indexOf. */
function leaveQuote(work: Buffer, from: number, quote: number): number {
  const near = Math.min(work.length, from + 48);
  for (let at = from; at < near; at += 1) if (work[at] === quote) return at + 1;
  const found = near < work.length ? work.indexOf(quote, near) : -1;
  return found < 0 ? -1 - work.length : found + 1;
}

function leaveEscapeString(work: Buffer, from: number): number {
  let at = from;
  while (at < work.length) {
    const byte = work[at];
    if (byte === 92 && at + 1 >= work.length) return -1 - at;
    at += byte === 92 ? 2 : 1;
    if (byte === 39) return at;
  }
  return -1 - at;
}
