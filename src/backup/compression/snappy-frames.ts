import { crc32c } from '../../support/crc32c.ts';
import type { ByteReader } from './byte-reader.ts';
import { corrupt, truncated } from './damage.ts';

const CHUNK_BYTES = 65_536;
const [COMPRESSED, STORED, FIRST_SKIPPABLE, STREAM] = [0x00, 0x01, 0x80, 0xff];

/**
 * Decompresses snappy in its framing format and verifies every checksum. Consecutive streams are joined. The format has no end mark: a cut between two chunks
 * can only be detected by the format inside.
 * Format: https://github.com/google/snappy/blob/main/framing_format.txt
 */
export async function* decompressSnappy(input: ByteReader): AsyncGenerator<Buffer> {
  for (;;) {
    const header = await input.take(4);
    if (header.length === 0) return;
    if (header.length < 4) throw truncated('snappy', input.offset);
    const [type = 0] = header;
    const length = header.readUIntLE(1, 3);
    if (type === COMPRESSED || type === STORED) yield await readChunk(input, type, length);
    else if (type === STREAM) await readStreamName(input, length);
    else if (type >= FIRST_SKIPPABLE) await exactly(input, length);
    else throw corrupt('snappy', input.offset, `a chunk of the unknown type ${type}`);
  }
}

async function readStreamName(input: ByteReader, length: number): Promise<void> {
  if (length !== 6 || (await exactly(input, 6)).toString('latin1') !== 'sNaPpY')
    throw corrupt('snappy', input.offset, 'no snappy stream begins there');
}

async function readChunk(input: ByteReader, type: number, length: number): Promise<Buffer> {
  if (length < 4 || length > 4 + CHUNK_BYTES + CHUNK_BYTES / 4)
    throw corrupt('snappy', input.offset, `a chunk of ${length} bytes`);
  const chunk = await exactly(input, length);
  const content = type === STORED ? chunk.subarray(4) : decodeBlock(chunk.subarray(4));
  if (!content || content.length > CHUNK_BYTES) throw corrupt('snappy', input.offset, 'a chunk cannot be decompressed');
  if (chunk.readUInt32LE() !== maskedChecksum(content))
    throw corrupt('snappy', input.offset, 'the checksum of a chunk does not match');
  return content;
}

/**
 * Format: https://github.com/google/snappy/blob/main/format_description.txt
 * @returns undefined if it is not a valid block.
 */
function decodeBlock(block: Buffer): Buffer | undefined {
  let at = 0;
  let size = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = block[at];
    if (byte === undefined || shift > 21) return undefined;
    at += 1;
    size |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  if (size > CHUNK_BYTES) return undefined;
  const out = Buffer.allocUnsafe(size);
  let end = 0;
  while (at < block.length) {
    const tag = block[at] ?? 0;
    at += 1;
    if ((tag & 3) === 0) {
      const extra = Math.max(0, (tag >> 2) - 59);
      if (at + extra > block.length) return undefined;
      const length = (extra === 0 ? tag >> 2 : block.readUIntLE(at, extra)) + 1;
      at += extra;
      if (at + length > block.length || end + length > size) return undefined;
      block.copy(out, end, at, at + length);
      at += length;
      end += length;
      continue;
    }
    const bytes = [0, 1, 2, 4][tag & 3] ?? 0;
    if (at + bytes > block.length) return undefined;
    const isShort = bytes === 1;
    const length = isShort ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const back = block.readUIntLE(at, bytes) + (isShort ? (tag >> 5) << 8 : 0);
    at += bytes;
    if (back === 0 || back > end || end + length > size) return undefined;
    if (back >= length) out.copyWithin(end, end - back, end - back + length);
    else for (let index = end; index < end + length; index += 1) out[index] = out[index - back] ?? 0;
    end += length;
  }
  return end === size ? out : undefined;
}

function maskedChecksum(bytes: Buffer): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282_ead8) >>> 0;
}

async function exactly(input: ByteReader, count: number): Promise<Buffer> {
  const bytes = await input.take(count);
  if (bytes.length < count) throw truncated('snappy', input.offset);
  return bytes;
}
