import type { ObjectContent } from '../../../../backup/content.ts';
import { describeLayers } from '../../../../backup/layer.ts';
import { DrillError } from '../../../../support/errors.ts';
import { haveLineEndingsChanged, LINE_ENDING_HINT } from '../../../../support/line-endings.ts';
import type { BackupFormat, OpenBackup } from '../../../format.ts';
import { archiveBackup } from './archive-backup.ts';
import { isArchive } from './archive-toc.ts';
import { findCustomToc, findDirectoryToc, findTarToc } from './find-toc.ts';
import { isPgDumpFile } from './pg-dump-file.ts';
import { isTar } from './tar-members.ts';

/** Every tar and directory is examined, so that one whose table of contents is missing is reported as such. */
export const archiveFormat: BackupFormat = {
  recognise: (content) => {
    if (content.kind === 'directory')
      return async (signal) => {
        const toc = await findDirectoryToc(content, signal);
        return archiveBackup(content, toc, `pg_dump directory${describeLayers(content.layers)}`);
      };
    return isArchive(content.head) || isTar(content.head) ? (signal) => openFile(content, signal) : undefined;
  },
};

async function openFile(content: ObjectContent, signal: AbortSignal): Promise<OpenBackup> {
  const { head, layers, backup } = content;
  if (isPgDumpFile(head) && haveLineEndingsChanged(head)) {
    throw new DrillError(
      'backup-corrupt',
      `${backup.key} is a pg_dump archive whose line endings were changed: each line feed has a carriage return before it`,
      { hint: LINE_ENDING_HINT },
    );
  }
  const packed = describeLayers(layers);
  if (isArchive(head))
    return archiveBackup(content, await findCustomToc(content, signal), `pg_dump custom archive${packed}`);
  return archiveBackup(content, await findTarToc(content, signal), `pg_dump tar${packed}`);
}
