import type { ObjectContent } from '../../../../backup/content.ts';
import { isTarHeader } from '../../../../support/tar-header.ts';
import type { BackupFormat } from '../../../format.ts';
import { filesBackup } from '../../files-backup.ts';
import { restoreTar } from './restore-tar.ts';
import { restoreZip } from './restore-zip.ts';

export const archiveFormat: BackupFormat = {
  recognise: (content) => {
    if (content.kind !== 'object') return undefined;
    if (isTarHeader(content.head)) return async () => openTar(content);
    return isZip(content.head) ? async () => openZip(content) : undefined;
  },
};

function openTar(content: ObjectContent) {
  return filesBackup({
    format: described('tar', content),
    key: content.backup.key,
    tool: 'tar',
    tools: ['tar'],
    meter: content.meter,
    restore: (site) => restoreTar(content, site),
  });
}

function openZip(content: ObjectContent) {
  return filesBackup({
    format: described('zip', content),
    key: content.backup.key,
    tool: 'zip',
    tools: ['unzip'],
    meter: content.meter,
    restore: (site) => restoreZip(content, site),
  });
}

function described(kind: string, { layers }: ObjectContent): string {
  return layers.length === 0 ? kind : `${kind} (${layers.join(' around ')})`;
}

/** A local header, or the end of an archive without members. Source: PKWARE's APPNOTE.TXT, 4.3. */
function isZip(head: Buffer): boolean {
  const first = head.toString('latin1', 0, 4);
  return first === 'PK\u0003\u0004' || first === 'PK\u0005\u0006' || first === 'PK\u0007\u0008';
}
