import type { SourceFiles } from '../../../../backup/content.ts';
import type { RecordedBackup } from './backup-info.ts';
import type { RepositoryInfo } from './read-repository.ts';
import type { RepositoryEntry } from './repository-entry.ts';
import type { StagedFile } from './stage-repository.ts';

/** What of a repository a restore needs: the info files, the backup's own files, and those of each backup that it builds on. */
export function findRepositoryFiles(
  { root, stanza, label }: RepositoryEntry,
  { references }: Pick<RecordedBackup, 'references'>,
  { files: infoFiles }: Pick<RepositoryInfo, 'files'>,
  source: Pick<SourceFiles, 'files'>,
): readonly StagedFile[] {
  const directories = [label, ...references].map((one) => `${root}backup/${stanza}/${one}/`);
  const ofBackups = source.files.filter(({ key }) => directories.some((directory) => key.startsWith(directory)));
  return [...infoFiles, ...ofBackups].map((file) => ({ file, name: file.key.slice(root.length) }));
}
