import type { BackupContent } from '../../backup/content.ts';
import type { EngineBackup } from '../engine.ts';
import { refuseUnreadable } from '../foreign-content.ts';
import { archiveBackup } from './formats/archive/archive-backup.ts';
import { isArchive } from './formats/archive/archive-toc.ts';
import { findCustomToc, findDirectoryToc, findTarToc } from './formats/archive/find-toc.ts';
import { isTar } from './formats/archive/tar-members.ts';
import { plainBackup } from './formats/plain-sql/plain-backup.ts';
import { looksLikeSql, unrecognised } from './recognise.ts';

/** Recognises a backup by its content and reads its header. Throws as the engine's contract says. */
export async function inspectBackup(content: BackupContent, signal: AbortSignal): Promise<EngineBackup> {
  signal.throwIfAborted();
  if (content.kind === 'directory') {
    return archiveBackup(content, await findDirectoryToc(content, signal), 'pg_dump directory');
  }
  const { head } = content;
  const { key } = content.backup;
  const packed = content.compression === 'none' ? '' : ` (${content.compression})`;
  refuseUnreadable(key, head, 'pg_dump');
  if (isArchive(head))
    return archiveBackup(content, await findCustomToc(content, signal), `pg_dump custom archive${packed}`);
  if (isTar(head)) {
    return archiveBackup(content, await findTarToc(content, signal), `pg_dump tar${packed}`);
  }
  if (looksLikeSql(head)) return plainBackup(content, `plain SQL dump${packed}`);
  throw unrecognised(key, head);
}
