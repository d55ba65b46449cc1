import { createCipheriv, createHmac, type Hmac, pbkdf2Sync } from 'node:crypto';
import type { StreamCipher } from './stream-cipher.ts';

/** Content of the extra field 0x9901. Source: WinZip's "AES Encryption Information", https://www.winzip.com/en/support/aes-encryption/ */
export interface AesField {
  readonly keyBytes: 16 | 24 | 32;
  /** The actual compression method; the header's method field only says AES. */
  readonly method: number;
  /** Version 2 omits the content's checksum, since the authentication code is stronger. */
  readonly hasCrc: boolean;
}

export const VERIFIER_BYTES = 2;
export const CODE_BYTES = 10;
const BLOCK_BYTES = 16;
const ITERATIONS = 1000;

/** @returns undefined when the field has another format. */
export function readAesField(field: Buffer | undefined): AesField | undefined {
  if (!field || field.length < 7 || field.toString('latin1', 2, 4) !== 'AE') return undefined;
  const keyBytes = ([16, 24, 32] as const)[field.readUInt8(4) - 1];
  return keyBytes && { keyBytes, method: field.readUInt16LE(5), hasCrc: field.readUInt16LE(0) === 1 };
}

/** AES in counter mode, with a little-endian counter that starts at 1, and HMAC-SHA1 over the ciphertext. */
export class ZipAes implements StreamCipher {
  readonly #key: Buffer;
  readonly #verifier: Buffer;
  readonly #hmac: Hmac;
  #counter = 1;
  /** Unused rest of the current key stream block. */
  #left: Buffer = Buffer.alloc(0);

  constructor(password: Buffer, salt: Buffer, keyBytes: AesField['keyBytes']) {
    const derived = pbkdf2Sync(password, salt, ITERATIONS, 2 * keyBytes + VERIFIER_BYTES, 'sha1');
    this.#key = derived.subarray(0, keyBytes);
    this.#hmac = createHmac('sha1', derived.subarray(keyBytes, 2 * keyBytes));
    this.#verifier = derived.subarray(2 * keyBytes);
  }

  /** Whether the password is most likely right; one in 65,536 wrong passwords also passes. */
  isVerifiedBy(verifier: Buffer): boolean {
    return this.#verifier.equals(verifier);
  }

  decrypt(bytes: Buffer): Buffer {
    const mask = this.#mask(bytes.length);
    const plain = Buffer.allocUnsafe(bytes.length);
    for (let at = 0; at < bytes.length; at += 1) plain[at] = (bytes[at] ?? 0) ^ (mask[at] ?? 0);
    return plain;
  }

  authenticate(bytes: Buffer): void {
    this.#hmac.update(bytes);
  }

  isAuthenticatedBy(code: Buffer): boolean {
    return this.#hmac.digest().subarray(0, CODE_BYTES).equals(code);
  }

  #mask(bytes: number): Buffer {
    const count = Math.ceil((bytes - this.#left.length) / BLOCK_BYTES);
    const blocks = Buffer.alloc(Math.max(count, 0) * BLOCK_BYTES);
    for (let at = 0; at < blocks.length; at += BLOCK_BYTES) {
      blocks.writeUIntLE(this.#counter, at, 6);
      this.#counter += 1;
    }
    const cipher = createCipheriv(`aes-${this.#key.length * 8}-ecb`, this.#key, null).setAutoPadding(false);
    const mask = Buffer.concat([this.#left, cipher.update(blocks)]);
    this.#left = mask.subarray(bytes);
    return mask;
  }
}
