import type { BackupContent } from '../../../../backup/content.ts';
import { namesInTar } from '../../../recognition/tar-names.ts';
import { isStream, namesInStream } from '../../xbstream/mbstream.ts';

export type XtrabackupShape = 'stream' | 'directory' | 'tar';

/** Files that no MariaDB has. */
const OF_MYSQL =
  /^(?:mysql\.ibd|undo_\d+|xtrabackup_tablespaces)(?:\.\w+)*$|\.sdi(?:\.\w+)*$|\.xbcrypt$|\.(?:ibd|ibu)\.(?:zst|lz4)$/;
const OF_MARIADB = /^(?:aria_log[._]\w+|mariadb_backup_\w+)|\.(?:MAI|MAD)(?:\.qp)?$/;
const OF_TOOL = /^(?:xtrabackup_\w+|backup-my\.cnf)(?:\.\w+)*$/;

/** @returns how the content is stored if it may be a backup by XtraBackup, judged only by its first bytes and names. */
export function xtrabackupShape(content: BackupContent): XtrabackupShape | undefined {
  const names = namesIn(content);
  if (names.some((name) => OF_MARIADB.test(name))) return undefined;
  if (content.kind === 'object' && isStream(content.head)) return 'stream';
  if (!names.some((name) => OF_TOOL.test(name))) return undefined;
  return content.kind === 'object' ? 'tar' : 'directory';
}

/** Whether it is certainly one: mariadb-backup writes the same streams, and used to write the same small files. */
export function claimsXtrabackup(content: BackupContent): boolean {
  return xtrabackupShape(content) !== undefined && namesIn(content).some((name) => OF_MYSQL.test(name));
}

/** Recognizes a tar of its directory. */
export function ownsTar(names: readonly string[]): boolean {
  const plain = names.map(plainName);
  return plain.some((name) => OF_TOOL.test(name)) && plain.some((name) => OF_MYSQL.test(name));
}

/** Names without folders. */
export function namesIn(content: BackupContent): readonly string[] {
  if (content.kind === 'directory') return [...content.members.keys()].map(plainName);
  return (isStream(content.head) ? namesInStream(content.head) : namesInTar(content.head)).map(plainName);
}

function plainName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
