import { DrillError } from '../../../support/errors.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { ByteReader } from '../../compression/byte-reader.ts';
import { corrupt, truncated } from '../../compression/damage.ts';
import { openSealed, TAG_BYTES } from './chacha20-poly1305.ts';

const CHUNK_BYTES = 2 ** 16 + TAG_BYTES;

/**
 * Decrypts the payload of an age file: STREAM, chunks of 64 KiB under ChaCha20-Poly1305, with a counter and a last-chunk flag in the nonce
 * (https://c2sp.org/age, "Payload"). Buffers two chunks. The flag reveals a cut between two chunks.
 * Throws `backup-truncated` when the last chunk is missing or incomplete, `backup-corrupt` when a chunk was changed.
 */
export async function* decryptPayload(reader: ByteReader, key: Buffer): AsyncGenerator<Buffer> {
  let chunk = await reader.take(CHUNK_BYTES);
  for (let index = 0; ; index += 1) {
    const end = reader.offset;
    const next = chunk.length === CHUNK_BYTES ? await reader.take(CHUNK_BYTES) : Buffer.alloc(0);
    const isLast = next.length === 0;
    const content = decryptChunk(key, index, isLast, chunk);
    if (!content) throw isLast ? explainEnd(key, index, chunk, end) : changed(end);
    if (isLast && content.length === 0 && index > 0) throw corrupt('age', end, 'its last chunk is empty');
    if (content.length > 0) yield content;
    if (isLast) return;
    chunk = next;
  }
}

/** @returns undefined when authentication fails. */
function decryptChunk(key: Buffer, index: number, isLast: boolean, chunk: Buffer): Buffer | undefined {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  return openSealed(key, nonce, chunk);
}

function explainEnd(key: Buffer, index: number, chunk: Buffer, end: number): DrillError {
  if (chunk.length < TAG_BYTES) return truncated('age', end);
  if (chunk.length === CHUNK_BYTES)
    return decryptChunk(key, index, false, chunk) ? truncated('age', end) : changed(end);
  // The tag was in the missing part, so a cut chunk looks like a changed one.
  return new DrillError(
    'backup-truncated',
    `the age data of the backup ends after ${formatCount(end)} bytes in a chunk that does not authenticate: it was cut off there, or its last ${formatCount(chunk.length)} bytes were changed`,
    {
      hint: 'Compare its size and checksum with those of the original file: most likely the upload or the backup job stopped halfway.',
    },
  );
}

function changed(end: number): DrillError {
  return corrupt('age', end, 'a chunk does not authenticate');
}
