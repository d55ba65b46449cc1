import type { DrillError } from '../../../support/errors.ts';
import type { ByteReader } from '../../compression/byte-reader.ts';

/** Packet types (RFC 9580, section 5). */
export const TAG = {
  publicKeySession: 1,
  signature: 2,
  passwordSession: 3,
  onePassSignature: 4,
  compressed: 8,
  /** Encrypted without integrity protection. */
  encryptedOnly: 9,
  marker: 10,
  literal: 11,
  encrypted: 18,
  /** GnuPG’s AEAD (draft-koch-librepgp). */
  encryptedAead: 20,
  padding: 21,
} as const;

export interface Packet {
  readonly tag: number;
  /** The content, in portions as they arrive. Must be read to the end before the next packet. */
  readonly body: AsyncGenerator<Buffer>;
}

/** Errors for the context in which packets are read. `offset`: bytes read so far. */
export interface PacketErrors {
  cut(offset: number): DrillError;
  malformed(offset: number, what: string): DrillError;
}

/** A length from a header. `bytes` is infinite when the packet extends to the end of the input. */
interface Length {
  readonly bytes: number;
  /** Whether another length follows these bytes. */
  readonly isPartial: boolean;
}

/**
 * Reads the header of the next packet, in the old or the new format (RFC 9580, section 4.2).
 * @returns undefined at the end of the input.
 */
export async function readPacket(reader: ByteReader, errors: PacketErrors): Promise<Packet | undefined> {
  const [first] = await reader.take(1);
  if (first === undefined) return undefined;
  if ((first & 0x80) === 0) throw errors.malformed(reader.offset, 'no packet begins there');
  const isNew = (first & 0x40) !== 0;
  const length = isNew ? await readLength(reader, errors) : await readOldLength(reader, first & 3, errors);
  return { tag: isNew ? first & 0x3f : (first & 0x3c) >> 2, body: readBody(reader, length, errors) };
}

/** The whole content of a small packet. Throws `malformed` when it is longer than `most` bytes. */
export async function readWhole({ body }: Packet, most: number, errors: PacketErrors): Promise<Buffer> {
  const portions: Buffer[] = [];
  let bytes = 0;
  for await (const portion of body) {
    bytes += portion.length;
    if (bytes > most) throw errors.malformed(bytes, 'a packet of its header is too long');
    portions.push(portion);
  }
  return Buffer.concat(portions);
}

export async function skip({ body }: Packet): Promise<void> {
  for await (const _portion of body); // only its end matters
}

async function* readBody(reader: ByteReader, first: Length, errors: PacketErrors): AsyncGenerator<Buffer> {
  for (let length = first; ; length = await readLength(reader, errors)) {
    for (let missing = length.bytes; missing > 0; ) {
      const portion = await reader.takeSome(missing);
      if (portion.length === 0) {
        if (missing === Number.POSITIVE_INFINITY) return;
        throw errors.cut(reader.offset);
      }
      missing -= portion.length;
      yield portion;
    }
    if (!length.isPartial) return;
  }
}

async function readLength(reader: ByteReader, errors: PacketErrors): Promise<Length> {
  const first = (await exactly(reader, 1, errors)).readUInt8();
  if (first < 192) return whole(first);
  if (first < 224) return whole(((first - 192) << 8) + (await exactly(reader, 1, errors)).readUInt8() + 192);
  if (first < 255) return { bytes: 2 ** (first & 0x1f), isPartial: true };
  return whole((await exactly(reader, 4, errors)).readUInt32BE());
}

async function readOldLength(reader: ByteReader, type: number, errors: PacketErrors): Promise<Length> {
  if (type === 3) return whole(Number.POSITIVE_INFINITY);
  const size = 2 ** type;
  return whole((await exactly(reader, size, errors)).readUIntBE(0, size));
}

function whole(bytes: number): Length {
  return { bytes, isPartial: false };
}

async function exactly(reader: ByteReader, count: number, errors: PacketErrors): Promise<Buffer> {
  const bytes = await reader.take(count);
  if (bytes.length < count) throw errors.cut(reader.offset);
  return bytes;
}
