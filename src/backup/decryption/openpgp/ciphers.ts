import { DrillError } from '../../../support/errors.ts';

export interface Cipher {
  /** OpenSSL’s name for it, without the mode. */
  readonly name: string;
  readonly keyBytes: number;
  readonly blockBytes: number;
}

/** By number (RFC 9580, section 9.3) and the library’s name: the ciphers that Node’s OpenSSL supports without its legacy provider. */
const CIPHERS: readonly (readonly [number: number, libraryName: string, cipher: Cipher])[] = [
  [2, 'tripledes', { name: 'des-ede3', keyBytes: 24, blockBytes: 8 }],
  [7, 'aes128', { name: 'aes-128', keyBytes: 16, blockBytes: 16 }],
  [8, 'aes192', { name: 'aes-192', keyBytes: 24, blockBytes: 16 }],
  [9, 'aes256', { name: 'aes-256', keyBytes: 32, blockBytes: 16 }],
];

const OTHERS: readonly (readonly [number: number, libraryName: string, title: string])[] = [
  [1, 'idea', 'IDEA'],
  [3, 'cast5', 'CAST5'],
  [4, 'blowfish', 'Blowfish'],
  [10, 'twofish', 'Twofish'],
  [11, '', 'Camellia'],
  [12, '', 'Camellia'],
  [13, '', 'Camellia'],
];

/** @param which its number, or the library’s name. @returns undefined if it is not a cipher, or not a supported one. */
export function cipherOf(which: number | string): Cipher | undefined {
  return CIPHERS.find(([number, name]) => which === number || which === name)?.[2];
}

/** The error for a backup that uses a known but unsupported cipher; undefined for any other. */
export function refusedCipher(which: number | string, key: string): DrillError | undefined {
  const title = OTHERS.find(([number, name]) => which === number || which === name)?.[2];
  if (title === undefined) return undefined;
  return new DrillError(
    'format-unsupported',
    `${key} is encrypted with OpenPGP in ${title}, which Firedrill does not read`,
    { hint: 'Encrypt it with AES: `gpg --cipher-algo AES256`, the default since GnuPG 2.1.' },
  );
}
