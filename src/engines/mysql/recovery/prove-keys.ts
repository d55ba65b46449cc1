import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { KeyFile } from './key-files.ts';

/** How `file_key_management` encrypts pages; a table does not record it. */
export const ALGORITHMS = ['aes_cbc', 'aes_ctr'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** An encrypted page of a table in the full_crc32 format, which distinguishes the right key from a wrong one. */
export interface EncryptedSample {
  /** The table's file, for use in messages; untrusted. */
  readonly file: string;
  /** Number of the key that the table refers to. */
  readonly keyNumber: number;
  /** Combined with that key to derive the table's own key: 16 bytes. */
  readonly seed: Buffer;
  /** Number of the tablespace: the expected result of decryption. */
  readonly space: number;
  readonly page: number;
  /** The page's first 42 bytes. */
  readonly head: Buffer;
}

const SEED_BYTES = 16;
const MAGIC = Buffer.from([0x73, 0x0e, 0x0c, 0x52, 0x45, 0x74]);
/** In bytes: magic 6, scheme 1, length of the seed 1, seed 16, oldest version of the key 4, its number 4. */
export const CRYPT_BYTES = 32;
const LSN_AT = 16;
/** Offset after the readable part of a page. */
const ENCRYPTED_AT = 26;
const SPACE_AT = 34;
const BLOCK_BYTES = 16;

/** Offset, in a tablespace's first page, of the data on how it is encrypted: after the descriptors of its extents. Sources: fsp0types.h, fsp0fsp.h. */
export function cryptOffset(pageSize: number): number {
  const extentPages = pageSize < 16_384 ? 2 ** 20 / pageSize : 64;
  const descriptorBytes = 24 + extentPages / 4;
  return 188 + descriptorBytes * (pageSize / extentPages);
}

/** @param crypt {@link CRYPT_BYTES} of the first page, from {@link cryptOffset}. Source: fil0crypt.cc, `fil_space_read_crypt_data`. */
export function readCryptData(crypt: Buffer): Pick<EncryptedSample, 'keyNumber' | 'seed'> | undefined {
  if (crypt.length < CRYPT_BYTES || !crypt.subarray(0, MAGIC.length).equals(MAGIC) || crypt[7] !== SEED_BYTES)
    return undefined;
  return { seed: crypt.subarray(8, 24), keyNumber: crypt.readUInt32BE(28) };
}

/** Finds the key file and algorithm that decrypt all samples. @returns the file of the first sample that nothing decrypts, if none do. Pure. */
export function chooseKeyFile(
  files: readonly KeyFile[],
  samples: readonly EncryptedSample[],
): { readonly file: KeyFile; readonly algorithm: Algorithm } | { readonly unopened: string } {
  let unopened = samples[0]?.file ?? '';
  for (const file of files)
    for (const algorithm of ALGORITHMS) {
      const closed = samples.find((sample) => !opens(file, sample, algorithm));
      if (!closed) return { file, algorithm };
      if (closed !== samples[0]) unopened = closed.file;
    }
  return { unopened };
}

/**
 * Decrypts the first block of a page, which contains the number of its tablespace. The table's key is its seed, encrypted with the key from the file; the
 * initialization vector is the tablespace, the page and its LSN. Sources: sql/encryption.cc (`scheme_get_key`, `do_crypt`), fil0crypt.cc.
 */
function opens({ keys }: KeyFile, sample: EncryptedSample, algorithm: Algorithm): boolean {
  const key = keys.get(sample.keyNumber);
  if (!key || sample.head.length < ENCRYPTED_AT + BLOCK_BYTES) return false;
  const seal = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
  const own = Buffer.concat([seal.update(sample.seed), seal.final()]);
  const vector = Buffer.alloc(BLOCK_BYTES);
  vector.writeUInt32LE(sample.space, 0);
  vector.writeUInt32LE(sample.page, 4);
  vector.writeBigUInt64LE(sample.head.readBigUInt64BE(LSN_AT), 8);
  const cipher = createDecipheriv(algorithm === 'aes_cbc' ? 'aes-128-cbc' : 'aes-128-ctr', own, vector);
  const plain = cipher.setAutoPadding(false).update(sample.head.subarray(ENCRYPTED_AT, ENCRYPTED_AT + BLOCK_BYTES));
  return plain.readUInt32BE(SPACE_AT - ENCRYPTED_AT) === sample.space;
}
