import { createDecipheriv, pbkdf2 } from 'node:crypto';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { DrillError } from '../../../support/errors.ts';
import { ByteReader } from '../../compression/byte-reader.ts';
import { corrupt, nameDamaged, truncated } from '../../compression/damage.ts';
import { DecodedStream } from '../../decoded-stream.ts';
import { type LayerContext, PASSPHRASE } from '../../layer.ts';

const DATABASUS = 'Databasus';
const MAGIC_BYTES = 8;
const SALT_BYTES = 32;
const NONCE_BYTES = 12;
const RESERVED_BYTES = 12;
const HEADER_BYTES = MAGIC_BYTES + SALT_BYTES + NONCE_BYTES + RESERVED_BYTES;
const ITERATIONS = 100_000;
const KEY_BYTES = 32;
const TAG_BYTES = 16;
const MAX_CHUNK_BYTES = 2 ** 20 + TAG_BYTES;
/** Fixed part of the nonce, in bytes; the rest is the chunk counter. */
const FIXED_NONCE_BYTES = 4;
const BUFFER_BYTES = 2 ** 20;
const UUID = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/gi;

const derive = promisify(pbkdf2);

/**
 * Streams the decrypted content, chunk by chunk under AES-256-GCM; each is authenticated before any of it is passed on. The key is derived from the instance's
 * secret key and the backup's id, which is part of the file name. The format does not mark the last chunk, so a cut between two chunks can only be detected by
 * the format inside.
 */
export function openDatabasus(input: Readable, { key, keys }: LayerContext): Readable {
  return new DecodedStream(decrypt(), input, {
    explain: (error) => nameDamaged(error, key),
    bufferBytes: BUFFER_BYTES,
  });

  async function* decrypt(): AsyncGenerator<Buffer> {
    const reader = new ByteReader(input);
    const header = await reader.take(HEADER_BYTES);
    if (header.length < HEADER_BYTES) throw truncated(DATABASUS, reader.offset);
    const salt = header.subarray(MAGIC_BYTES, MAGIC_BYTES + SALT_BYTES);
    const nonce = Buffer.from(header.subarray(MAGIC_BYTES + SALT_BYTES, HEADER_BYTES - RESERVED_BYTES));
    const first = await takeChunk(reader);
    if (!first) throw truncated(DATABASUS, reader.offset);
    const opened = await findKey(first, nonceOf(nonce, 0), salt);
    keys.noteUse(PASSPHRASE);
    yield opened.content;
    for (let index = 1; ; index += 1) {
      const chunk = await takeChunk(reader);
      if (!chunk) return;
      const content = openChunk(opened.derived, nonceOf(nonce, index), chunk);
      if (!content) throw corrupt(DATABASUS, reader.offset, 'a chunk does not authenticate');
      yield content;
    }
  }

  async function findKey(
    chunk: Buffer,
    nonce: Buffer,
    salt: Buffer,
  ): Promise<{ readonly derived: Buffer; readonly content: Buffer }> {
    const backupId = [...(key.match(UUID) ?? [])].at(-1)?.toLowerCase();
    if (backupId === undefined) throw withoutId(key);
    const given = await keys.read();
    for (const { text } of given) {
      const derived = await derive(text.trim() + backupId, salt, ITERATIONS, KEY_BYTES, 'sha256');
      const content = openChunk(derived, nonce, chunk);
      if (content) return { derived, content };
    }
    throw new DrillError(
      'key-wrong',
      `${key} is encrypted by Databasus, and no key opens it (tried: ${given.map(({ name }) => name).join(', ')})`,
      {
        hint: 'Add that installation’s secret.key to `backup.keys`. If it is there already, the backup was renamed or its beginning is damaged.',
      },
    );
  }
}

/** @returns undefined at the end. */
async function takeChunk(reader: ByteReader): Promise<Buffer | undefined> {
  const length = await reader.take(4);
  if (length.length === 0) return undefined;
  if (length.length < 4) throw truncated(DATABASUS, reader.offset);
  const bytes = length.readUInt32BE(0);
  if (bytes <= TAG_BYTES || bytes > MAX_CHUNK_BYTES)
    throw corrupt(DATABASUS, reader.offset, 'the length of a chunk is impossible');
  const chunk = await reader.take(bytes);
  if (chunk.length < bytes) throw truncated(DATABASUS, reader.offset);
  return chunk;
}

function nonceOf(nonce: Buffer, index: number): Buffer {
  const own = Buffer.alloc(NONCE_BYTES);
  nonce.copy(own, 0, 0, FIXED_NONCE_BYTES);
  own.writeBigUInt64BE(BigInt(index), FIXED_NONCE_BYTES);
  return own;
}

/** @returns undefined when authentication fails. */
function openChunk(key: Buffer, nonce: Buffer, chunk: Buffer): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(chunk.subarray(-TAG_BYTES));
  const content = decipher.update(chunk.subarray(0, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    return undefined; // the only thing that `final` checks is the tag
  }
  return content;
}

function withoutId(key: string): DrillError {
  return new DrillError(
    'format-unsupported',
    `${key} is encrypted by Databasus, and its name lacks the id of the backup, without which no key opens it`,
    {
      hint: 'Store it under the name that Databasus gave it: DATABASE-TIME-ID, with the id as in its `.metadata` file.',
    },
  );
}
