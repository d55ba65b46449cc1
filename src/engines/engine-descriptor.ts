import type { BackupContent } from '../backup/content.ts';
import type { DirectoryLayout } from '../backup/directory-layout.ts';
import type { LocalBinaries } from '../sandbox/local-binaries.ts';
import type { Capability } from './capability.ts';
import type { EngineOptions } from './engine-options.ts';
import type { FormatDescriptor, OpenBackup } from './format.ts';
import type { SqlDescriptor } from './sql-descriptor.ts';

/** Everything about an engine that can be known without loading its code: enough to validate a drill file and to draft one. */
export interface EngineDescriptor<Type extends string = string> {
  /** `engine.type` in a drill file. */
  readonly type: Type;
  /** The product's usual name: `PostgreSQL`. */
  readonly title: string;
  /** The ways in which its restored data can be read; a check that needs another is an error in the drill file. */
  readonly offers: readonly Capability[];
  /** How the local runtime finds its server; undefined if any programs on the host will do. */
  readonly localBinaries?: LocalBinaries;
  /** In the order in which they try to recognise a backup. */
  readonly formats: readonly FormatDescriptor[];
  /** Wording for backups that no format recognises. */
  readonly dumps: DumpWords;
  /** `postgres:17` for `('17')`. */
  imageFor(major: string): string;
  /** The server's user in official images. */
  readonly serverUser: string;
  /** Its own keys in a drill file. Default: none. */
  readonly options?: EngineOptions;
  /** Whether it also restores what looks like a backup of another product: content alone never makes a mismatch. Default: no. */
  readonly takesAnyContent?: boolean;
  /** Set for products that speak SQL. */
  readonly sql?: SqlDescriptor;
  /** For products without SQL: a check that every backup should pass, for drafted drills; undefined to draft none. */
  readonly starterCheck?: { readonly name: string; readonly [key: string]: unknown };
}

export interface DumpWords {
  /** The program that writes most of its backups: `pg_dump`. */
  readonly program: string;
  /** `no pg_dump archive, tar, directory or SQL dump` */
  readonly none: string;
  readonly hint: string;
}

/** An engine, as drills use it. */
export interface Engine
  extends Pick<EngineDescriptor, 'type' | 'title' | 'offers' | 'imageFor' | 'serverUser' | 'sql'> {
  /** Layouts of directories that are one backup, including other products', so that a mismatch can be reported. */
  readonly layouts: readonly DirectoryLayout[];
  /** Whether a tar that starts like this is itself a backup, of any product, rather than an archive of dumps. */
  isTarFormat(first: Buffer): boolean;
  /**
   * Recognises a backup's format by content, and reads its header.
   * @throws DrillError `backup-unrecognised`, `format-unsupported`, `engine-mismatch`, `backup-encrypted`, `backup-empty`, `backup-truncated` and
   * `backup-corrupt`, with what it found instead.
   * @param options the resolved engine-specific keys of the drill file; undefined if there is no drill, or the engine has none.
   */
  inspect(content: BackupContent, signal: AbortSignal, options?: unknown): Promise<OpenBackup>;
}
