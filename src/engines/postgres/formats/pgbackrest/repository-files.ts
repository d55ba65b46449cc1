import type { SourceFiles } from '../../../../backup/content.ts';
import type { RecordedBackup } from './backup-info.ts';
import type { RepositoryInfo } from './read-repository.ts';
import type { RepositoryEntry } from './repository-entry.ts';
import type { StagedFile } from './stage-repository.ts';

/** The files of a repository that a restore needs: the info files, the backup's own files, and those of each backup that it builds on. */
export function findRepositoryFiles(
  { root, stanza, label }: RepositoryEntry,
  { references }: Pick<RecordedBackup, 'references'>,
  { files: infoFiles }: Pick<RepositoryInfo, 'files'>,
  source: Pick<SourceFiles, 'files'>,
): readonly StagedFile[] {
  const labels = new Set([label, ...references]);
  const backups = `${root}backup/${stanza}/`;
  const ofBackups = source.files.filter(({ key }) => {
    const end = key.indexOf('/', backups.length);
    return end > 0 && key.startsWith(backups) && labels.has(key.slice(backups.length, end));
  });
  return [...infoFiles, ...ofBackups].map((file) => ({ file, name: file.key.slice(root.length) }));
}
