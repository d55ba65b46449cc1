import type { DrillError } from '../../support/errors.ts';

/** An entry of an archive, as its own header describes it. Untrusted until its content has been read. */
export interface ArchiveEntry {
  /** As stored in the archive, with `/` as the separator; never used as a path. */
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link';
  /** Where its content begins in the archive, in bytes. */
  readonly offset: number;
  /** Why the content cannot be read even though the archive itself can. */
  readonly refusal?: DrillError | undefined;
  /**
   * The unpacked content, checked against what the archive records; read it once, to the end. Skipped when not called.
   * Throws DrillError `backup-truncated` or `backup-corrupt`, or what the archive's stream threw.
   */
  read(): AsyncGenerator<Buffer>;
}

/** Human-readable names of the archive types that Firedrill can extract a dump from. */
export type ArchiveName = 'zip' | 'tar';
