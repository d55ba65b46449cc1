import { END_BYTES } from './central-directory.ts';

/** Reads the archive's bytes from `start` up to, but not including, `end`. */
type ReadAt = (start: number, end: number) => Promise<Buffer>;

/** Size of the end record with the longest comment. */
const TAIL_BYTES = 22 + 0xffff;
/** Directory size of about 100,000 members. */
const MAX_DIRECTORY_BYTES = 8 * 2 ** 20;
const CENTRAL_BYTES = 46;

/**
 * Lists the names in the directory at the end of an archive without reading the rest. Problems with the directory are left to the full read.
 * @returns undefined when the directory is not where the end record says, is very large, or belongs to a zip64 archive. Throws whatever reading throws.
 */
export async function peekDirectory(sizeBytes: number, read: ReadAt): Promise<readonly string[] | undefined> {
  const tailStart = Math.max(0, sizeBytes - TAIL_BYTES);
  const tail = await read(tailStart, sizeBytes);
  const at = tail.lastIndexOf('PK\u0005\u0006', undefined, 'latin1');
  if (at < 0 || at + 4 + END_BYTES > tail.length) return undefined;
  const bytes = tail.readUInt32LE(at + 12);
  const start = tail.readUInt32LE(at + 16);
  const end = start + bytes;
  if (bytes === 0 || bytes > MAX_DIRECTORY_BYTES || end > tailStart + at) return undefined;
  const directory = start >= tailStart ? tail.subarray(start - tailStart, end - tailStart) : await read(start, end);
  return namesIn(directory);
}

function namesIn(directory: Buffer): readonly string[] | undefined {
  const names: string[] = [];
  for (let at = 0; at + CENTRAL_BYTES <= directory.length; ) {
    if (directory.toString('latin1', at, at + 4) !== 'PK\u0001\u0002') return undefined;
    const nameEnd = at + CENTRAL_BYTES + directory.readUInt16LE(at + 28);
    names.push(directory.toString('utf8', at + CENTRAL_BYTES, nameEnd));
    at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return names;
}
