import type { BackupContent } from '../../../../backup/content.ts';
import { namesInTar } from '../../../recognition/tar-names.ts';

const TARS = /^base\.tar(?:\.(?:gz|zst|lz4))?$/;
/**
 * Files of a data directory, with any folders above them. A tar of pg_basebackup starts with the label. A tar of a plain directory has its files in any order,
 * and the first may be a log segment, which is longer than the head that is examined.
 */
const OF_DATA_DIRECTORY =
  /^(?:.*\/)?(?:backup_label|global\/(?:pg_control|pg_filenode\.map)|base\/\d+\/(?:PG_VERSION|pg_filenode\.map)|pg_wal\/[0-9A-F]{24}|pg_(?:xact|multixact\/(?:members|offsets))\/[0-9A-F]{4}|pg_logical\/replorigin_checkpoint)$/s;
const IN_TAR_ALONE = /^global\/\d+$/;

/** Decides by file names alone. Source: PostgreSQL's src/backend/backup/basebackup.c, perform_base_backup. */
export function isBaseBackup(content: BackupContent): boolean {
  if (content.kind === 'object')
    return namesInTar(content.head).some((name) => IN_TAR_ALONE.test(name) || isOfDataDirectory(name));
  const { members } = content;
  if (members.has('backup_label') || (members.has('PG_VERSION') && members.has('global/pg_control'))) return true;
  return [...members.keys()].some((name) => TARS.test(name));
}

/** @param name of a file in a tar. @returns whether it shows that the tar contains a data directory, at the top or in a folder. */
export function isOfDataDirectory(name: string): boolean {
  return OF_DATA_DIRECTORY.test(name);
}
