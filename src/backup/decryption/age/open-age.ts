import { hkdfSync } from 'node:crypto';
import type { Readable } from 'node:stream';
import { ByteReader } from '../../compression/byte-reader.ts';
import { nameDamaged, truncated } from '../../compression/damage.ts';
import { DecodedStream } from '../../decoded-stream.ts';
import { LAYER_MAGIC_BYTES, type LayerContext } from '../../layer.ts';
import { peek } from '../peek.ts';
import { isArmored, removeArmor } from './armor.ts';
import { readHeader } from './header.ts';
import { decryptPayload } from './payload.ts';
import { unwrapFileKey } from './unwrap-file-key.ts';

const NONCE_BYTES = 16;
/** Eight chunks. */
const BUFFER_BYTES = 2 ** 19;

/**
 * Streams the decrypted content of an age file, chunk by chunk; each chunk is authenticated before any of it is passed on.
 * The library reads the header and finds the file key. The payload is decrypted here with OpenSSL's ChaCha20-Poly1305, because that is several times as fast
 * and the library does not report whether its input was cut or changed.
 */
export function openAge(input: Readable, { key, keys }: LayerContext): Readable {
  return new DecodedStream(decrypt(), input, {
    explain: (error) => nameDamaged(error, key),
    bufferBytes: BUFFER_BYTES,
  });

  async function* decrypt(): AsyncGenerator<Buffer> {
    const { first, whole } = await peek(input, LAYER_MAGIC_BYTES);
    const reader = new ByteReader(isArmored(first) ? removeArmor(whole) : whole);
    const header = await readHeader(reader, key);
    const { fileKey, fingerprint } = await unwrapFileKey(header, key, await keys.read());
    keys.noteUse(fingerprint);
    const nonce = await reader.take(NONCE_BYTES);
    if (nonce.length < NONCE_BYTES) throw truncated('age', reader.offset);
    // https://c2sp.org/age, "Payload"
    yield* decryptPayload(reader, Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32)));
  }
}
