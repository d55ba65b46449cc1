import type { DirectoryContent } from '../../../../backup/content.ts';
import type { BackupFormat } from '../../../format.ts';
import { filesBackup } from '../../files-backup.ts';
import { restoreRestic } from './restore-restic.ts';

export const resticFormat: BackupFormat = {
  recognise: (content) => {
    if (content.kind !== 'directory' || !isRestic(content)) return undefined;
    return async () =>
      filesBackup({
        format: 'restic repository',
        key: content.backup.key,
        tool: 'restic',
        tools: ['restic'],
        meter: content.meter,
        isRepository: true,
        restore: (site) => restoreRestic(content, site),
      });
  },
};

function isRestic({ members }: DirectoryContent): boolean {
  return members.has('config') && [...members.keys()].some((name) => name.startsWith('keys/'));
}
