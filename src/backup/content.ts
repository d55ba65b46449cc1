import type { Readable } from 'node:stream';
import type { KeyRing } from './layer.ts';
import type { Backup, ReadRange } from './source.ts';

export const COMPRESSIONS = ['none', 'gzip', 'zstd', 'lz4', 'xz', 'bzip2', 'snappy', 'brotli'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

/** Bytes fetched from the store so far; updated by the readers and used for progress. */
export interface TransferMeter {
  bytesRead: number;
  /** How many of them were read for inspection, before reading started over; they do not count as progress. Default: none. */
  bytesBefore?: number;
  /** How many of them were prefetched and not consumed yet. Default: none. */
  bytesWaiting?: number;
  /** Reads in progress at the store; above zero, the run is waiting for bytes. */
  readsUnderWay?: number;
}

/**
 * A chosen backup, opened for reading, with compression and encryption detected by content and removed. Engines read backups only through this interface, and
 * know neither stores nor keys.
 * - `head` is up to 1 MiB of unwrapped content and costs no second request, because `stream` replays it.
 * - A stream that finds damage is destroyed with a DrillError (`backup-truncated`, `backup-corrupt`, `backup-changed`, …), never ended early.
 */
export type BackupContent = ObjectContent | DirectoryContent;

/** Removes one layer of compression from a stream; errors name `key`. Destroying either end destroys the other. */
export type Decompress = (compression: Compression, input: Readable, key: string) => Readable;

export interface Unchecked {
  readonly encryption: string;
  /** Nothing confirms that the key is right. The content may still be of an unknown type. */
  readonly looksRandom: boolean;
}

export interface ObjectContent {
  readonly kind: 'object';
  readonly backup: Backup;
  /** Encryption and compression layers, outermost first: `age`, `zstd`. Empty: stored as is. */
  readonly layers: readonly string[];
  /** Set when the innermost layer is an encryption that yields random bytes for a wrong key, see `Layer.isUnchecked`. */
  readonly unchecked?: Unchecked | undefined;
  readonly head: Buffer;
  readonly meter: TransferMeter;
  /** The whole unwrapped content, by parallel ranged reads with bounded memory. May be called again; each call reads from the start. */
  stream(signal: AbortSignal): Readable;
  /** For content with compressed parts inside, such as members of a tar. */
  readonly decompress: Decompress;
  /** The rest of the backup's source; undefined if the backup is opened on its own. */
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
  /** Members by the name that the dump tool gave them, relative to the directory. */
  readonly members: ReadonlyMap<string, Member>;
  /** Layers that a job added to the members after the dump, outermost first; known once one member has been read. */
  readonly layers: readonly string[];
  /** The bytes of one member as the dump tool wrote them, with its own compression (tools read members by their own extension). */
  stream(name: string, signal: AbortSignal): Readable;
  /** The content of one member, with its layers detected by the first bytes and removed; for engines that read members themselves. */
  streamUnwrapped(name: string, signal: AbortSignal): Promise<Readable>;
  /** For engines that pass on a member as stored while also reading its content. */
  readonly decompress: Decompress;
  /** The rest of the backup's source; undefined if the backup is opened on its own. */
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
 * Everything that was listed in the source when the backup was chosen, for formats that need more than the backup's own files: earlier backups that it builds
 * on, or the archived log next to it.
 */
export interface SourceFiles {
  /** For messages: `s3://acme-backups/orders/`. */
  readonly description: string;
  /** In any order, the backup's own files included. */
  readonly files: readonly ListedFile[];
  /**
   * Opens everything below a key that ends with `/` as another directory. It shares the backup's meter, and is closed with it.
   * @throws DrillError `backup-corrupt` when nothing is there.
   */
  openDirectory(key: string): DirectoryContent;
  /**
   * The content of one file, with its compression and encryption removed, of at most 1 GiB. Not counted by the backup's meter.
   * @param keys used instead of the drill's, for tools that encrypt files with keys stored in another file.
   * @throws DrillError whatever the source throws, `backup-truncated`, `backup-corrupt`, `log-damaged` for a longer one.
   */
  read(file: ListedFile, signal: AbortSignal, keys?: KeyRing): Promise<Buffer>;
  /** As {@link read}, as a stream. */
  streamUnwrapped(file: ListedFile, signal: AbortSignal, keys?: KeyRing): Promise<Readable>;
  /** One file as stored. Counted by the backup's meter. */
  stream(file: ListedFile, signal: AbortSignal): Readable;
  /**
   * A byte range of one file as stored, from `start` up to, but not including, `end`: for data that tools write last. Not counted by the backup's meter.
   * Absent where a range costs as much as the whole file.
   */
  readRange?(file: ListedFile, range: ReadRange, signal: AbortSignal): Promise<Buffer>;
  /** Part of a file as stored, in one request. Counted by the backup's meter. Absent where a part costs as much as the whole file. */
  readonly streamPart?: (file: ListedFile, range: ReadRange, signal: AbortSignal) => Readable;
  /** The keys that the drill names, for tools that do their own encryption. Call `noteUse` for a key that opened the backup. */
  readonly keys: KeyRing;
}
