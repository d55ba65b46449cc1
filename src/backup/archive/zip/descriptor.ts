import { crc32 } from 'node:zlib';
import type { ByteReader } from '../../compression/byte-reader.ts';
import { truncated } from '../../compression/damage.ts';
import { exactly } from './local-header.ts';

/** Checksum and sizes as computed from a member's content. */
export interface Counted {
  crc: number;
  storedBytes: number;
  sizeBytes: number;
}

const SIGNATURE = 0x08074b50;
/** Signature, checksum, two sizes. */
const BYTES = 16;
const WIDE_BYTES = 24;

/**
 * Reads a data descriptor: an optional signature, the checksum, and two sizes of four or eight bytes, with no reliable way to tell which (Java writes eight
 * without a zip64 field). So it is compared with the computed values. Source: APPNOTE.TXT, 4.3.9.
 * @returns whether it matches the computed values. Throws `backup-truncated`.
 */
export async function readDescriptor(reader: ByteReader, counted: Counted, isZip64: boolean): Promise<boolean> {
  const first = await exactly(reader, 4);
  const crc = first.readUInt32LE() === SIGNATURE ? await exactly(reader, 4) : first;
  if (crc.readUInt32LE() !== counted.crc) return false;
  const sizes = await exactly(reader, 8);
  const isNarrow = isNarrowSizes(sizes, counted);
  if (isNarrow && !isZip64) {
    // for an empty member, the upper half of an 8-byte size looks like the second 4-byte size
    const isWideToo = counted.sizeBytes === 0 && (await nextIsZero(reader));
    if (!isWideToo) return true;
  }
  if (isNarrow && isZip64 && !(await nextIsZero(reader)) && counted.sizeBytes <= 0xffff_ffff) return true;
  const more = await exactly(reader, 8);
  return isWideSizes(Buffer.concat([sizes, more]), counted);
}

async function nextIsZero(reader: ByteReader): Promise<boolean> {
  const next = await reader.take(4);
  reader.putBack(next);
  return next.length === 4 && next.readUInt32LE() === 0;
}

function isNarrowSizes(sizes: Buffer, { storedBytes, sizeBytes }: Counted): boolean {
  return sizes.readUInt32LE(0) === storedBytes % 2 ** 32 && sizes.readUInt32LE(4) === sizeBytes % 2 ** 32;
}

function isWideSizes(sizes: Buffer, { storedBytes, sizeBytes }: Counted): boolean {
  return Number(sizes.readBigUInt64LE(0)) === storedBytes && Number(sizes.readBigUInt64LE(8)) === sizeBytes;
}

/**
 * Uncompressed content whose length is only in its descriptor: it ends at the first descriptor whose checksum and length match everything before it.
 */
export async function* readUpToDescriptor(reader: ByteReader): AsyncGenerator<Buffer> {
  const counted: Counted = { crc: 0, storedBytes: 0, sizeBytes: 0 };
  let held: Buffer = Buffer.alloc(0);
  for (;;) {
    const more = await reader.takeSome(2 ** 16);
    held = held.length === 0 ? more : Buffer.concat([held, more]);
    let from = 0;
    for (let at = nextSignature(held, 0); at >= 0; at = nextSignature(held, at + 1)) {
      if (held.length - at < WIDE_BYTES && more.length > 0) break;
      count(counted, held.subarray(from, at));
      if (at > from) yield held.subarray(from, at);
      from = at;
      if (!isDescriptor(held.subarray(at), counted)) continue;
      reader.putBack(Buffer.from(held.subarray(at)));
      return;
    }
    if (more.length === 0) throw truncated('zip', reader.offset);
    // the data read so far may end with the start of a descriptor
    const end = Math.max(from, held.length - WIDE_BYTES);
    count(counted, held.subarray(from, end));
    if (end > from) yield held.subarray(from, end);
    held = held.subarray(end);
  }
}

function nextSignature(bytes: Buffer, from: number): number {
  return bytes.indexOf('PK\u0007\u0008', from, 'latin1');
}

function isDescriptor(bytes: Buffer, counted: Counted): boolean {
  if (bytes.length < BYTES || bytes.readUInt32LE(4) !== counted.crc) return false;
  if (isNarrowSizes(bytes.subarray(8), counted)) return true;
  return bytes.length >= WIDE_BYTES && isWideSizes(bytes.subarray(8), counted);
}

function count(counted: Counted, bytes: Buffer): void {
  counted.crc = crc32(bytes, counted.crc);
  counted.storedBytes += bytes.length;
  counted.sizeBytes += bytes.length;
}
