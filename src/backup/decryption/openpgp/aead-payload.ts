import { type CipherGCMTypes, createDecipheriv, getCipherInfo, hkdfSync } from 'node:crypto';
import { DrillError } from '../../../support/errors.ts';
import { formatBytes } from '../../../support/quantities.ts';
import type { ByteReader } from '../../compression/byte-reader.ts';
import { corrupt, truncated } from '../../compression/damage.ts';
import { cipherOf, refusedCipher } from './ciphers.ts';
import { OPENPGP } from './payload-errors.ts';
import type { ChooseKey, SessionKey } from './session-key.ts';

const TAG_BYTES = 16;
const SALT_BYTES = 32;
/** RFC 9580, section 5.13.2; GnuPG writes chunks of this size. */
const MAX_CHUNK_BYTES = 2 ** 22;

/** By number (RFC 9580, section 9.6). OpenSSL has no EAX. */
const MODES: ReadonlyMap<number, { readonly name: string; readonly nonceBytes: number }> = new Map([
  [2, { name: 'ocb', nonceBytes: 15 }],
  [3, { name: 'gcm', nonceBytes: 12 }],
]);

/** Decrypts the chunks of one packet with one session key. */
interface Opener {
  /** As OpenSSL names it: `aes-256-ocb`. */
  readonly algorithm: string;
  readonly key: Buffer;
  nonceOf(index: number): Buffer;
  /** The associated data. `total`: bytes of all chunks, for the final tag. */
  headerOf(index: number, total?: number): Buffer;
}

/**
 * Decrypts the chunks of GnuPG’s AEAD packet (`generation` 1, draft-koch-librepgp, section 5.16) or of RFC 9580’s (2, section 5.13.2).
 * Each chunk is authenticated before any of it is passed on. Throws `backup-corrupt`, `format-unsupported`.
 */
export async function* decryptAead(
  body: ByteReader,
  generation: 1 | 2,
  key: string,
  choose: ChooseKey,
): AsyncGenerator<Buffer> {
  const header = await exactly(body, 3);
  const [cipherNumber = 0, modeNumber = 0, sizeByte = 0] = header;
  const mode = MODES.get(modeNumber);
  const cipher = cipherOf(cipherNumber);
  const algorithm = `${cipher?.name}-${mode?.name}`;
  if (!mode || !cipher || !getCipherInfo(algorithm)) {
    throw refusedCipher(cipherNumber, key) ?? refusedMode(key, modeNumber === 1 ? 'in EAX mode' : 'in an unknown mode');
  }
  const chunkBytes = 2 ** (sizeByte + 6);
  if (chunkBytes > MAX_CHUNK_BYTES) {
    throw refusedMode(
      key,
      `in chunks of ${formatBytes(chunkBytes)}, and not of ${formatBytes(MAX_CHUNK_BYTES)} at most`,
    );
  }
  const prefix = Buffer.concat([Buffer.from([generation === 1 ? 0xd4 : 0xd2, generation]), header]);
  const salt = await exactly(body, generation === 1 ? mode.nonceBytes : SALT_BYTES);
  const openerOf = ({ key: sessionKey }: SessionKey): Opener =>
    generation === 1
      ? { algorithm, key: sessionKey, ...librePgp(prefix, salt) }
      : { algorithm, ...rfc9580(prefix, salt, sessionKey, cipher.keyBytes, mode.nonceBytes) };
  const fits = ({ cipher: own, key: { length } }: SessionKey) =>
    (own === undefined || own.name === cipher.name) && length === cipher.keyBytes;

  let sealed = await body.take(chunkBytes + 2 * TAG_BYTES);
  const chosen = choose((one) => fits(one) && open(openerOf(one), 0, firstChunk(sealed, chunkBytes)) !== undefined);
  const opener = openerOf(chosen);
  let total = 0;
  for (let index = 0; ; index += 1) {
    const isLast = sealed.length < chunkBytes + 2 * TAG_BYTES;
    const chunk = firstChunk(sealed, chunkBytes);
    const after = sealed.subarray(chunk.length);
    if (chunk.length > 0) {
      const content = open(opener, index, chunk);
      if (!content) throw corrupt(OPENPGP, body.offset, 'a chunk does not authenticate');
      total += content.length;
      yield content;
    }
    if (isLast) {
      const count = chunk.length > 0 ? index + 1 : index;
      if (!open(opener, count, after, total)) throw corrupt(OPENPGP, body.offset, 'its end does not authenticate');
      return;
    }
    sealed = Buffer.concat([after, await body.take(chunkBytes + TAG_BYTES)]);
  }
}

/** A chunk with its tag; another tag follows the last chunk. */
function firstChunk(sealed: Buffer, chunkBytes: number): Buffer {
  return sealed.subarray(0, Math.max(0, Math.min(chunkBytes + TAG_BYTES, sealed.length - TAG_BYTES)));
}

function librePgp(prefix: Buffer, iv: Buffer): Pick<Opener, 'nonceOf' | 'headerOf'> {
  return {
    nonceOf: (index) => {
      const nonce = Buffer.from(iv);
      const at = nonce.length - 8;
      nonce.writeBigUInt64BE(nonce.readBigUInt64BE(at) ^ BigInt(index), at);
      return nonce;
    },
    headerOf: (index, total) =>
      Buffer.concat([prefix, counter(index), ...(total === undefined ? [] : [counter(total)])]),
  };
}

function rfc9580(
  prefix: Buffer,
  salt: Buffer,
  sessionKey: Buffer,
  keyBytes: number,
  nonceBytes: number,
): Omit<Opener, 'algorithm'> {
  const derived = Buffer.from(hkdfSync('sha256', sessionKey, salt, prefix, keyBytes + nonceBytes - 8));
  const iv = derived.subarray(keyBytes);
  return {
    key: derived.subarray(0, keyBytes),
    nonceOf: (index) => Buffer.concat([iv, counter(index)]),
    headerOf: (_index, total) => (total === undefined ? prefix : Buffer.concat([prefix, counter(total)])),
  };
}

/** @returns undefined when authentication fails. */
function open(opener: Opener, index: number, sealed: Buffer, total?: number): Buffer | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  // OpenSSL handles OCB like GCM; the types only know the names of GCM ciphers.
  const decipher = createDecipheriv(opener.algorithm as CipherGCMTypes, opener.key, opener.nonceOf(index), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(opener.headerOf(index, total));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const content = decipher.update(sealed.subarray(0, -TAG_BYTES));
  try {
    return Buffer.concat([content, decipher.final()]);
  } catch {
    return undefined; // the only thing that `final` checks is the tag
  }
}

function counter(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

async function exactly(body: ByteReader, count: number): Promise<Buffer> {
  const bytes = await body.take(count);
  if (bytes.length < count) throw truncated(OPENPGP, body.offset);
  return bytes;
}

function refusedMode(key: string, how: string): DrillError {
  return new DrillError(
    'format-unsupported',
    `${key} is encrypted with OpenPGP ${how}, which Firedrill does not read`,
    {
      hint: 'Encrypt it with GnuPG’s defaults (AES, OCB or a modification detection code).',
    },
  );
}
