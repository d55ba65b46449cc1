import type { BackupContent } from '../backup/content.ts';
import type { DirectoryLayout } from '../backup/directory-layout.ts';
import type { LocalBinaries } from '../sandbox/local-binaries.ts';
import type { Capability } from './capability.ts';
import type { EngineOptions } from './engine-options.ts';
import type { FormatDescriptor, OpenBackup } from './format.ts';
import type { SqlDescriptor } from './sql-descriptor.ts';

/** What is known about an engine without loading its code: enough to validate a drill file and to draft one. */
export interface EngineDescriptor<Type extends string = string> {
  /** `engine.type` in a drill file. */
  readonly type: Type;
  /** The product's usual name: `PostgreSQL`. */
  readonly title: string;
  /** The ways in which its restored data is read; a check that needs another is an error in the drill file. */
  readonly offers: readonly Capability[];
  /** How the local runtime finds its server; undefined: its programs are whatever the host has. */
  readonly localBinaries?: LocalBinaries;
  /** In the order in which they are asked whether they recognise a backup. */
  readonly formats: readonly FormatDescriptor[];
  /** Words for backups that none of the formats recognises. */
  readonly dumps: DumpWords;
  /** `postgres:17` for `('17')`. */
  imageFor(major: string): string;
  /** The user that official images have for the server. */
  readonly serverUser: string;
  /** Its own keys in a drill file. Default: none. */
  readonly options?: EngineOptions;
  /** Whether it restores what a backup of another product looks like, too: content alone never makes a mismatch. Default: no. */
  readonly takesAnyContent?: boolean;
  /** Of products that speak SQL. */
  readonly sql?: SqlDescriptor;
  /** Of other products: a check that each of their backups should pass, for drills that Firedrill writes; undefined: it writes none. */
  readonly starterCheck?: { readonly name: string; readonly [key: string]: unknown };
}

export interface DumpWords {
  /** The program that writes most of its backups: `pg_dump`. */
  readonly program: string;
  /** `no pg_dump archive, tar, directory or SQL dump` */
  readonly none: string;
  readonly hint: string;
}

/** An engine, as a drill uses it. */
export interface Engine
  extends Pick<EngineDescriptor, 'type' | 'title' | 'offers' | 'imageFor' | 'serverUser' | 'sql'> {
  /** Of directories that are one backup, other products' included, so that a mismatch can be told. */
  readonly layouts: readonly DirectoryLayout[];
  /** Whether a tar that begins so is a backup by itself, of any product, and no archive of dumps. */
  isTarFormat(first: Buffer): boolean;
  /**
   * Recognises a backup's format by content, and reads its header.
   * @throws DrillError `backup-unrecognised`, `format-unsupported`, `engine-mismatch`, `backup-encrypted`, `backup-empty`, `backup-truncated`
   * and `backup-corrupt`, with what it found instead.
   * @param options what the engine’s own keys in the drill file were resolved to; undefined: there is no drill, or the engine has none.
   */
  inspect(content: BackupContent, signal: AbortSignal, options?: unknown): Promise<OpenBackup>;
}
