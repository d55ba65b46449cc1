import { pipeline, Readable } from 'node:stream';
import { constants, createZstdDecompress } from 'node:zlib';
import type { ByteReader } from './byte-reader.ts';
import { corrupt, truncated, WINDOW_BYTES, windowTooLarge } from './damage.ts';

const FRAME_MAGIC = 0xfd2fb528;
const OUTPUT_BYTES = 2 ** 18;
/**
 * Decompresses consecutive zstd frames (pzstd and concatenation produce several), and skips skippable ones.
 * Node's own stream silently stops after the first frame, so frames are parsed here, block by block, following RFC 8878 §3.1, and each
 * gets its own decompressor.
 */
export async function* decompressZstd(input: ByteReader): AsyncGenerator<Buffer> {
  for (;;) {
    const at = input.offset;
    const magic = await input.take(4);
    if (magic.length === 0) return;
    if (magic.length < 4) throw truncated('zstd', input.offset);
    const number = magic.readUInt32LE();
    if (isSkippable(number)) await skipFrame(input);
    else if (number === FRAME_MAGIC) yield* decompressFrame(magic, input);
    else throw corrupt('zstd', at, 'no zstd frame begins there');
  }
}

export function isSkippable(magic: number): boolean {
  return magic >= 0x184d2a50 && magic <= 0x184d2a5f;
}

/** Skippable frames have the same layout in zstd and lz4: a size, then that many bytes. */
export async function skipFrame(input: ByteReader): Promise<void> {
  const size = await input.take(4);
  if (size.length < 4) throw truncated('skippable', input.offset);
  for (let missing = size.readUInt32LE(); missing > 0; ) {
    const skipped = await input.takeSome(missing);
    if (skipped.length === 0) throw truncated('skippable', input.offset);
    missing -= skipped.length;
  }
}

async function* decompressFrame(magic: Buffer, input: ByteReader): AsyncGenerator<Buffer> {
  const decoder = createZstdDecompress({
    chunkSize: OUTPUT_BYTES,
    params: { [constants.ZSTD_d_windowLogMax]: Math.log2(WINDOW_BYTES) },
  });
  const at = input.offset - magic.length;
  // A failure destroys the decoder with its cause, so it needs no handling here.
  pipeline(Readable.from(frameBytes(magic, input), { objectMode: false }), decoder, () => undefined);
  try {
    for await (const chunk of decoder) yield chunk;
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    if (code === 'Z_BUF_ERROR') throw truncated('zstd', input.offset);
    if (code === 'ZSTD_error_frameParameter_windowTooLarge') throw windowTooLarge('zstd');
    if (code.startsWith('ZSTD_error')) throw corrupt('zstd', at, (error as Error).message, error);
    throw error;
  }
}

/** The bytes of exactly one frame. */
async function* frameBytes(magic: Buffer, input: ByteReader): AsyncGenerator<Buffer> {
  yield magic;
  const descriptor = await exactly(input, 1);
  const flags = descriptor.readUInt8();
  const isSingleSegment = (flags & 0x20) !== 0;
  const contentSizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0;
  yield Buffer.concat([
    descriptor,
    await exactly(input, (isSingleSegment ? 0 : 1) + dictionaryBytes + contentSizeBytes),
  ]);
  for (let isLast = false; !isLast; ) {
    const header = await exactly(input, 3);
    yield header;
    const word = header.readUIntLE(0, 3);
    isLast = (word & 1) === 1;
    const type = (word >> 1) & 3;
    if (type === 3) throw corrupt('zstd', input.offset - 3, 'a block of the reserved type');
    for (let missing = type === 1 ? 1 : word >> 3; missing > 0; ) {
      const portion = await input.takeSome(missing);
      if (portion.length === 0) throw truncated('zstd', input.offset);
      missing -= portion.length;
      yield portion;
    }
  }
  if (flags & 4) yield await exactly(input, 4);
}

async function exactly(input: ByteReader, count: number): Promise<Buffer> {
  const bytes = await input.take(count);
  if (bytes.length < count) throw truncated('zstd', input.offset);
  return bytes;
}
