import type { BackupContent } from '../../../../backup/content.ts';

export const DATA_TAR = /^data(?:_\d{4,})?\.tar(?:\.\w+)?$/;
/** Where the tool stores a backup. */
export const BACKUP_PLACE = /(?:^|\/)base\/\d{8}T\d{6}\/$/;

/** The first group is the tool's directory for one server, `SERVER`: backups are in `SERVER/base/ID/`, the log in `SERVER/wals/`. */
export const SERVER_PLACE = /^(.*?)(?:^|(?<=\/))base\/[^/]+\/$/s;

/** Decides by file names alone: a backup that failed, or consists of snapshots, has no tar. Other tools have a `backup.info` elsewhere. */
export function isBarmanCloud(content: BackupContent): boolean {
  if (content.kind !== 'directory' || !content.members.has('backup.info')) return false;
  return BACKUP_PLACE.test(content.backup.key) || [...content.members.keys()].some((name) => DATA_TAR.test(name));
}
