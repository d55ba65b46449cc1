import type { DirectoryContent } from '../../../../backup/content.ts';
import type { BackupFormat } from '../../../format.ts';
import { filesBackup } from '../../files-backup.ts';
import { restoreBorg } from './restore-borg.ts';

export const borgFormat: BackupFormat = {
  recognise: (content) => {
    if (content.kind !== 'directory' || !isBorg(content)) return undefined;
    return async () =>
      filesBackup({
        format: 'Borg repository',
        key: content.backup.key,
        tool: 'borg',
        tools: ['borg'],
        meter: content.meter,
        isRepository: true,
        restore: (site) => restoreBorg(content, site),
      });
  },
};

function isBorg({ members }: DirectoryContent): boolean {
  return members.has('config') && [...members.keys()].some((name) => /^data\/\d+\/\d+$/.test(name));
}
