/** The bytes to read, and a view of the same bytes. */
export interface Work {
  readonly bytes: Buffer;
  readonly view: DataView;
}

export function workOn(bytes: Buffer): Work {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/**
 * Finds the end of quoted text in which every byte is a character or part of one. A doubled quote is read as the end of one string and the start of the next,
 * with the same result. Four bytes are compared at a time, with the classic test for a zero byte in a word: a call of indexOf costs more than reading most
 * strings, and a loop over bytes is several times slower.
 * @param from where to continue: after the opening quote, or where the last call stopped.
 * @param escapeByte the byte that escapes the next one; the quote itself if there is none.
 * @returns the index after the end; negative if the bytes end before it: `-1 - index` is where to continue.
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

/**
 * @param found what indexOf returned.
 * @param size the length of what was searched for, or 0 if that is part of what follows.
 * @param goOn where the next search starts if it was not found.
 * @returns as {@link leaveText}.
 */
export function afterFound(found: number, size: number, goOn: number): number {
  return found < 0 ? -1 - goOn : found + size;
}
