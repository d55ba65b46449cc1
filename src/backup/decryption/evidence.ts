import { isUtf8 } from 'node:buffer';
import { isTarHeader } from '../../support/tar-header.ts';
import { recogniseCompression } from '../compression/decompress.ts';
import { openpgp } from './openpgp/openpgp.ts';

/** Evidence that random bytes show once in 16 million cases: gzip's magic, or 18 ASCII characters. */
export const PROOF_BITS = 24;
/** Anything less may be chance. */
const NOISE_BITS = 8;

const LONG_MAGIC_BITS = 32;
/** What `openpgp.recognise` demands of a binary message. */
const OPENPGP_BITS = 16;
/** How many leading bytes of a text are inspected; binary data comes later in a dump, if at all. */
const OPENING_BYTES = 64;
/** Fractions of the 256 byte values. */
const ASCII_SHARE = 101 / 256;
const TEXT_SHARE = 230 / 256;
/** With fewer bytes, counts per value are meaningless. */
const ENOUGH_TO_COUNT = 1024;
/** Threshold of the chi-squared statistic for 256 values (mean 255): random bytes exceed it with a probability below 1 in a billion. */
const UNEVEN = 436;
/** Up to this many bytes belong to a character that the end of the sample cuts off. */
const CUT_CHARACTER_BYTES = 3;

/**
 * How unlikely it is, in bits, that random bytes (what a wrong key yields) start like this: magic bytes, text (possibly with a few control characters), or
 * bytes of very uneven frequency. 0 does not prove a wrong key: the content may be of an unknown type.
 * @param first the start of the decrypted data; more is better, and 4 KiB is enough.
 */
export function evidenceOf(first: Buffer): number {
  // the end of a damaged file may be repetitive under any key, so the whole counts for less than its start
  const whole = Math.max(bitsOfText(first), bitsOfUtf8(first), isUneven(first) ? PROOF_BITS : 0);
  const bits = Math.max(bitsOfMagic(first), bitsOfAscii(first.subarray(0, OPENING_BYTES)), Math.min(whole, PROOF_BITS));
  return bits < NOISE_BITS ? 0 : bits;
}

/** Compression, pg_dump’s custom format, zip, tar, and nested encryption. */
function bitsOfMagic(first: Buffer): number {
  const compression = recogniseCompression(first);
  if (compression !== 'none') return compression === 'gzip' ? PROOF_BITS : LONG_MAGIC_BITS;
  const begins = first.toString('latin1', 0, 8);
  if (begins.startsWith('PGDMP') || begins.startsWith('PK\u0003\u0004') || begins === 'Salted__')
    return LONG_MAGIC_BITS;
  if (isTarHeader(first) || first.toString('latin1', 257, 262) === 'ustar') return LONG_MAGIC_BITS;
  return openpgp.recognise(first) ? OPENPGP_BITS : 0;
}

function bitsOfAscii(bytes: Buffer): number {
  let printable = 0;
  let run = 0;
  for (const [at, byte] of bytes.entries()) {
    if (!isText(byte) || byte > 126) continue;
    printable += 1;
    if (printable === at + 1) run = printable;
  }
  return Math.max(bitsOf(printable, bytes.length, ASCII_SHARE), bitsOf(run, run, ASCII_SHARE));
}

function bitsOfText(bytes: Buffer): number {
  const count = bytes.reduce((sum, byte) => sum + (isText(byte) ? 1 : 0), 0);
  return Math.max(bitsOf(count, bytes.length, TEXT_SHARE), bitsOfAscii(bytes));
}

/** At most half of all random sequences of each length are UTF-8 without control characters. */
function bitsOfUtf8(bytes: Buffer): number {
  if (!bytes.every(isText)) return 0;
  for (let cut = 0; cut <= CUT_CHARACTER_BYTES; cut += 1) {
    const end = bytes.length - cut;
    if (end > 0 && isUtf8(bytes.subarray(0, end))) return end;
  }
  return 0;
}

function isText(byte: number): boolean {
  return byte >= 32 || (byte >= 9 && byte <= 13) || byte === 27;
}

/** Chernoff’s bound on the probability of `count` or more hits among `total` bytes, each a hit with probability `share`. */
function bitsOf(count: number, total: number, share: number): number {
  const seen = count / total;
  if (total === 0 || seen <= share) return 0;
  const misses = seen === 1 ? 0 : (1 - seen) * Math.log2((1 - seen) / (1 - share));
  return total * (seen * Math.log2(seen / share) + misses);
}

function isUneven(bytes: Buffer): boolean {
  if (bytes.length < ENOUGH_TO_COUNT) return false;
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  const expected = bytes.length / 256;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0) > UNEVEN;
}
