import type { StreamCipher } from './stream-cipher.ts';

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** The traditional zip encryption: three 32-bit keys, updated with each byte. Source: APPNOTE.TXT, 6.1. */
export class ZipCrypto implements StreamCipher {
  #key0 = 0x12345678;
  #key1 = 0x23456789;
  #key2 = 0x34567890;

  constructor(password: Buffer) {
    for (const byte of password) this.#update(byte);
  }

  decrypt(bytes: Buffer): Buffer {
    const plain = Buffer.allocUnsafe(bytes.length);
    for (let at = 0; at < bytes.length; at += 1) {
      const mask = (this.#key2 | 2) & 0xffff;
      const byte = (bytes[at] ?? 0) ^ ((Math.imul(mask, mask ^ 1) >>> 8) & 0xff);
      plain[at] = byte;
      this.#update(byte);
    }
    return plain;
  }

  #update(byte: number): void {
    this.#key0 = (TABLE[(this.#key0 ^ byte) & 0xff] ?? 0) ^ (this.#key0 >>> 8);
    this.#key1 = (Math.imul(this.#key1 + (this.#key0 & 0xff), 134775813) + 1) | 0;
    this.#key2 = (TABLE[(this.#key2 ^ (this.#key1 >>> 24)) & 0xff] ?? 0) ^ (this.#key2 >>> 8);
  }
}
