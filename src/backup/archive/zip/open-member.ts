import { constants, inflateRawSync } from 'node:zlib';
import { DrillError } from '../../../support/errors.ts';
import type { ByteReader } from '../../compression/byte-reader.ts';
import { recogniseCompression } from '../../compression/decompress.ts';
import { evidenceOf, PROOF_BITS } from '../../decryption/evidence.ts';
import { type BackupKey, type KeyRing, PASSPHRASE } from '../../layer.ts';
import type { CompressedBytes } from './inflate.ts';
import { exactly, type LocalHeader } from './local-header.ts';
import { DEFLATED, FILES } from './methods.ts';
import { Portion, takeUpTo } from './portion.ts';
import type { StreamCipher } from './stream-cipher.ts';
import { type AesField, CODE_BYTES, VERIFIER_BYTES, ZipAes } from './zip-aes.ts';
import { ZipCrypto } from './zip-crypto.ts';

export interface OpenedMember {
  readonly content: CompressedBytes;
  /** Call after the content was read. @returns whether it is unchanged since encryption; always true if the encryption cannot tell. */
  readonly isAuthentic: () => Promise<boolean>;
  /** The key was confirmed by more than one byte, so nonsensical content means damage, not a wrong key. */
  readonly isKeyProven: boolean;
}

export interface MemberKeys {
  /** Identifies the backup in errors. */
  readonly key: string;
  readonly keys: KeyRing;
}

/** Random bytes before a member's content. */
const CRYPTO_HEADER_BYTES = 12;
/** With a wrong key, deflated data turns invalid within a few hundred bytes; other content needs a larger sample to be distinguished from noise. */
const SAMPLE_BYTES = 4096;
/** Random bytes never inflate to this many before they turn out to be invalid, or end. */
const INFLATED_BYTES = 1024;

/** @returns the decrypted content of a member. Throws `key-missing`, `key-wrong`, and `backup-truncated`. */
export async function openMember(
  reader: ByteReader,
  header: LocalHeader,
  aes: AesField | undefined,
  { key, keys }: MemberKeys,
): Promise<OpenedMember> {
  const named = await keys.read();
  const opened = aes
    ? await openAes(reader, header, aes, named)
    : await openCrypto(reader, header, named, keys.lastUsed);
  if (!opened) throw noKeyOpens(key, named);
  keys.noteUse(PASSPHRASE, opened.isKeyProven ? opened.opener : undefined);
  return opened;
}

interface Opener {
  readonly opener: BackupKey;
}

async function openAes(
  reader: ByteReader,
  { storedBytes }: LocalHeader,
  { keyBytes, method }: AesField,
  keys: readonly BackupKey[],
): Promise<(OpenedMember & Opener) | undefined> {
  const salt = await exactly(reader, keyBytes / 2);
  const verifier = await exactly(reader, VERIFIER_BYTES);
  const make = (key: BackupKey) => new ZipAes(Buffer.from(key.text), salt, keyBytes);
  const able = keys.filter((key) => make(key).isVerifiedBy(verifier));
  const besideBytes = salt.length + VERIFIER_BYTES + CODE_BYTES;
  const portion = storedBytes === undefined ? reader : new Portion(reader, Math.max(storedBytes - besideBytes, 0));
  // two bytes have already confirmed the password, so nonsensical content is damaged
  const opener = (await choose(able, make, portion, method))?.opener ?? able[0];
  if (!opener) return undefined;
  const cipher = make(opener);
  const content = new Decrypted(portion, cipher);
  const isAuthentic = async () => {
    content.finish();
    return cipher.isAuthenticatedBy(await exactly(reader, CODE_BYTES));
  };
  return { opener, content, isAuthentic, isKeyProven: true };
}

async function openCrypto(
  reader: ByteReader,
  { storedBytes, hasDescriptor, time, crc, method }: LocalHeader,
  keys: readonly BackupKey[],
  lastUsed: BackupKey | undefined,
): Promise<(OpenedMember & Opener) | undefined> {
  const start = await exactly(reader, CRYPTO_HEADER_BYTES);
  const last = hasDescriptor ? time >>> 8 : crc >>> 24;
  const make = (key: BackupKey) => {
    const cipher = new ZipCrypto(Buffer.from(key.text));
    return { cipher, isLikely: cipher.decrypt(start).at(-1) === last };
  };
  const able = keys.filter((key) => make(key).isLikely);
  const portion = storedBytes === undefined ? reader : new Portion(reader, Math.max(storedBytes - start.length, 0));
  const chosen = await choose(able, (one) => make(one).cipher, portion, method, lastUsed);
  if (!chosen) return undefined;
  const { opener, isKeyProven } = chosen;
  return { opener, isKeyProven, content: new Decrypted(portion, make(opener).cipher), isAuthentic: async () => true };
}

/**
 * A short check value lets some wrong passwords through. Of those that pass, chooses the one that the content proves, else the one that opened another member,
 * else the likeliest.
 * @returns undefined when the content makes no sense with any of them.
 */
async function choose(
  able: readonly BackupKey[],
  make: (key: BackupKey) => StreamCipher,
  content: CompressedBytes,
  method: number,
  lastUsed?: BackupKey,
): Promise<(Opener & Pick<OpenedMember, 'isKeyProven'>) | undefined> {
  if (able.length === 0) return undefined;
  const sample = await takeUpTo(content, SAMPLE_BYTES);
  content.putBack(sample);
  const likely = able
    .map((opener) => ({ opener, evidence: evidenceOfContent(make(opener).decrypt(sample), method) }))
    .filter((one): one is Opener & { readonly evidence: number } => one.evidence !== undefined)
    .toSorted((one, other) => other.evidence - one.evidence);
  const [best] = likely;
  if (!best) return undefined;
  if (best.evidence >= PROOF_BITS) return { opener: best.opener, isKeyProven: true };
  const used = likely.find(({ opener }) => opener === lastUsed);
  return { opener: (used ?? best).opener, isKeyProven: used !== undefined };
}

/** @returns bits, like {@link evidenceOf}; undefined if the method cannot have written this. */
function evidenceOfContent(sample: Buffer, method: number): number | undefined {
  const file = FILES.get(method);
  if (file) return recogniseCompression(sample) === file ? PROOF_BITS : undefined;
  if (method !== DEFLATED) return evidenceOf(sample);
  const unpacked = inflateSample(sample);
  if (!unpacked) return undefined;
  return unpacked.length >= INFLATED_BYTES ? PROOF_BITS + evidenceOf(unpacked) : evidenceOf(unpacked);
}

/** @returns undefined when it is not deflated. */
function inflateSample(sample: Buffer): Buffer | undefined {
  try {
    return inflateRawSync(sample, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return undefined; // the only thing that it throws is that the data is invalid
  }
}

/** Yields decrypted bytes. Bytes that are put back go back encrypted, and are not read through this object again. */
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

  /** Call once nothing more will be put back. */
  finish(): void {
    this.#cipher.authenticate?.(this.#last);
    this.#last = Buffer.alloc(0);
  }
}

/** The error for content that does not match its checksum when only one byte of the password could be verified. */
export function unprovenKey(key: string, name: string): DrillError {
  return new DrillError(
    'key-wrong',
    `${name} in the zip archive ${key}, decrypted with the password, does not match its checksum; only one byte of the password could be checked before`,
    {
      hint: 'Compare the password in `backup.keys` with the backup job’s. If it is right, the file is damaged.',
    },
  );
}

function noKeyOpens(key: string, keys: readonly BackupKey[]): DrillError {
  const tried = keys.map(({ name }) => name).join(', ');
  return new DrillError('key-wrong', `none of the keys is the password of the zip archive ${key} (tried: ${tried})`, {
    hint: 'Compare the password in `backup.keys` with the backup job’s. If it is right, the beginning of the file is damaged.',
  });
}
