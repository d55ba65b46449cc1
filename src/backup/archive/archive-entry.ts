import type { DrillError } from '../../support/errors.ts';

/** Something in an archive, as its own header states it: hostile, until its content has been read. */
export interface ArchiveEntry {
  /** As in the archive, with `/` between folders; never used as a path. */
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link';
  /** Where its content begins in the archive, in bytes. */
  readonly offset: number;
  /** Why its content cannot be read, although the archive can. */
  readonly refusal?: DrillError | undefined;
  /**
   * Its unpacked content, checked against what the archive says of it; to be read to the end, once. Without a call it is skipped.
   * Throws DrillError `backup-truncated` or `backup-corrupt`, or what the archive's stream threw.
   */
  read(): AsyncGenerator<Buffer>;
}

/** The kinds of archive that Firedrill takes a dump from, in words. */
export type ArchiveName = 'zip' | 'tar';
