import { createCipheriv } from 'node:crypto';
import type { Cipher } from './ciphers.ts';

/**
 * Decrypts CFB mode with an all-zero initialisation vector. Each block is its ciphertext XOR the encryption of the previous ciphertext block, so all blocks of
 * a portion can be encrypted at once: OpenSSL’s own CFB does them one by one, at a quarter of the speed.
 */
export class CfbDecipher {
  readonly #cipher: ReturnType<typeof createCipheriv>;
  readonly #blockBytes: number;
  /** The previous ciphertext block, whose encryption is XORed with the next one. */
  #previous: Buffer;

  constructor({ name, blockBytes }: Cipher, key: Buffer) {
    this.#cipher = createCipheriv(`${name}-ecb`, key, null);
    this.#cipher.setAutoPadding(false);
    this.#blockBytes = blockBytes;
    this.#previous = Buffer.alloc(blockBytes);
  }

  /** @param sealed whole blocks, except for the last call. */
  update(sealed: Buffer): Buffer {
    const blocks = Math.ceil(sealed.length / this.#blockBytes);
    const before = Buffer.alloc(blocks * this.#blockBytes);
    this.#previous.copy(before);
    sealed.copy(before, this.#blockBytes, 0, Math.max(0, (blocks - 1) * this.#blockBytes));
    if (sealed.length === blocks * this.#blockBytes) this.#previous = sealed.subarray(-this.#blockBytes);
    const mask = this.#cipher.update(before);
    return xor(sealed, mask);
  }
}

/** XORs one buffer with another that is at least as long, four bytes at a time. */
function xor(bytes: Buffer, mask: Buffer): Buffer {
  const result = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(result);
  const words = Math.floor(bytes.length / 4);
  const aligned = mask.byteOffset % 4 === 0 ? mask : Buffer.from(Uint8Array.from(mask).buffer);
  const to = new Int32Array(result.buffer, 0, words);
  const from = new Int32Array(aligned.buffer, aligned.byteOffset, words);
  for (let at = 0; at < words; at += 1) to[at] = (to[at] ?? 0) ^ (from[at] ?? 0);
  for (let at = words * 4; at < bytes.length; at += 1) result[at] = (result[at] ?? 0) ^ (mask[at] ?? 0);
  return result;
}
