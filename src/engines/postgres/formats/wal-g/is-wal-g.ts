import type { BackupContent } from '../../../../backup/content.ts';

/** `part_001.tar.lz4`, `pg_control.tar.lz4`, `backup_label.tar.lz4`, and no extension without compression. */
export const TAR_PARTITION = /^tar_partitions\/((?:part_\d{1,9}|pg_control|backup_label)\.tar(?:\.(\w*))?)$/;
/** A full backup, and one that holds what changed since another: `base_…_D_…`. */
export const BACKUP_NAME = /(?:^|\/)base_([0-9A-F]{24})(_D_[0-9A-F]{24})?(?:_[0-9A-F]+)?\/$/;

/** Its first group is what the tool puts everything of one server under; the log is in `wal_005/`. */
export const SERVER_PLACE = /^(.*?)(?:^|(?<=\/))basebackups_005\/[^/]+\/$/s;

/** By the names of its files alone. */
export function isWalG(content: BackupContent): boolean {
  if (content.kind !== 'directory' || !content.members.has('metadata.json')) return false;
  return [...content.members.keys()].some((name) => TAR_PARTITION.test(name));
}
