import { uncompressSync } from 'lz4-napi';
import xxhash from 'xxhash-wasm';
import type { ByteReader } from './byte-reader.ts';
import { corrupt, truncated } from './damage.ts';
import { isSkippable, skipFrame } from './zstd-frames.ts';

const FRAME_MAGIC = 0x184d2204;
const LEGACY_MAGIC = 0x184c2102;
/** How far back linked blocks may refer. */
const WINDOW_BYTES = 64 * 2 ** 10;

type Xxhash = Awaited<ReturnType<typeof xxhash>>;

/**
 * Decompresses consecutive lz4 frames, skips skippable ones, and verifies every checksum present.
 * Frames are parsed here, because no package streams them; lz4-napi decodes the blocks.
 * Format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
export async function* decompressLz4(input: ByteReader): AsyncGenerator<Buffer> {
  const hash = await xxhash();
  for (;;) {
    const at = input.offset;
    const magic = await input.take(4);
    if (magic.length === 0) return;
    if (magic.length < 4) throw truncated('lz4', input.offset);
    const number = magic.readUInt32LE();
    if (isSkippable(number)) await skipFrame(input);
    else if (number === FRAME_MAGIC) yield* decompressFrame(input, hash);
    else
      throw corrupt('lz4', at, number === LEGACY_MAGIC ? 'a frame of the legacy format' : 'no lz4 frame begins there');
  }
}

interface FrameHeader {
  readonly areBlocksLinked: boolean;
  readonly hasBlockChecksum: boolean;
  readonly hasContentChecksum: boolean;
  readonly blockMaxBytes: number;
  readonly contentBytes: bigint | undefined;
}

async function* decompressFrame(input: ByteReader, hash: Xxhash): AsyncGenerator<Buffer> {
  const header = await readHeader(input, hash);
  const content = hash.create32();
  let contentBytes = 0n;
  let window: Buffer = Buffer.alloc(0);
  for (;;) {
    const word = (await exactly(input, 4)).readUInt32LE();
    if (word === 0) break;
    const block = await readBlock(input, word, header, window, hash);
    if (header.areBlocksLinked) window = lastBytes(window, block);
    if (header.hasContentChecksum) content.update(block);
    contentBytes += BigInt(block.length);
    yield block;
  }
  if (header.contentBytes !== undefined && header.contentBytes !== contentBytes) {
    throw corrupt('lz4', input.offset, `${contentBytes} bytes where the frame promised ${header.contentBytes}`);
  }
  if (header.hasContentChecksum && (await exactly(input, 4)).readUInt32LE() !== content.digest() >>> 0) {
    throw corrupt('lz4', input.offset, 'the checksum of the content does not match');
  }
}

async function readHeader(input: ByteReader, hash: Xxhash): Promise<FrameHeader> {
  const fixed = await exactly(input, 2);
  const [flags = 0, sizes = 0] = fixed;
  if (flags >> 6 !== 1) throw corrupt('lz4', input.offset, `frame version ${flags >> 6}`);
  const hasContentBytes = (flags & 0x08) !== 0;
  const hasDictionary = (flags & 0x01) !== 0;
  const optional = await exactly(input, (hasContentBytes ? 8 : 0) + (hasDictionary ? 4 : 0));
  const checksum = (await exactly(input, 1)).readUInt8();
  const computed = (hash.h32Raw(Buffer.concat([fixed, optional])) >>> 8) & 0xff;
  if (checksum !== computed) throw corrupt('lz4', input.offset, 'the checksum of the frame header does not match');
  if (hasDictionary) throw corrupt('lz4', input.offset, 'the frame needs a dictionary');
  const blockMaxBytes = [64, 256, 1024, 4096][((sizes >> 4) & 7) - 4];
  if (blockMaxBytes === undefined) throw corrupt('lz4', input.offset, 'the frame header names no block size');
  return {
    areBlocksLinked: (flags & 0x20) === 0,
    hasBlockChecksum: (flags & 0x10) !== 0,
    hasContentChecksum: (flags & 0x04) !== 0,
    blockMaxBytes: blockMaxBytes * 1024,
    contentBytes: hasContentBytes ? optional.readBigUInt64LE() : undefined,
  };
}

async function readBlock(
  input: ByteReader,
  word: number,
  header: FrameHeader,
  window: Buffer,
  hash: Xxhash,
): Promise<Buffer> {
  const isStored = word >>> 31 === 1;
  const storedBytes = word & 0x7fffffff;
  if (storedBytes > header.blockMaxBytes) throw corrupt('lz4', input.offset, `a block of ${storedBytes} bytes`);
  const stored = await exactly(input, storedBytes);
  if (header.hasBlockChecksum && (await exactly(input, 4)).readUInt32LE() !== hash.h32Raw(stored) >>> 0) {
    throw corrupt('lz4', input.offset, 'the checksum of a block does not match');
  }
  if (isStored) return stored;
  // lz4-napi expects the decompressed size before the block, and treats it as an upper bound.
  const sized = Buffer.allocUnsafe(4 + stored.length);
  sized.writeUInt32LE(header.blockMaxBytes);
  stored.copy(sized, 4);
  try {
    return uncompressSync(sized, header.areBlocksLinked && window.length > 0 ? window : undefined);
  } catch (error) {
    throw corrupt('lz4', input.offset, error instanceof Error ? error.message : String(error), error);
  }
}

function lastBytes(window: Buffer, block: Buffer): Buffer {
  if (block.length >= WINDOW_BYTES) return block.subarray(block.length - WINDOW_BYTES);
  return Buffer.concat([window.subarray(Math.max(0, window.length + block.length - WINDOW_BYTES)), block]);
}

async function exactly(input: ByteReader, count: number): Promise<Buffer> {
  const bytes = await input.take(count);
  if (bytes.length < count) throw truncated('lz4', input.offset);
  return bytes;
}
