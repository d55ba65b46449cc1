import { constants, inflateRawSync } from 'node:zlib';
import { DrillError } from '../../../support/errors.ts';
import type { ByteReader } from '../../compression/byte-reader.ts';
import { type BackupKey, type KeyRing, PASSPHRASE } from '../../layer.ts';
import type { CompressedBytes } from './inflate.ts';
import { exactly, type LocalHeader } from './local-header.ts';
import { Portion, takeUpTo } from './portion.ts';
import type { StreamCipher } from './stream-cipher.ts';
import { type AesField, CODE_BYTES, VERIFIER_BYTES, ZipAes } from './zip-aes.ts';
import { ZipCrypto } from './zip-crypto.ts';

export interface OpenedMember {
  readonly content: CompressedBytes;
  /** To be called behind the content. @returns whether it is as it was encrypted, where the kind of encryption can tell. */
  readonly isAuthentic: () => Promise<boolean>;
}

export interface MemberKeys {
  /** Names the backup in errors. */
  readonly key: string;
  readonly keys: KeyRing;
}

/** Random bytes that stand before a member's content. */
const CRYPTO_HEADER_BYTES = 12;
/** What a wrong key makes of deflated data is invalid within some hundred bytes. */
const SAMPLE_BYTES = 1024;
const DEFLATED = 8;

/** @returns the decrypted content of a member. Throws `key-missing`, `key-wrong`, and `backup-truncated`. */
export async function openMember(
  reader: ByteReader,
  header: LocalHeader,
  aes: AesField | undefined,
  { key, keys }: MemberKeys,
): Promise<OpenedMember> {
  const named = await keys.read();
  const opened = aes ? await openAes(reader, header, aes, named) : await openCrypto(reader, header, named);
  if (!opened) throw noKeyOpens(key, named);
  keys.noteUse(PASSPHRASE);
  return opened;
}

async function openAes(
  reader: ByteReader,
  { storedBytes }: LocalHeader,
  { keyBytes, method }: AesField,
  keys: readonly BackupKey[],
): Promise<OpenedMember | undefined> {
  const salt = await exactly(reader, keyBytes / 2);
  const verifier = await exactly(reader, VERIFIER_BYTES);
  const make = (password: Buffer) => new ZipAes(password, salt, keyBytes);
  const able = keys.map(passwordOf).filter((password) => make(password).isVerifiedBy(verifier));
  const besideBytes = salt.length + VERIFIER_BYTES + CODE_BYTES;
  const portion = storedBytes === undefined ? reader : new Portion(reader, Math.max(storedBytes - besideBytes, 0));
  // two bytes have told already that the password is right: content that makes no sense is damaged
  const password = (await choose(able, make, portion, method)) ?? able[0];
  if (!password) return undefined;
  const cipher = make(password);
  const content = new Decrypted(portion, cipher);
  const isAuthentic = async () => {
    content.finish();
    return cipher.isAuthenticatedBy(await exactly(reader, CODE_BYTES));
  };
  return { content, isAuthentic };
}

async function openCrypto(
  reader: ByteReader,
  { storedBytes, hasDescriptor, time, crc, method }: LocalHeader,
  keys: readonly BackupKey[],
): Promise<OpenedMember | undefined> {
  const start = await exactly(reader, CRYPTO_HEADER_BYTES);
  const last = hasDescriptor ? time >>> 8 : crc >>> 24;
  const make = (password: Buffer) => {
    const cipher = new ZipCrypto(password);
    return { cipher, isLikely: cipher.decrypt(start).at(-1) === last };
  };
  const able = keys.map(passwordOf).filter((password) => make(password).isLikely);
  const portion = storedBytes === undefined ? reader : new Portion(reader, Math.max(storedBytes - start.length, 0));
  const password = await choose(able, (one) => make(one).cipher, portion, method);
  return password && { content: new Decrypted(portion, make(password).cipher), isAuthentic: async () => true };
}

/** A short check value lets some wrong passwords through, of which the content makes no sense. */
async function choose(
  passwords: readonly Buffer[],
  make: (password: Buffer) => StreamCipher,
  content: CompressedBytes,
  method: number,
): Promise<Buffer | undefined> {
  if (method !== DEFLATED || passwords.length === 0) return passwords[0];
  const sample = await takeUpTo(content, SAMPLE_BYTES);
  content.putBack(sample);
  return passwords.find((password) => isDeflated(make(password).decrypt(sample)));
}

function isDeflated(sample: Buffer): boolean {
  try {
    inflateRawSync(sample, { finishFlush: constants.Z_SYNC_FLUSH });
    return true;
  } catch {
    return false; // the only thing that it throws is that the data is invalid
  }
}

function passwordOf({ text }: BackupKey): Buffer {
  return Buffer.from(text);
}

/** Passes on decrypted bytes; what is put back is put back as it was, and is not read through this again. */
class Decrypted implements CompressedBytes {
  readonly #source: CompressedBytes;
  readonly #cipher: StreamCipher;
  #last: Buffer = Buffer.alloc(0);

  constructor(source: CompressedBytes, cipher: StreamCipher) {
    this.#source = source;
    this.#cipher = cipher;
  }

  async takeSome(most: number): Promise<Buffer> {
    this.finish();
    this.#last = await this.#source.takeSome(most);
    return this.#cipher.decrypt(this.#last);
  }

  putBack({ length }: Buffer): void {
    const end = this.#last.length - length;
    this.#source.putBack(this.#last.subarray(end));
    this.#last = this.#last.subarray(0, end);
  }

  /** To be called once nothing more is put back. */
  finish(): void {
    this.#cipher.authenticate?.(this.#last);
    this.#last = Buffer.alloc(0);
  }
}

function noKeyOpens(key: string, keys: readonly BackupKey[]): DrillError {
  const tried = keys.map(({ name }) => name).join(', ');
  return new DrillError('key-wrong', `none of the keys is the password of the zip archive ${key} (tried: ${tried})`, {
    hint: 'Compare the password in `backup.keys` with that of the backup job. If it is right, the beginning of the file is damaged.',
  });
}
