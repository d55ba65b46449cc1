import type { Readable } from 'node:stream';

/** @returns the first bytes of a stream, at most `limit`; the stream is then destroyed. @throws what the stream fails with. */
export async function readStart(stream: Readable, limit: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of stream) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= limit) break; // destroys the stream
  }
  return Buffer.concat(pieces).subarray(0, limit);
}

/**
 * Reads a stream that is short unless it is malicious: a few compressed kilobytes may expand to any number of bytes.
 * @returns undefined for one of more than `limit` bytes; the rest is not read. @throws what the stream fails with.
 */
export async function readShort(stream: Readable, limit: number): Promise<Buffer | undefined> {
  const bytes = await readStart(stream, limit + 1);
  return bytes.length > limit ? undefined : bytes;
}
