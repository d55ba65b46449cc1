import { END_BYTES } from './central-directory.ts';

/** Reads bytes of the archive, from `start` up to `end`. */
type ReadAt = (start: number, end: number) => Promise<Buffer>;

/** The end record and the longest comment. */
const TAIL_BYTES = 22 + 0xffff;
/** Of some 100,000 members. */
const MAX_DIRECTORY_BYTES = 8 * 2 ** 20;
const CENTRAL_BYTES = 46;

/**
 * The names that the directory at the end of an archive lists, found without reading the rest. What is wrong with it is for whoever reads the whole.
 * @returns undefined when there is no directory where the end says, when it is very large, or that of a zip64 archive. Throws what reading does.
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
