const NEWLINE = 10;

/**
 * Counts line feeds four bytes at a time, because a dump may have gigabytes of lines and errors name line numbers. Each byte that is a line feed becomes 0x80
 * (the classic zero-byte test on a word), and they are added up in four lanes.
 */
export function countNewlines(bytes: Buffer, from = 0, to = bytes.length): number {
  if (to - from < 64) return countRange(bytes, from, to);
  const lead = (4 - ((bytes.byteOffset + from) & 3)) & 3;
  const wordCount = (to - from - lead) >> 2;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + from + lead, wordCount);
  const tail = from + lead + wordCount * 4;
  let count = countRange(bytes, from, from + lead) + countRange(bytes, tail, to);
  let index = 0;
  while (index < wordCount) {
    const stop = Math.min(wordCount, index + 255);
    let lanes = 0;
    for (; index < stop; index += 1) {
      const word = (words[index] as number) ^ 0x0a0a0a0a;
      const low = ((word & 0x7f7f7f7f) + 0x7f7f7f7f) | 0;
      lanes = (lanes + ((~(low | word | 0x7f7f7f7f) >>> 7) & 0x01010101)) | 0;
    }
    count += (lanes & 0xff) + ((lanes >>> 8) & 0xff) + ((lanes >>> 16) & 0xff) + (lanes >>> 24);
  }
  return count;
}

function countRange(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let index = from; index < to; index += 1) if (bytes[index] === NEWLINE) count += 1;
  return count;
}
