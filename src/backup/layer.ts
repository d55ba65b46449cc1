import type { Readable } from 'node:stream';
import { DrillError } from '../support/errors.ts';
import type { DirectoryLayout } from './directory-layout.ts';
import type { OpensslSpec } from './openssl-spec.ts';

/** A key that a drill names in `backup.keys`, already read. In memory only: never logged, recorded or passed to another program. */
export interface BackupKey {
  /** Where the key was read, for messages: `the variable ORDERS_KEY`. */
  readonly name: string;
  /** An identity file, a passphrase, a private key: each layer recognises its own. */
  readonly text: string;
}

/** The keys of one drill. */
export interface KeyRing {
  /** True when the drill names no key. */
  readonly isEmpty: boolean;
  /** Options of `openssl enc`, for the layer that needs them; undefined: the defaults. */
  readonly openssl?: OpensslSpec | undefined;
  /**
   * Reads every key when first called; later calls return the same.
   * @throws DrillError `key-missing` when one of them cannot be read.
   */
  read(): Promise<readonly BackupKey[]>;
  /**
   * Called by a layer each time a key has opened the backup.
   * @param fingerprint the public part of the key, as its tool shows it: the recipient `age1…`, the fingerprint of an OpenPGP key. For a passphrase, only
   * {@link PASSPHRASE}.
   * @param key the key itself, from a layer that cannot confirm the right key with every file.
   */
  noteUse(fingerprint: string, key?: BackupKey): void;
  /** The last key passed to {@link noteUse}. */
  readonly lastUsed?: BackupKey | undefined;
}

/** @returns the same keys for files stored next to the backup (manifests, logs): a key that opens those is not proven to open the backup. */
export function keysBeside(keys: KeyRing): KeyRing {
  let lastUsed: BackupKey | undefined;
  return {
    isEmpty: keys.isEmpty,
    openssl: keys.openssl,
    read: () => keys.read(),
    noteUse: (_, key) => {
      lastUsed = key ?? lastUsed;
    },
    get lastUsed() {
      return lastUsed ?? keys.lastUsed;
    },
  };
}

/** Placeholder for a passphrase, which has no public part. */
export const PASSPHRASE = 'passphrase';

/** Key ring of a drill that names no key. */
export const NO_KEYS: KeyRing = { isEmpty: true, read: async () => [], noteUse: () => undefined };

/** How a drill and its engine treat archives. */
export interface ArchiveRule {
  /** Which member is the dump: a glob for its name, or for its path if the glob contains `/`. undefined: the only dump in the archive. */
  readonly member: string | undefined;
  /** Layouts of directories that are one backup. */
  readonly layouts: readonly DirectoryLayout[];
  /** @param first up to 1 MiB of an archive. @returns whether the archive itself is a backup format, which no layer may unpack. */
  readonly isFormat: (first: Buffer) => boolean;
}

export interface LayerContext {
  /** Identifies the backup in errors. */
  readonly key: string;
  readonly keys: KeyRing;
  /** undefined: archives are not unpacked. */
  readonly archives?: ArchiveRule | undefined;
  /** Called by an archive with the name of the member being read, before its first byte; the name is untrusted. */
  readonly onMember?: (name: string) => void;
  /** The content must start like a known format, so a layer without an integrity check rejects anything else, see {@link garbage}. */
  readonly mustBeKnown?: boolean;
}

/**
 * A layer around a backup: compression, encryption, or an archive that contains it among other files. A layer MUST:
 * - recognise itself by its first bytes alone, and nothing that belongs to an engine or another layer;
 * - stream: buffer a bounded number of bytes, regardless of the backup's size;
 * - destroy its output with a DrillError `backup-truncated` or `backup-corrupt` where the data is cut off or damaged, never end it early, and pass on an error
 *   of its input unchanged; destroying either end destroys the other;
 * - put no key, and nothing derived from one, into an error;
 * - call {@link KeyRing.noteUse} with the key that opened it, before the first byte of its output.
 */
export interface Layer {
  readonly kind: 'compression' | 'encryption' | 'archive';
  /** The common name: `gzip`, `age`. */
  readonly name: string;
  /** Has no integrity check: a wrong key yields random bytes, see {@link garbage}. */
  readonly isUnchecked?: true;
  /** @param first the first {@link LAYER_MAGIC_BYTES} bytes, or fewer if the input is shorter. */
  recognise(first: Buffer): boolean;
  /**
   * Removes the layer. Reads nothing until the output is read. Errors of an encryption, besides damage: `key-missing`, `key-wrong` when no key opens it,
   * `format-unsupported` for unsupported variants.
   */
  open(input: Readable, context: LayerContext): Readable;
  /**
   * For the outermost layer, in a store with cheap range reads: throws early the error that a full read would eventually throw, without reading everything.
   * Absent where only the first bytes are informative.
   * @param read returns the bytes from `start` up to, but not including, `end`.
   */
  foresee?(
    sizeBytes: number,
    read: (start: number, end: number) => Promise<Buffer>,
    context: LayerContext,
  ): Promise<void>;
}

/** How many leading bytes {@link Layer.recognise} needs at most: a tar's header. */
export const LAYER_MAGIC_BYTES = 512;

/** @returns the layers, given outermost first, as a suffix for a format's name: ` (age around zstd)`, or an empty string. */
export function describeLayers(layers: readonly string[]): string {
  return layers.length === 0 ? '' : ` (${layers.join(' around ')})`;
}

/** The error for an encrypted backup when the drill names no key that could open it: `backup-encrypted`. */
export class EncryptedError extends DrillError {
  /** What it is encrypted with: `age`, `OpenPGP`. */
  readonly encryption: string;

  constructor(key: string, encryption: string, options: { readonly hint: string; readonly cause?: unknown }) {
    super('backup-encrypted', `${key} is encrypted with ${encryption}`, options);
    this.encryption = encryption;
  }
}

/** The error of a layer without a key. @param how `age`, `OpenPGP`. */
export function encrypted(key: string, how: string): EncryptedError {
  return new EncryptedError(key, how, {
    hint: 'Add its key to the drill, for example `backup.keys: [{ env: BACKUP_KEY }]`, or drill the backup before it is encrypted.',
  });
}

/**
 * The error for an encryption without an integrity check, when the decrypted data matches no known format.
 * @param tried how it was decrypted, and with which keys.
 */
export function garbage(key: string, how: string, tried: string): DrillError {
  return new DrillError(
    'key-wrong',
    `${key} is encrypted with ${how}, and the decrypted data is not in a known format (${tried}): it was encrypted with another key or other options`,
    {
      hint: 'Compare `backup.keys` and `backup.openssl` with the command of the backup job. If they are the same, the beginning of the file is damaged, or it holds no backup.',
    },
  );
}
