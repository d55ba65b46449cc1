const BLOCK_BYTES = 512;
const CHECKSUM = { start: 148, end: 156 } as const;

/** Whether a block is a tar header, according to its checksum, which every variant has. */
export function isTarHeader(first: Buffer): boolean {
  if (first.length < BLOCK_BYTES || first[0] === 0) return false;
  const stored = first
    .toString('latin1', CHECKSUM.start, CHECKSUM.end)
    .replace(/[\0 ]+$/, '')
    .trim();
  if (!/^[0-7]+$/.test(stored)) return false;
  let sum = 0;
  for (let at = 0; at < BLOCK_BYTES; at += 1) sum += at >= CHECKSUM.start && at < CHECKSUM.end ? 32 : (first[at] ?? 0);
  return sum === Number.parseInt(stored, 8);
}
