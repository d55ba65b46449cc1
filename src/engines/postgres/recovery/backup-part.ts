import type { Readable } from 'node:stream';

/** The program that decompresses a part inside the sandbox. */
export type Unpacker = 'gzip' | 'zstd' | 'lz4';

/** One tar of a backup, and where to unpack it. */
export interface BackupPart {
  /** For messages: `nightly/16384.tar.zst`. */
  readonly name: string;
  /** The data directory, its log, or the tablespace with this OID. */
  readonly into: 'data' | 'log' | { readonly tablespace: string };
  /** Whether the data directory is in a folder of the tar, possibly next to other files. Default: the tar is of the directory itself. */
  readonly isInFolder?: boolean;
  /** What the stored bytes are compressed with; undefined if no program in the sandbox can decompress them. */
  readonly compressedWith: Unpacker | undefined;
  /** The stored bytes, for a sandbox that has the program. */
  readonly stored: ((signal: AbortSignal) => Readable) | undefined;
  /** The tar itself. */
  readonly open: (signal: AbortSignal) => Promise<Readable>;
}
