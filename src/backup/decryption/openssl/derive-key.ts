import { createHash, getCipherInfo, pbkdf2 } from 'node:crypto';
import { DrillError } from '../../../support/errors.ts';
import type { OpensslSpec } from '../../openssl-spec.ts';

export interface DerivedKey {
  readonly key: Buffer;
  readonly iv: Buffer;
}

/** Derives key and initialisation vector from a passphrase, as openssl-enc(1) does; PBKDF2 on another thread. */
export async function deriveKey(passphrase: string, salt: Buffer, spec: OpensslSpec): Promise<DerivedKey> {
  const info = getCipherInfo(spec.cipher);
  if (!info) {
    throw new DrillError('format-unsupported', `the OpenSSL of this Node has no cipher ${spec.cipher}`, {
      hint: 'Encrypt with `openssl enc -aes-256-cbc -pbkdf2`.',
    });
  }
  const bytes = info.keyLength + (info.ivLength ?? 0);
  const derived =
    spec.kdf === 'pbkdf2'
      ? await stretch(passphrase, salt, bytes, spec)
      : evpBytesToKey(passphrase, salt, bytes, spec.digest);
  return { key: derived.subarray(0, info.keyLength), iv: derived.subarray(info.keyLength) };
}

function stretch(
  passphrase: string,
  salt: Buffer,
  bytes: number,
  { iterations, digest }: OpensslSpec,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    pbkdf2(passphrase, salt, iterations, bytes, digest, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

/** EVP_BytesToKey(3) with a count of 1: each digest covers the previous one, the passphrase and the salt. */
function evpBytesToKey(passphrase: string, salt: Buffer, bytes: number, digest: string): Buffer {
  let derived = Buffer.alloc(0);
  for (let last = Buffer.alloc(0); derived.length < bytes; derived = Buffer.concat([derived, last]))
    last = createHash(digest).update(last).update(passphrase, 'utf8').update(salt).digest();
  return derived.subarray(0, bytes);
}
