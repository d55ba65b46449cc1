import type { BackupContent } from '../../../../backup/content.ts';

/** `part_001.tar.lz4`, `pg_control.tar.lz4`, `backup_label.tar.lz4`; without compression there is no second extension. */
export const TAR_PARTITION = /^tar_partitions\/((?:part_\d{1,9}|pg_control|backup_label)\.tar(?:\.(\w*))?)$/;
/** A full backup, or one with only the changes since another: `base_…_D_…`. */
export const BACKUP_NAME = /(?:^|\/)base_([0-9A-F]{24})(_D_[0-9A-F]{24})?(?:_[0-9A-F]+)?\/$/;

/** The first group is the tool's directory for one server; the log is in `wal_005/`. */
export const SERVER_PLACE = /^(.*?)(?:^|(?<=\/))basebackups_005\/[^/]+\/$/s;

/** Decides by file names alone. */
export function isWalG(content: BackupContent): boolean {
  if (content.kind !== 'directory' || !content.members.has('metadata.json')) return false;
  return [...content.members.keys()].some((name) => TAR_PARTITION.test(name));
}
