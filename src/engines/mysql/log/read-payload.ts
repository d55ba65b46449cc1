import { pipeline, Readable } from 'node:stream';
import { createZstdDecompress, zstdDecompressSync } from 'node:zlib';
import { type EventBytes, EventTooShort } from './read-bytes.ts';

const FIELD = { end: 0, size: 1, compression: 2, uncompressedSize: 3 };
const [ZSTD, NONE] = [0, 255];

/** In bytes: the fields before the compressed events are much shorter. */
export const PAYLOAD_HEAD_BYTES = 64;

export interface Payload {
  /** Size in bytes of the compressed events. */
  readonly size: number;
  readonly isCompressed: boolean;
  readonly uncompressedSize: number;
}

/**
 * Reads the beginning of a TRANSACTION_PAYLOAD_EVENT: fields, each with a type, a length and a value, up to a type 0; after them come the events of the
 * transaction, without checksums, as one zstd frame. Source: MySQL's libs/mysql/binlog/event/codecs/binary.h, `Transaction_payload`. Leaves `bytes` where the
 * events begin.
 */
export function readPayloadHead(bytes: EventBytes): Payload {
  const fields = new Map<number, number>();
  for (let type = bytes.packedLength(); type !== FIELD.end; type = bytes.packedLength()) {
    const end = bytes.packedLength() + bytes.at;
    fields.set(type, bytes.packedLength());
    bytes.skip(end - bytes.at);
  }
  const compression = fields.get(FIELD.compression) ?? ZSTD;
  const size = fields.get(FIELD.size);
  if (size === undefined) throw new EventTooShort('a compressed transaction that does not say its size');
  if (compression !== ZSTD && compression !== NONE)
    throw new EventTooShort(`a transaction that is compressed in an unknown way (${compression})`);
  return { size, isCompressed: compression === ZSTD, uncompressedSize: fields.get(FIELD.uncompressedSize) ?? size };
}

/** In bytes: smaller payloads are decompressed in one go. */
const SMALL_BYTES = 2 ** 20;

/** @returns the events. @throws EventTooShort if they do not match what was compressed. */
export async function* unpackPayload(
  { isCompressed, uncompressedSize, size }: Payload,
  pieces: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  let unpacked = 0;
  for await (const piece of isCompressed ? decompress(pieces, Math.max(size, uncompressedSize)) : pieces) {
    unpacked += piece.length;
    if (unpacked > uncompressedSize) break;
    yield piece;
  }
  if (unpacked !== uncompressedSize)
    throw new EventTooShort(
      `a transaction that was compressed from ${uncompressedSize} bytes, and is of another length`,
    );
}

async function* decompress(pieces: AsyncIterable<Buffer>, mostBytes: number): AsyncGenerator<Buffer> {
  try {
    if (mostBytes <= SMALL_BYTES) {
      const whole: Buffer[] = [];
      for await (const piece of pieces) whole.push(piece);
      yield zstdDecompressSync(Buffer.concat(whole), { maxOutputLength: SMALL_BYTES });
      return;
    }
    const decoder = createZstdDecompress();
    // a failure destroys the decoder with its cause, so it needs no handling here
    pipeline(Readable.from(pieces, { objectMode: false }), decoder, () => undefined);
    for await (const piece of decoder) yield piece as Buffer;
  } catch (error) {
    if (isZlibError(error)) throw new EventTooShort('a transaction that cannot be decompressed', { cause: error });
    throw error;
  }
}

function isZlibError(error: unknown): boolean {
  const { code = '' } = error as { readonly code?: string };
  return /^(?:Z_|ZSTD_|ERR_BUFFER_TOO_LARGE)/.test(code);
}
