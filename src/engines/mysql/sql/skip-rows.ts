import { leaveText, type Work } from '../../sql-dump/quoted-text.ts';

const QUOTE = 39;
/** Sequences that have a meaning between strings, besides the quotes of strings. */
const MARKS = ['"', '`', '\\', '#', ';', '--', '/*'].map((text) => Buffer.from(text));
/** The last bytes may be the first half of a mark. */
const TAIL_BYTES = 2;
/** Limits the cost of marks that occur inside strings: a new search only after this many bytes. */
const REFRESH_BYTES = 4096;
const NEAR_BYTES = 48;

/**
 * Skips rows fast. Most of a dump is rows, in which little besides strings matters: so indexOf, which is some forty times faster than a loop over bytes, first
 * finds the next occurrence of every other mark, and up to there only the strings' quotes are searched for. Valid only for the bytes it was created with, and
 * for the delimiter `;`.
 */
export class RowSkipper {
  private readonly work: Work;
  private readonly next = MARKS.map(() => -1);
  /** From `refreshedAt` up to here there is no mark. */
  private limit = -1;
  private refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(work: Work) {
    this.work = work;
  }

  /**
   * @param from an index between strings.
   * @param stops 1 for the bytes of marks and quotes.
   * @returns an index between strings that is at a mark or a little before one; or, negative, that the bytes end within a string: `-1 - index`.
   */
  skip(from: number, escapeByte: number, stops: Uint8Array): number {
    const { bytes } = this.work;
    let at = from;
    for (;;) {
      if (at > this.limit && at - this.refreshedAt < REFRESH_BYTES) {
        const near = Math.min(bytes.length, at + NEAR_BYTES);
        while (at < near && stops[bytes[at] as number] === 0) at += 1;
        if (at === bytes.length || (at < near && bytes[at] !== QUOTE)) return at;
      }
      if (bytes[at] !== QUOTE) {
        if (at > this.limit) this.refresh(at);
        at = this.findQuote(at);
        if (at >= this.limit) return at;
      }
      at = leaveText(this.work, at + 1, QUOTE, escapeByte);
      if (at < 0) return at;
    }
  }

  /** @returns the limit when there is no quote before it. */
  private findQuote(from: number): number {
    const { bytes, view } = this.work;
    const last = this.limit - 4;
    let at = from;
    while (at <= last) {
      const word = view.getInt32(at, true) ^ 0x27272727;
      const found = (word - 0x01010101) & ~word & 0x80808080;
      if (found !== 0) return at + ((31 - Math.clz32(found & -found)) >>> 3); // the lowest match is never a false positive
      at += 4;
    }
    while (at < this.limit && bytes[at] !== QUOTE) at += 1;
    return at;
  }

  private refresh(at: number): void {
    const { bytes } = this.work;
    this.limit = bytes.length - TAIL_BYTES;
    for (const [index, mark] of MARKS.entries()) {
      let next = this.next[index] as number;
      if (next < at) {
        const found = bytes.indexOf(mark, at);
        next = found < 0 ? bytes.length : found;
        this.next[index] = next;
      }
      if (next < this.limit) this.limit = next;
    }
    this.limit = Math.max(this.limit, at);
    this.refreshedAt = at;
  }
}
