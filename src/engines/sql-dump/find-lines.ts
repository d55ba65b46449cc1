import type { Readable } from 'node:stream';

/** Lines are cut to this length; names are shorter. */
const MAX_LINE_BYTES = 4096;
const NEWLINE = 0x0a;

/**
 * Finds the lines that start with one of the given prefixes in a text of any length, skipping everything else. Data lines that happen to start like that also
 * match: dumps write line breaks within a row as `\n`.
 * @param prefixes ASCII.
 */
export async function* findLines(stream: Readable, prefixes: readonly string[]): AsyncGenerator<string> {
  const needles = prefixes.map((prefix) => Buffer.from(`\n${prefix}`, 'latin1'));
  const longest = Math.max(...needles.map(({ length }) => length));
  let pending: Buffer = Buffer.from('\n');
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    pending = Buffer.concat([pending, chunk]);
    const { lines, end, isOpen } = search(pending, needles, false);
    yield* lines;
    // an unfinished line, or what may be the start of a prefix
    pending = pending.subarray(isOpen ? end : Math.max(end, pending.length - longest + 1));
  }
  yield* search(pending, needles, true).lines;
}

/** @returns complete lines in order; `end`: the position after the last one, or the start of one that is not complete (`isOpen`). */
function search(
  bytes: Buffer,
  needles: readonly Buffer[],
  isEnd: boolean,
): { readonly lines: readonly string[]; readonly end: number; readonly isOpen: boolean } {
  const starts = needles.flatMap((needle) => allOf(bytes, needle)).sort((a, b) => a - b);
  const lines: string[] = [];
  let done = 0;
  for (const start of starts) {
    const end = bytes.indexOf(NEWLINE, start + 1);
    if (end < 0 && !isEnd && bytes.length - start < MAX_LINE_BYTES) return { lines, end: start, isOpen: true };
    done = end < 0 ? bytes.length : end;
    lines.push(bytes.toString('utf8', start + 1, Math.min(done, start + MAX_LINE_BYTES)));
  }
  return { lines, end: done, isOpen: false };
}

function allOf(bytes: Buffer, needle: Buffer): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) found.push(at);
  return found;
}
