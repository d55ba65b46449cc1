import type { Readable } from 'node:stream';

const DEFINITION_BYTES = 262_144;

/** The beginning of a definition in a directory, as much as is read before a sandbox exists, and a line end. */
export async function firstBytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= DEFINITION_BYTES) break;
  }
  return Buffer.concat([...chunks, Buffer.from('\n')]);
}
