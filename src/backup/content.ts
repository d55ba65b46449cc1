import type { Readable } from 'node:stream';
import type { KeyRing } from './layer.ts';
import type { Backup, ReadRange } from './source.ts';

export const COMPRESSIONS = ['none', 'gzip', 'zstd', 'lz4', 'xz', 'bzip2', 'snappy', 'brotli'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

/** Bytes fetched from the store so far; written by the readers, read for progress. */
export interface TransferMeter {
  bytesRead: number;
  /** How many of them were read for a look before the content was read from its start again: they are no progress. Default: none. */
  bytesBefore?: number;
  /** How many of them were read ahead, and wait for whoever reads the content. Default: none. */
  bytesWaiting?: number;
  /** Reads that the store has not completed; above zero, the run is waiting for bytes. */
  readsUnderWay?: number;
}

/**
 * A chosen backup, opened for reading, with its compression and encryption recognised by content and removed.
 * Engines read backups only through this, and know neither stores nor keys.
 * - `head` is up to 1 MiB of unwrapped content and costs no second request, because `stream` replays it.
 * - A stream that finds damage is destroyed with a DrillError (`backup-truncated`, `backup-corrupt`, `backup-changed`, …), never ended early.
 */
export type BackupContent = ObjectContent | DirectoryContent;

/** Removes one layer of compression from a stream; errors name `key`. Destroying either end destroys the other. */
export type Decompress = (compression: Compression, input: Readable, key: string) => Readable;

export interface Unchecked {
  readonly encryption: string;
  /** Nothing shows that the key is the right one. The content may still be of a kind that is not known here. */
  readonly looksRandom: boolean;
}

export interface ObjectContent {
  readonly kind: 'object';
  readonly backup: Backup;
  /** What it is wrapped in, from the outside in: `age`, `zstd`. Empty: stored as it is. */
  readonly layers: readonly string[];
  /** Set when the innermost of them is an encryption that gives random bytes for a wrong key, see `Layer.isUnchecked`. */
  readonly unchecked?: Unchecked | undefined;
  readonly head: Buffer;
  readonly meter: TransferMeter;
  /** The whole unwrapped content, by parallel ranged reads with bounded memory. May be called again; each call reads from the start. */
  stream(signal: AbortSignal): Readable;
  /** For content that is compressed inside, such as members of a tar. */
  readonly decompress: Decompress;
  /** The rest of the backup's source; undefined where it is opened by itself. */
  readonly inSource?: SourceFiles;
  /** Discards prefetched data that was not used. */
  close(): void;
}

export interface Member {
  /** As stored. */
  readonly sizeBytes: number;
  /** As the dump tool wrote it; undefined when a job encrypted or compressed it afterwards. */
  readonly exactBytes: number | undefined;
}

export interface DirectoryContent {
  readonly kind: 'directory';
  readonly backup: Backup;
  readonly meter: TransferMeter;
  /** Members by the name, relative to the directory, that the dump tool gave them. */
  readonly members: ReadonlyMap<string, Member>;
  /** What a job wrapped the members in after the dump, from the outside in; known once one of them has been read. */
  readonly layers: readonly string[];
  /** The bytes of one member as the dump tool wrote them, with its own compression (tools read members by their own extension). */
  stream(name: string, signal: AbortSignal): Readable;
  /** The content of one member, with its layers recognised by its first bytes and removed; for engines that read members themselves. */
  streamUnwrapped(name: string, signal: AbortSignal): Promise<Readable>;
  /** For engines that pass on a member as stored while also reading its content. */
  readonly decompress: Decompress;
  /** The rest of the backup's source; undefined where it is opened by itself. */
  readonly inSource?: SourceFiles;
  close(): void;
}

export interface ListedFile {
  /** As listed. */
  readonly key: string;
  readonly sizeBytes: number;
  /** When it was stored, where that is known. */
  readonly modifiedAt?: Date;
}

/**
 * All that was listed in a backup's source when it was chosen, for formats that need more of it than the backup's own files: earlier backups that it
 * builds on, the log that is archived beside it.
 */
export interface SourceFiles {
  /** For messages: `s3://acme-backups/orders/`. */
  readonly description: string;
  /** In any order, the backup's own files included. */
  readonly files: readonly ListedFile[];
  /**
   * What is below a key that ends with `/`, as another directory. It shares the backup's meter, and is closed with it.
   * @throws DrillError `backup-corrupt` when nothing is there.
   */
  openDirectory(key: string): DirectoryContent;
  /**
   * The content of one file, with its compression and encryption removed, of at most 1 GiB. Not counted by the backup's meter.
   * @param keys in place of the drill's, for a tool whose files are encrypted with keys that another file holds.
   * @throws DrillError what the source throws, `backup-truncated`, `backup-corrupt`, `log-damaged` for a longer one.
   */
  read(file: ListedFile, signal: AbortSignal, keys?: KeyRing): Promise<Buffer>;
  /** As {@link read}, as a stream. */
  streamUnwrapped(file: ListedFile, signal: AbortSignal, keys?: KeyRing): Promise<Readable>;
  /** One file as it is stored. Counted by the backup's meter. */
  stream(file: ListedFile, signal: AbortSignal): Readable;
  /**
   * Some bytes of one file as it is stored, from `start` to before `end`: for what tools write last. Not counted by the backup's meter. Missing where
   * a range costs as much as the whole file.
   */
  readRange?(file: ListedFile, range: ReadRange, signal: AbortSignal): Promise<Buffer>;
  /** Part of a file as it is stored, in one request. Counted by the backup's meter. Missing where a part costs as much as the whole file. */
  readonly streamPart?: (file: ListedFile, range: ReadRange, signal: AbortSignal) => Readable;
  /** The keys that the drill names, for tools that encrypt by themselves. Their `noteUse` says that one opened the backup. */
  readonly keys: KeyRing;
}
