import type { Readable } from 'node:stream';
import type { Backup } from './source.ts';

export const COMPRESSIONS = ['none', 'gzip', 'zstd', 'lz4', 'xz', 'bzip2'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

/** Bytes fetched from the store so far; read by progress, written by the readers. */
export interface TransferMeter {
  bytesRead: number;
  /** Reads that the store has not answered to their end: above zero, bytes are being waited for. */
  readsUnderWay?: number;
}

/**
 * A chosen backup, opened for reading, compression already recognised by content and peeled off.
 * Engines read backups only through this: they know neither stores nor compression.
 * - `head` is the first at most 1 MiB of decompressed content and costs no second request: `stream` replays it.
 * - A stream that meets damage is destroyed with a DrillError (`backup-truncated`, `backup-corrupt`, `backup-changed`, …), never ended early.
 */
export type BackupContent = ObjectContent | DirectoryContent;

/** Peels one layer of compression off a stream; errors name `key`. Destroying either end destroys the other. */
export type Decompress = (compression: Compression, input: Readable, key: string) => Readable;

export interface ObjectContent {
  readonly kind: 'object';
  readonly backup: Backup;
  readonly compression: Compression;
  readonly head: Buffer;
  readonly meter: TransferMeter;
  /** The whole decompressed content from its first byte; may be called again (each call reads anew). Ranged parallel reads, bounded memory. */
  stream(signal: AbortSignal): Readable;
  /** For what is compressed inside: members of a tar. */
  readonly decompress: Decompress;
  /** Ends whatever was prefetched and not used. */
  close(): void;
}

export interface DirectoryContent {
  readonly kind: 'directory';
  readonly backup: Backup;
  readonly meter: TransferMeter;
  /** Members by their name relative to the directory, sizes as stored. */
  readonly members: ReadonlyMap<string, { readonly sizeBytes: number }>;
  /** The stored bytes of one member, *not* decompressed (tools read members by their own extension). */
  stream(name: string, signal: AbortSignal): Readable;
  /** The content of one member, its compression recognised by its first bytes and peeled off; for engines that read members themselves. */
  streamDecompressed(name: string, signal: AbortSignal): Promise<Readable>;
  /** For engines that hand on a member as it is stored and look into it meanwhile. */
  readonly decompress: Decompress;
  close(): void;
}
