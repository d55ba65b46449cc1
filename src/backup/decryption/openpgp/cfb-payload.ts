import { createHash } from 'node:crypto';
import type { ByteReader } from '../../compression/byte-reader.ts';
import { corrupt } from '../../compression/damage.ts';
import { CfbDecipher } from './cfb-decipher.ts';
import type { Cipher } from './ciphers.ts';
import { canBegin } from './message.ts';
import { OPENPGP } from './payload-errors.ts';
import type { ChooseKey } from './session-key.ts';

/** A packet header of two bytes and a SHA-1 digest. */
const MDC_BYTES = 22;
const PORTION_BYTES = 2 ** 17;

/**
 * Decrypts CFB data that ends with a modification detection code (RFC 9580, section 5.13.1). Output is authenticated only after all of it has been yielded:
 * throws `backup-corrupt` at the end if the code does not match.
 */
export async function* decryptCfb(body: ByteReader, choose: ChooseKey): AsyncGenerator<Buffer> {
  let sealed = await body.take(PORTION_BYTES);
  const { cipher, key } = choose((one) => opens(one.cipher, one.key, sealed));
  if (!cipher) throw corrupt(OPENPGP, body.offset, 'its session key names no cipher');
  const decipher = new CfbDecipher(cipher, key);
  const hash = createHash('sha1');
  let held = Buffer.alloc(0);
  let prefixBytes = cipher.blockBytes + 2;
  while (sealed.length > 0) {
    const plain = Buffer.concat([held, decipher.update(sealed)]);
    const end = Math.max(0, plain.length - MDC_BYTES);
    hash.update(plain.subarray(0, end));
    held = plain.subarray(end);
    const start = Math.min(prefixBytes, end);
    prefixBytes -= start;
    if (end > start) yield plain.subarray(start, end);
    sealed = await body.take(PORTION_BYTES);
  }
  const isWhole = prefixBytes === 0 && held.length === MDC_BYTES && held[0] === 0xd3 && held[1] === 0x14;
  hash.update(held.subarray(0, 2));
  if (!isWhole || !hash.digest().equals(held.subarray(2)))
    throw corrupt(OPENPGP, body.offset, 'its modification detection code does not match');
}

/** The data starts with a random block, its last two bytes repeated, then a packet. */
function opens(cipher: Cipher | undefined, key: Buffer, sealed: Buffer): boolean {
  if (!cipher || sealed.length < cipher.blockBytes + 3) return false;
  const { blockBytes: at } = cipher;
  const plain = new CfbDecipher(cipher, key).update(sealed.subarray(0, at + 3));
  return plain[at - 2] === plain[at] && plain[at - 1] === plain[at + 1] && canBegin(plain.readUInt8(at + 2));
}
