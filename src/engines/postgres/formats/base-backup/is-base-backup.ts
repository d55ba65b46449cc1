import type { BackupContent } from '../../../../backup/content.ts';
import { namesInTar } from '../../../recognition/tar-names.ts';

const IN_DIRECTORY = /^(?:backup_label|base\.tar(?:\.(?:gz|zst|lz4))?)$/;
/** The label is what pg_basebackup begins a tar with. A tar of a plain directory has its files in any order. */
const IN_TAR = /^(?:backup_label|global\/(?:\d+|pg_control|pg_filenode\.map)|base\/\d+\/PG_VERSION)$/;

/** By the names of its files alone. Source: PostgreSQL's src/backend/backup/basebackup.c, perform_base_backup. */
export function isBaseBackup(content: BackupContent): boolean {
  if (content.kind === 'object') return namesInTar(content.head).some((name) => IN_TAR.test(name));
  return [...content.members.keys()].some((name) => IN_DIRECTORY.test(name));
}
