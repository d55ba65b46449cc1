import type { BackupContent, DirectoryContent } from '../../../../backup/content.ts';
import type { BackupFormat, OpenBackup } from '../../../format.ts';
import { filesBackup } from '../../files-backup.ts';
import { isRepository, snapshotIn } from './named-snapshot.ts';
import { LOCK, restoreRestic } from './restore-restic.ts';

export const resticFormat: BackupFormat = {
  recognise: (content) => {
    const named = snapshotIn(content);
    const { inSource } = content;
    if (named && inSource) {
      const { id, root } = named;
      // all of it is read, because packs do not record which snapshots need them
      const readFiles = inSource.files.filter(({ key }) => key.startsWith(root) && !LOCK.test(key.slice(root.length)));
      return async () =>
        open(content, { repository: () => ({ ...inSource.openDirectory(root), inSource }), id, readFiles });
    }
    if (content.kind !== 'directory' || !isRepository(content)) return undefined;
    return async () => open(content, { repository: () => content, id: undefined, readFiles: undefined });
  },
};

function open(
  { backup, meter }: BackupContent,
  {
    repository,
    id,
    readFiles,
  }: {
    readonly repository: () => DirectoryContent;
    /** The snapshot that the drill chose; undefined: restic's list decides. */
    readonly id: string | undefined;
    readonly readFiles: OpenBackup['readFiles'];
  },
): OpenBackup {
  return filesBackup({
    format: id === undefined ? 'restic repository' : 'restic snapshot',
    key: backup.key,
    tool: 'restic',
    tools: ['restic'],
    meter,
    isRepository: true,
    ...(readFiles && { readFiles }),
    restore: (site) => restoreRestic(repository(), site, { key: backup.key, id }),
  });
}
