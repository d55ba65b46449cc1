import { formatCount } from '../../../../support/quantities.ts';

/** An existing chunk and its first id; NaN if unknown. */
export interface ChunkStart {
  readonly number: number;
  readonly first: number;
}

export interface ChunkFinding {
  /** false: the chunk may also have had no rows. */
  readonly isCertain: boolean;
  readonly text: string;
}

/**
 * Judges whether chunks of a table are missing. mydumper 0.9 and 0.10 divide the ids from the lowest to the highest into steps of equal width, number these
 * from 0, and write no file for a step without rows. So a gap alone proves nothing. A gap between ids that reach its very edges does, and so
 * does an end at the very edge of the last step when at least one more step of ids was assigned. Source: get_chunks_for_table() in mydumper.c.
 * @param starts ascending.
 * @param nextId the table's next AUTO_INCREMENT value; undefined or 0 when it has none.
 * @param lastOf the highest id, or the highest below a given one.
 */
export async function judgeChunks(
  table: string,
  starts: readonly ChunkStart[],
  nextId: number | undefined,
  lastOf: (before?: number) => Promise<number | undefined>,
): Promise<ChunkFinding | undefined> {
  const [origin] = starts;
  const last = starts.at(-1);
  if (!origin || !last) return undefined;
  const missing = missingNumbers(starts);
  if (!starts.every(({ first }) => Number.isFinite(first))) {
    return missing.length > 0
      ? { isCertain: true, text: lacks(table, missing, 'their numbers are left out') }
      : undefined;
  }
  // ids too large for an exact number are too far apart for steps without a gap
  if (!starts.every(({ first }) => Number.isSafeInteger(first))) return mayBeEmpty(table, missing);
  const step = stepOf(starts);
  for (const [index, chunk] of starts.entries()) {
    const before = starts[index - 1];
    if (before === undefined || chunk.number === before.number + 1) continue;
    const edge = origin.first + (before.number - origin.number + 1) * step;
    const isDense =
      (await lastOf(chunk.first)) === edge - 1 || chunk.first === origin.first + (chunk.number - origin.number) * step;
    if (isDense) return { isCertain: true, text: lacks(table, missing, 'the rows around them have all ids') };
  }
  const end = origin.first + (last.number - origin.number + 1) * step;
  if (nextId !== undefined && nextId >= end + step && (await lastOf()) === end - 1) {
    const why = `the rows end where it would begin, and AUTO_INCREMENT is ${formatCount(nextId)}`;
    return { isCertain: true, text: lacks(table, [last.number + 1], why) };
  }
  return mayBeEmpty(table, missing);
}

function mayBeEmpty(table: string, missing: readonly number[]): ChunkFinding | undefined {
  if (missing.length === 0) return undefined;
  return {
    isCertain: false,
    text: `${lacks(table, missing, 'or there were no rows in them')}; there is no way to tell which`,
  };
}

function missingNumbers(starts: readonly ChunkStart[]): number[] {
  const numbers = new Set(starts.map(({ number }) => number));
  const missing: number[] = [];
  const last = starts.at(-1)?.number ?? 0;
  for (let number = (starts[0]?.number ?? 0) + 1; number < last && missing.length < 1000; number += 1)
    if (!numbers.has(number)) missing.push(number);
  return missing;
}

/** Rows of a chunk begin at or after its lower edge, so the width is at most what any chunk has. */
function stepOf(starts: readonly ChunkStart[]): number {
  const [origin] = starts;
  if (!origin) return 0;
  const widths = starts
    .slice(1)
    .map(({ number, first }) => Math.floor((first - origin.first) / (number - origin.number)));
  return Math.min(...widths);
}

function lacks(table: string, missing: readonly number[], why: string): string {
  const [first = 0] = missing;
  const name = String(first).padStart(5, '0');
  const files = missing.length === 1 ? `file ${name} of rows` : `${missing.length} files of rows, the first is ${name}`;
  return `${table} lacks ${files}: ${why}`;
}
