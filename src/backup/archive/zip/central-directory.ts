import { crc32 } from 'node:zlib';
import type { ByteReader } from '../../compression/byte-reader.ts';
import { corrupt, truncated } from '../../compression/damage.ts';
import { exactly } from './local-header.ts';

export const CENTRAL_HEADER = 0x02014b50;
export const END = 0x06054b50;
const ZIP64_END = 0x06064b50;
const ZIP64_LOCATOR = 0x07064b50;
const SIGNATURE = 0x05054b50;

const CENTRAL_BYTES = 42;
const LOCATOR_BYTES = 16;
/** Size of the end record, without its signature and comment. */
export const END_BYTES = 18;

/** The number of members and an order-independent sum of their names and checksums, so that two lists of the same members compare equal. */
export class MemberSum {
  count = 0;
  #sum = 0;

  add(name: Buffer, crc: number): void {
    this.count += 1;
    const own = Buffer.alloc(4);
    own.writeUInt32LE(crc >>> 0);
    this.#sum = (this.#sum + crc32(own, crc32(name))) % 2 ** 32;
  }

  equals(other: MemberSum): boolean {
    return this.count === other.count && this.#sum === other.#sum;
  }
}

/**
 * Reads everything after the last member, and checks the directory against the members seen. Source: APPNOTE.TXT, 4.3.12 to 4.3.16.
 * @param first the signature that was already read. Throws `backup-truncated` when the end is missing, `backup-corrupt` when it contradicts the members.
 */
export async function readDirectory(reader: ByteReader, first: number, seen: MemberSum): Promise<void> {
  const listed = new MemberSum();
  for (let signature = first; ; signature = (await exactly(reader, 4)).readUInt32LE()) {
    if (signature === CENTRAL_HEADER) await readCentralHeader(reader, listed);
    else if (signature === ZIP64_END) await skip(reader, Number((await exactly(reader, 8)).readBigUInt64LE()));
    else if (signature === ZIP64_LOCATOR) await exactly(reader, LOCATOR_BYTES);
    else if (signature === SIGNATURE) await skip(reader, (await exactly(reader, 2)).readUInt16LE());
    else if (signature === END) break;
    else throw corrupt('zip', reader.offset, 'its directory continues with something else');
  }
  await readEnd(reader, listed.count);
  if (listed.count !== seen.count)
    throw corrupt('zip', reader.offset, `its directory lists ${listed.count} members, and it holds ${seen.count}`);
  if (!listed.equals(seen)) throw corrupt('zip', reader.offset, 'its directory lists other members than it holds');
}

async function readCentralHeader(reader: ByteReader, listed: MemberSum): Promise<void> {
  const fixed = await exactly(reader, CENTRAL_BYTES);
  const name = await exactly(reader, fixed.readUInt16LE(24));
  listed.add(name, fixed.readUInt32LE(12));
  await skip(reader, fixed.readUInt16LE(26) + fixed.readUInt16LE(28));
}

/** Reads the end record and what follows it. Rejects anything that looks like another archive’s end record, which other programs would use instead. */
async function readEnd(reader: ByteReader, listedCount: number): Promise<void> {
  const end = await exactly(reader, END_BYTES);
  const count = end.readUInt16LE(6);
  if (count !== 0xffff && count !== listedCount)
    throw corrupt('zip', reader.offset, `its end promises ${count} members, and its directory lists ${listedCount}`);
  await skip(reader, end.readUInt16LE(16));
  let before = '';
  for (;;) {
    const more = await reader.takeSome(2 ** 16);
    if (more.length === 0) return;
    const text = before + more.toString('latin1');
    if (text.includes('PK\u0005\u0006')) throw corrupt('zip', reader.offset, 'another archive follows its end');
    before = text.slice(-3);
  }
}

/** Skips bytes without buffering them. */
export async function skip(reader: ByteReader, bytes: number): Promise<void> {
  for (let missing = bytes; missing > 0; ) {
    const skipped = await reader.takeSome(Math.min(missing, 2 ** 20));
    if (skipped.length === 0) throw truncated('zip', reader.offset);
    missing -= skipped.length;
  }
}
