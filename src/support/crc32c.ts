/** The Castagnoli polynomial, bit-reversed. */
const POLYNOMIAL = 0x82f6_3b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1) remainder = (remainder >>> 1) ^ (remainder & 1 ? POLYNOMIAL : 0);
  return remainder >>> 0;
});

/** @param before the checksum of the bytes before these. @returns the CRC-32C of both, from 0 to 2^32 - 1. Source: RFC 3720, appendix B.4. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  let crc = ~before;
  for (let at = 0; at < bytes.length; at += 1) crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return ~crc >>> 0;
}

/**
 * Combines the checksums of two pieces without reading their bytes.
 * @param length of the second piece, in bytes. Source of the method: zlib's crc32_combine.
 */
export function combineCrc32c(first: number, second: number, length: number): number {
  let shifted = first;
  for (let power = 0, rest = length; rest > 0; power += 1, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) shifted = multiply(ZEROS[power] ?? 0, shifted);
  }
  return (shifted ^ second) >>> 0;
}

const ONE = 0x8000_0000;

/** Multiplies polynomials, modulo that of the checksum; the highest bit is the constant term. */
function multiply(a: number, b: number): number {
  let product = 0;
  let factor = b;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= factor;
    factor = factor & 1 ? (factor >>> 1) ^ POLYNOMIAL : factor >>> 1;
  }
  return product >>> 0;
}

/** The effect of 1, 2, 4, … zero bytes on a checksum. */
const ZEROS = powers();

function powers(): Uint32Array {
  const all = new Uint32Array(53);
  let power = ONE >>> 8; // x^8: one byte
  for (let index = 0; index < all.length; index += 1) {
    all[index] = power;
    power = multiply(power, power);
  }
  return all;
}
