import { afterFound, leaveText, type Work } from '../../../sql-dump/quoted-text.ts';
import { NewlineSearch } from './sql-bytes.ts';

/** What can interrupt plain SQL: text in which only its closing delimiter has a meaning. */
export type Quoting = 'string' | 'escapeString' | 'quotedName' | 'dollar' | 'block' | 'line';

/** Finds the end of quoted text and comments, even when they arrive in several pieces. */
export class QuotedText {
  /** The `$tag$` of a dollar-quoted string. */
  delimiter = Buffer.alloc(0);
  /** Nesting depth of block comments. */
  commentDepth = 0;

  /** @returns the index after the end; negative if the bytes end before it: `-1 - index` is where to continue. */
  leave(quoting: Quoting, work: Work, from: number): number {
    const { bytes } = work;
    if (quoting === 'string') return leaveText(work, from, QUOTE, QUOTE);
    if (quoting === 'quotedName') return leaveText(work, from, DOUBLE_QUOTE, DOUBLE_QUOTE);
    if (quoting === 'escapeString') return leaveText(work, from, QUOTE, BACKSLASH);
    if (quoting === 'block') return this.leaveBlock(bytes, from);
    if (quoting === 'line') return NewlineSearch.from(bytes, from) ?? -1 - bytes.length;
    const size = this.delimiter.length;
    return afterFound(bytes.indexOf(this.delimiter, from), size, Math.max(from, bytes.length - size + 1));
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

const QUOTE = 39;
const DOUBLE_QUOTE = 34;
const BACKSLASH = 92;
