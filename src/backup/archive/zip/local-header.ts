import type { ByteReader } from '../../compression/byte-reader.ts';
import { truncated } from '../../compression/damage.ts';

/** The header before a member's content. Source: PKWARE's APPNOTE.TXT, 4.3.7, 4.4 and 4.5. */
export interface LocalHeader {
  readonly name: Buffer;
  readonly flags: number;
  readonly method: number;
  /** Time of the last change, in DOS format. */
  readonly time: number;
  /** Checksum of the unpacked content; 0 if {@link hasDescriptor}. */
  readonly crc: number;
  /** undefined: only the descriptor has it. */
  readonly storedBytes: number | undefined;
  readonly sizeBytes: number | undefined;
  /** Whether checksum and sizes follow the content. */
  readonly hasDescriptor: boolean;
  readonly isZip64: boolean;
  readonly extra: Buffer;
}

const FIXED_BYTES = 26;
const ZIP64_EXTRA = 1;
const LARGE = 0xffff_ffff;

/** Reads a local file header whose signature has been read. Throws `backup-truncated`. */
export async function readLocalHeader(reader: ByteReader): Promise<LocalHeader> {
  const fixed = await exactly(reader, FIXED_BYTES);
  const flags = fixed.readUInt16LE(2);
  const hasDescriptor = (flags & 8) !== 0;
  const name = await exactly(reader, fixed.readUInt16LE(22));
  const extra = await exactly(reader, fixed.readUInt16LE(24));
  const zip64 = findExtra(extra, ZIP64_EXTRA);
  const sizes = sizesOf(fixed.readUInt32LE(14), fixed.readUInt32LE(18), zip64);
  // the header of a streamed member has zeros, unless its writer went back to fill them in
  const isKnown = !hasDescriptor || sizes.storedBytes > 0;
  return {
    name: Buffer.from(name),
    flags,
    method: fixed.readUInt16LE(4),
    time: fixed.readUInt16LE(6),
    crc: fixed.readUInt32LE(10),
    storedBytes: isKnown ? sizes.storedBytes : undefined,
    sizeBytes: isKnown ? sizes.sizeBytes : undefined,
    hasDescriptor,
    isZip64: zip64 !== undefined,
    extra,
  };
}

/** @returns the bytes of the extra field with that id; undefined when there is none. */
export function findExtra(extra: Buffer, id: number): Buffer | undefined {
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, end);
    at = end;
  }
  return undefined;
}

/** The zip64 field has only the sizes that do not fit in the header, in this order. */
function sizesOf(stored: number, size: number, zip64: Buffer | undefined) {
  let at = 0;
  const wide = (narrow: number) => {
    if (narrow !== LARGE || !zip64 || zip64.length < at + 8) return narrow;
    at += 8;
    return Number(zip64.readBigUInt64LE(at - 8));
  };
  const sizeBytes = wide(size);
  return { sizeBytes, storedBytes: wide(stored) };
}

export async function exactly(reader: ByteReader, count: number): Promise<Buffer> {
  const bytes = await reader.take(count);
  if (bytes.length < count) throw truncated('zip', reader.offset);
  return bytes;
}
