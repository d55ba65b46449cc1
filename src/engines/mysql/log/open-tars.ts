import type { DrillError } from '../../../support/errors.ts';
import { isTarName } from '../../../support/tar-name.ts';
import type { LogArchive, LogFile } from '../../format.ts';
import { isLogName, type PlacedFile } from './log-names.ts';

export interface OpenedTars {
  readonly archive: LogArchive;
  /** What is wrong with a tar, so that files may be missing. */
  readonly damage: DrillError | undefined;
}

/**
 * Finds the logs in the tars of an archive, each of which is read once for that; nothing of them is held.
 * @returns the archive with these files in place of the tars. @throws DrillError what reading the archive throws.
 */
export async function openTars(archive: LogArchive, signal: AbortSignal): Promise<OpenedTars> {
  const files: PlacedFile[] = [];
  let damage: DrillError | undefined;
  for (const file of archive.files) {
    if (!archive.listTar || !isTarName(file.key)) {
      files.push(file);
      continue;
    }
    const tar = await archive.listTar(file, isLogName, signal);
    files.push(...place(tar.files));
    damage ??= tar.damage;
  }
  return { archive: { ...archive, files }, damage };
}

/** The folders that all of a tar's logs are in say how it was packed, not which server they are of. */
function place(members: readonly LogFile[]): readonly PlacedFile[] {
  const folders = members.map(({ member = '' }) => member.split('/').slice(0, -1));
  const [first = []] = folders;
  const differs = first.findIndex((folder, index) => folders.some((other) => other[index] !== folder));
  const shared = differs < 0 ? first.length : differs;
  return members.map((file) => {
    const { key, member = '' } = file;
    return { ...file, path: key.slice(0, key.lastIndexOf('/') + 1) + member.split('/').slice(shared).join('/') };
  });
}
