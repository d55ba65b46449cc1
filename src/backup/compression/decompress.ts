import { once } from 'node:events';
import { pipeline, Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import { DrillError } from '../../support/errors.ts';
import { LINE_ENDING_HINT, LineEndingWatch } from '../../support/line-endings.ts';
import type { Compression } from '../content.ts';
import { DecodedStream } from '../decoded-stream.ts';
import { ByteReader } from './byte-reader.ts';
import { corrupt, nameDamaged, truncated, WINDOW_BYTES, windowTooLarge } from './damage.ts';

const OUTPUT_BYTES = 2 ** 18;

/** @returns the compression that a file's first bytes identify, or `none`. Recognises one layer only, and needs 10 bytes for it. */
export function recogniseCompression(first: Buffer): Compression {
  const startsWith = (...bytes: number[]) => bytes.every((byte, index) => first[index] === byte);
  if (startsWith(0x1f, 0x8b, 0x08)) return 'gzip';
  if (startsWith(0x28, 0xb5, 0x2f, 0xfd)) return 'zstd';
  if (startsWith(0x04, 0x22, 0x4d, 0x18)) return 'lz4';
  if (startsWith(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)) return 'xz';
  if (startsWith(0x42, 0x5a, 0x68) && isBzip2(first)) return 'bzip2';
  if (first.toString('latin1', 0, 10) === '\u00ff\u0006\0\0sNaPpY') return 'snappy';
  // A skippable frame does not identify what follows; pzstd output begins with one.
  if (((first[0] ?? 0) & 0xf0) === 0x50 && first[1] === 0x2a && first[2] === 0x4d && first[3] === 0x18) return 'zstd';
  return 'none';
}

/** Requires `BZh`, the level, then the magic of a block or of the end, since SQL could start with just `BZh`. */
function isBzip2(first: Buffer): boolean {
  const level = first[3] ?? 0;
  const magic = first.toString('hex', 4, 10);
  return level >= 0x31 && level <= 0x39 && (magic === '314159265359' || magic === '177245385090');
}

/**
 * Streams the decompressed content of `input`, holding at most a few buffers. Consecutive members, frames or streams are joined.
 * Destroying either end destroys the other; an error of `input` is passed on unchanged.
 * Zeros after a gzip member are padding, as for gzip(1); anything else is an error (gzip(1) warns and exits with 2).
 * @param key names the backup in errors.
 * Errors: DrillError `backup-truncated` when the data ends too early, `backup-corrupt` when it is invalid.
 */
export function decompress(compression: Compression, input: Readable, key?: string): Readable {
  if (compression === 'none') return input;
  const count: Counter = { bytes: 0, ended: false, padAt: 0, lineEndings: new LineEndingWatch() };
  return new DecodedStream(DECODERS[compression](input, count), input, {
    explain: (error) => nameDamaged(count.lineEndings.changed ? explainLineEndings(error, compression) : error, key),
    bufferBytes: 2 * OUTPUT_BYTES,
  });
}

/** Counts the input passed to a decoder, to tell truncation from damage and to locate it. */
interface Counter {
  bytes: number;
  ended: boolean;
  /** Offset after which only zeros have followed so far. */
  padAt: number;
  readonly lineEndings: LineEndingWatch;
}

const DECODERS = {
  gzip: gunzip,
  zstd: async function* (input, count) {
    const { decompressZstd } = await import('./zstd-frames.ts');
    yield* decompressZstd(new ByteReader(counted(input, count)));
  },
  lz4: async function* (input, count) {
    const { decompressLz4 } = await import('./lz4-frames.ts');
    yield* decompressLz4(new ByteReader(counted(input, count)));
  },
  xz: unxz,
  bzip2: bunzip2,
  snappy: async function* (input, count) {
    const { decompressSnappy } = await import('./snappy-frames.ts');
    yield* decompressSnappy(new ByteReader(counted(input, count)));
  },
  brotli: unbrotli,
} satisfies Record<Exclude<Compression, 'none'>, (input: Readable, count: Counter) => AsyncGenerator<Buffer>>;

async function* gunzip(input: Readable, count: Counter): AsyncGenerator<Buffer> {
  const decoder = createGunzip({ chunkSize: OUTPUT_BYTES });
  pipeline(Readable.from(counted(input, count), { objectMode: false }), decoder, () => undefined); // the decoder is destroyed with the cause
  try {
    for await (const chunk of decoder) yield chunk;
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === 'Z_BUF_ERROR') throw truncated('gzip', count.bytes, error);
    if (code?.startsWith('Z_')) throw corrupt('gzip', count.bytes, explainGzip(error as Error), error);
    throw error;
  }
  // Node's stream ends at the first zero after a member and drops the rest, even another member.
  if (count.padAt > decoder.bytesWritten) throw corrupt('gzip', count.padAt, AFTER_MEMBER);
}

/** Has no magic, so it is never recognised by content: only formats that learn of it by other means ask for it. */
async function* unbrotli(input: Readable, count: Counter): AsyncGenerator<Buffer> {
  const decoder = createBrotliDecompress({ chunkSize: OUTPUT_BYTES });
  pipeline(Readable.from(counted(input, count), { objectMode: false }), decoder, () => undefined); // the decoder is destroyed with the cause
  try {
    for await (const chunk of decoder) yield chunk;
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === 'Z_BUF_ERROR') throw truncated('brotli', count.bytes, error);
    if (code?.startsWith('ERR_')) throw corrupt('brotli', count.bytes, 'it cannot be decoded', error);
    throw error;
  }
}

const AFTER_MEMBER = 'data that is not gzip follows a complete member';

function explainGzip({ message }: Error): string {
  return message === 'incorrect header check' ? AFTER_MEMBER : message;
}

async function* unxz(input: Readable, count: Counter): AsyncGenerator<Buffer> {
  const { createDecompressor } = (await import('lzma-native')).default;
  const decoder = createDecompressor({ bufsize: 256 * 1024, memlimit: WINDOW_BYTES });
  const failed: { cause?: unknown } = {};
  pipeline(Readable.from(counted(input, count, failed), { objectMode: false }), decoder, () => undefined);
  try {
    for await (const chunk of decoder) yield chunk;
  } catch (error) {
    if (failed.cause) throw failed.cause;
    // liblzma's error names, see lzma/base.h: running out of input is LZMA_BUF_ERROR (no progress possible).
    if (error instanceof Error && error.name === 'LZMA_BUF_ERROR') throw truncated('xz', count.bytes, error);
    if (error instanceof Error && error.name === 'LZMA_MEMLIMIT_ERROR') throw windowTooLarge('xz');
    throw corrupt('xz', count.bytes, error instanceof Error ? error.message : String(error), error);
  }
}

async function* bunzip2(input: Readable, count: Counter): AsyncGenerator<Buffer> {
  // Piped by hand: pipeline() and wrap() treat the end of this old-style stream as a failure.
  const { default: unbzip2 } = await import('unbzip2-stream');
  const failed: { cause?: unknown } = {};
  const decoder = unbzip2();
  const decoded = new Readable({ read: () => decoder.resume() });
  decoder.on('data', (chunk: Buffer) => {
    if (!decoded.push(chunk)) decoder.pause();
  });
  decoder.once('end', () => decoded.push(null));
  decoder.once('error', (error: Error) => decoded.destroy(error));
  feed(decoder, counted(input, count, failed)).catch((error: Error) => decoded.destroy(error));
  try {
    for await (const chunk of decoded) yield chunk;
  } catch (error) {
    if (failed.cause) throw failed.cause;
    throw explainBzip2(error, count);
  }
}

async function feed(decoder: NodeJS.ReadWriteStream, chunks: AsyncIterable<Buffer>): Promise<void> {
  for await (const chunk of chunks) {
    if (!decoder.write(chunk)) await once(decoder, 'drain');
  }
  decoder.end();
}

/** The package throws a TypeError when it reads past the last byte, and uninformative messages for damaged data. */
function explainBzip2(error: unknown, count: Counter): Error {
  const message = error instanceof Error ? error.message : String(error);
  if (count.ended && (error instanceof TypeError || message.includes('prematurely'))) {
    return truncated('bzip2', count.bytes, error);
  }
  return corrupt(
    'bzip2',
    count.bytes,
    message.includes('crc32') ? 'a checksum does not match' : 'it cannot be decoded',
    error,
  );
}

async function* counted(input: Readable, count: Counter, failed: { cause?: unknown } = {}): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of input) {
      const last = lastNonZero(chunk);
      if (last >= 0) count.padAt = count.bytes + last + 1;
      count.bytes += chunk.length;
      count.lineEndings.see(chunk);
      yield chunk;
    }
    count.ended = true;
  } catch (error) {
    failed.cause = error;
    throw error;
  }
}

function lastNonZero(chunk: Buffer): number {
  let at = chunk.length - 1;
  while (at >= 0 && chunk[at] === 0) at -= 1;
  return at;
}

function explainLineEndings(error: unknown, format: Compression): unknown {
  if (!(error instanceof DrillError) || (error.code !== 'backup-corrupt' && error.code !== 'backup-truncated'))
    return error;
  return new DrillError(
    'backup-corrupt',
    `the ${format} data of the backup is damaged: its line endings were changed, each line feed has a carriage return before it`,
    { hint: LINE_ENDING_HINT, cause: error },
  );
}
