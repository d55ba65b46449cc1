import type { BackupContent } from '../../../../backup/content.ts';
import type { BackupLabel } from '../../recovery/backup-label.ts';
import type { BackupPart } from '../../recovery/backup-part.ts';
import { findTarParts } from '../../recovery/tar-parts.ts';

/** A base backup whose first files have been read. */
export interface OpenedBaseBackup {
  readonly content: BackupContent;
  /** Undefined for a plain data directory. */
  readonly parts: readonly BackupPart[] | undefined;
  readonly label: BackupLabel;
  /** Files of a server that was shut down, which have no label: the position at which it would start again replaces it. */
  readonly isStopped: boolean;
  readonly major: string;
}

const MEMBER = /^(base|pg_wal|[1-9]\d{0,9})\.tar(?:\.(?:gz|zst|lz4))?$/;

/**
 * The tars of a backup, the data directory first. Other files next to them are not the tool's, and are ignored.
 * @returns undefined for a plain data directory. Throws `backup-corrupt` if there are two tars of the same thing.
 */
export function findParts(content: BackupContent): readonly BackupPart[] | undefined {
  if (content.kind === 'object') {
    const open = async (signal: AbortSignal) => content.stream(signal);
    return [{ name: content.backup.key, into: 'data', compressedWith: undefined, stored: undefined, open }];
  }
  if (content.members.has('backup_label') || content.members.has('PG_VERSION')) return undefined;
  const parts = findTarParts(content, (name) => {
    const stem = MEMBER.exec(name)?.[1];
    return stem === undefined ? undefined : { tar: stem, into: placeOf(stem) };
  });
  return [...parts.values()].toSorted((a, b) => Number(b.into === 'data') - Number(a.into === 'data'));
}

function placeOf(stem: string): BackupPart['into'] {
  if (stem === 'base') return 'data';
  return stem === 'pg_wal' ? 'log' : { tablespace: stem };
}
