import type { BackupContent, DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import type { BackupLabel } from '../../recovery/backup-label.ts';
import type { BackupPart, Unpacker } from '../../recovery/backup-part.ts';

/** A base backup whose first files have been read. */
export interface OpenedBaseBackup {
  readonly content: BackupContent;
  /** Undefined: a plain data directory. */
  readonly parts: readonly BackupPart[] | undefined;
  readonly label: BackupLabel;
  readonly major: string;
}

const MEMBER = /^(base|pg_wal|[1-9]\d{0,9})\.tar(?:\.(gz|zst|lz4))?$/;
const UNPACKERS: Readonly<Record<string, Unpacker>> = { gz: 'gzip', zst: 'zstd', lz4: 'lz4' };

/**
 * The tars of a backup, the data directory first. Files beside them are not the tool's, and are left where they are.
 * @returns undefined for a plain data directory. Throws `backup-corrupt` when there are two tars of the same thing.
 */
export function findParts(content: BackupContent): readonly BackupPart[] | undefined {
  if (content.kind === 'object') {
    const open = async (signal: AbortSignal) => content.stream(signal);
    return [{ name: content.backup.key, into: 'data', compressedWith: undefined, stored: undefined, open }];
  }
  if (content.members.has('backup_label')) return undefined;
  const parts = new Map<string, BackupPart>();
  for (const name of content.members.keys()) {
    const [, stem = '', ending = ''] = MEMBER.exec(name) ?? [];
    if (stem === '') continue;
    const other = parts.get(stem);
    if (other) {
      throw new DrillError('backup-corrupt', `${content.backup.key} holds both ${other.name} and ${name}`, {
        hint: 'Two backups were written into one directory: let the job use a new directory for each backup.',
      });
    }
    parts.set(stem, partOf(content, name, stem, UNPACKERS[ending]));
  }
  return [...parts.values()].toSorted((a, b) => Number(b.into === 'data') - Number(a.into === 'data'));
}

function partOf(
  content: DirectoryContent,
  name: string,
  stem: string,
  compressedWith: Unpacker | undefined,
): BackupPart {
  return {
    name,
    into: stem === 'base' ? 'data' : stem === 'pg_wal' ? 'log' : { tablespace: stem },
    compressedWith,
    stored: (signal) => content.stream(name, signal),
    open: (signal) => content.streamUnwrapped(name, signal),
  };
}
