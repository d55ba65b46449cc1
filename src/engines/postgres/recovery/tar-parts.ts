import type { DirectoryContent } from '../../../backup/content.ts';
import { DrillError } from '../../../support/errors.ts';
import type { BackupPart, Unpacker } from './backup-part.ts';

const UNPACKERS: Readonly<Record<string, Unpacker>> = { gz: 'gzip', zst: 'zstd', lz4: 'lz4' };

/**
 * The tars in a directory, identified by a format's naming scheme.
 * @param read parses a name: the tar's name without compression, and where it belongs; undefined for a file that is not the tool's.
 * @returns parts by that name. Throws DrillError `backup-corrupt` if there are two of the same.
 */
export function findTarParts(
  content: DirectoryContent,
  read: (name: string) => { readonly tar: string; readonly into: BackupPart['into'] } | undefined,
): ReadonlyMap<string, BackupPart> {
  const parts = new Map<string, BackupPart>();
  for (const name of content.members.keys()) {
    const found = read(name);
    if (!found) continue;
    const other = parts.get(found.tar);
    if (other) {
      throw new DrillError('backup-corrupt', `${content.backup.key} holds both ${other.name} and ${name}`, {
        hint: 'Two backups were written to one directory: have the job use a new directory for each backup.',
      });
    }
    parts.set(found.tar, {
      name,
      into: found.into,
      compressedWith: UNPACKERS[/\.tar\.(\w+)$/.exec(name)?.[1] ?? ''],
      stored: (signal) => content.stream(name, signal),
      open: (signal) => content.streamUnwrapped(name, signal),
    });
  }
  return parts;
}
