import type { Readable } from 'node:stream';
import { DrillError } from '../support/errors.ts';
import type { DirectoryLayout } from './directory-layout.ts';
import type { OpensslSpec } from './openssl-spec.ts';

/** A key that a drill names in `backup.keys`, already read. In memory only: never logged, recorded or passed to another program. */
export interface BackupKey {
  /** Where it was read, for messages: `the variable ORDERS_KEY`. */
  readonly name: string;
  /** An identity file, a passphrase, a private key: each layer recognises its own. */
  readonly text: string;
}

/** The keys of one drill. */
export interface KeyRing {
  /** True when the drill names no key. */
  readonly isEmpty: boolean;
  /** What `openssl enc` was told, for the layer that needs it; undefined: its defaults. */
  readonly openssl?: OpensslSpec | undefined;
  /**
   * Reads every key when first called; later calls return the same.
   * @throws DrillError `key-missing` when one of them cannot be read.
   */
  read(): Promise<readonly BackupKey[]>;
  /**
   * A layer calls it each time that a key has opened the backup.
   * @param fingerprint what is public of the key, as its tool shows it: the recipient `age1…`, the fingerprint of an OpenPGP key. Of a passphrase
   * nothing but {@link PASSPHRASE}.
   * @param key the key itself, from a layer that cannot tell by every file whether a key is the right one.
   */
  noteUse(fingerprint: string, key?: BackupKey): void;
  /** The last key that {@link noteUse} was given. */
  readonly lastUsed?: BackupKey | undefined;
}

/** @returns the same keys for what is stored beside the backup (manifests, logs): a key that opens those is not proven to open the backup. */
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

/** Stands for a passphrase, of which nothing is public. */
export const PASSPHRASE = 'passphrase';

/** Of a drill that names no key. */
export const NO_KEYS: KeyRing = { isEmpty: true, read: async () => [], noteUse: () => undefined };

/** What a drill and its engine say of archives that hold files. */
export interface ArchiveRule {
  /** Which member is the dump: a glob on its name, or on its path where the glob has a `/`. undefined: the only dump in it. */
  readonly member: string | undefined;
  /** Of directories that are one backup. */
  readonly layouts: readonly DirectoryLayout[];
  /** @param first up to 1 MiB of an archive. @returns whether it is a format by itself, which no layer takes apart. */
  readonly isFormat: (first: Buffer) => boolean;
}

export interface LayerContext {
  /** Names the backup in errors. */
  readonly key: string;
  readonly keys: KeyRing;
  /** undefined: archives are left as they are. */
  readonly archives?: ArchiveRule | undefined;
  /** Called by an archive with the name of its member that is read, before the first byte of it; the name is hostile. */
  readonly onMember?: (name: string) => void;
  /** What comes out begins like something that is known, so that a layer without a check of its own refuses all else, see {@link garbage}. */
  readonly mustBeKnown?: boolean;
}

/**
 * Something that a backup is wrapped in: a compression, an encryption, or an archive that holds it among other files. A layer MUST:
 * - recognise itself by its first bytes alone, and nothing that an engine or another layer reads;
 * - stream: hold a bounded number of bytes, whatever the size of the backup;
 * - destroy its output with a DrillError `backup-truncated` or `backup-corrupt` where the data is cut off or damaged, never end it early,
 *   and pass on an error of its input unchanged; destroying either end destroys the other;
 * - put no key, and nothing derived from one, into an error;
 * - call {@link KeyRing.noteUse} with the key that opened it, before the first byte of its output.
 */
export interface Layer {
  readonly kind: 'compression' | 'encryption' | 'archive';
  /** The field's word for it: `gzip`, `age`. */
  readonly name: string;
  /** It has no check of its own: a wrong key gives random bytes, see {@link garbage}. */
  readonly isUnchecked?: true;
  /** @param first the first {@link LAYER_MAGIC_BYTES} bytes, or all that there are. */
  recognise(first: Buffer): boolean;
  /**
   * Removes the layer. Nothing is read before the output is.
   * Errors of an encryption, besides damage: `key-missing`, `key-wrong` when no key opens it, `format-unsupported` for kinds that are not read.
   */
  open(input: Readable, context: LayerContext): Readable;
  /**
   * Where it is the outermost one, of a store that reads any range cheaply: throws early, and without reading the whole, what reading the whole would
   * throw in the end. Missing where nothing but the beginning tells anything.
   * @param read gives the bytes from `start` up to `end`.
   */
  foresee?(
    sizeBytes: number,
    read: (start: number, end: number) => Promise<Buffer>,
    context: LayerContext,
  ): Promise<void>;
}

/** How many leading bytes {@link Layer.recognise} needs at most: a tar's header. */
export const LAYER_MAGIC_BYTES = 512;

/** @returns the layers, given from the outside in, for the words of a format: ` (age around zstd)`, or nothing. */
export function describeLayers(layers: readonly string[]): string {
  return layers.length === 0 ? '' : ` (${layers.join(' around ')})`;
}

/** The error for a backup that is encrypted while the drill names no key that could open it. @param how `age`, `OpenPGP`. */
export function encrypted(key: string, how: string): DrillError {
  return new DrillError('backup-encrypted', `${key} is encrypted with ${how}`, {
    hint: 'Add its key to the drill, for example `backup.keys: [{ env: BACKUP_KEY }]`, or drill the backup before it is encrypted.',
  });
}

/**
 * The error for an encryption that has no check, when what comes out of it is nothing that is known.
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
