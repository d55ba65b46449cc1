import type { BackupContent } from '../../../../backup/content.ts';
import { namesInTar } from '../../../recognition/tar-names.ts';
import { isStream, namesInStream } from '../../xbstream/mbstream.ts';

/** How a backup is stored. */
export type Shape = 'stream' | 'tar' | 'directory' | 'stream-in-directory';

/** Files that only MariaDB has; MySQL has the others as well. */
const OF_MARIADB = /^(?:aria_log[._]\w+|mariadb_backup_\w+)(?:\.qp)?$|\.(?:MAI|MAD)(?:\.qp)?$/;
/** Files that no MariaDB has: the dictionary of MySQL 8, its undo tablespaces, and files that XtraBackup compressed or encrypted. */
const OF_MYSQL = /^(?:mysql\.ibd|undo_\d+)(?:\.\w+)*$|\.sdi(?:\.\w+)*$|\.xbcrypt$|\.ibd\.(?:zst|lz4)$/;
const OF_TOOL = /^(?:mariadb_backup|xtrabackup)_(?:info|checkpoints|binlog_info)(?:\.qp)?$/;
/** A stream next to the small files that `--extra-lsndir` writes. */
const STREAM = /\.(?:mb|mbs|mbstream|xb|xbs|xbstream)(?:\.\w+)*$/i;

/** @returns how the content is stored if it may be a backup by mariadb-backup, judged only by its first bytes and names. */
export function shapeOf(content: BackupContent): Shape | undefined {
  if (content.kind === 'directory') {
    const names = [...content.members.keys()];
    if (!names.some((name) => OF_TOOL.test(name)) || names.some((name) => OF_MYSQL.test(name))) return undefined;
    return streamIn(names) === undefined ? 'directory' : 'stream-in-directory';
  }
  if (isStream(content.head)) {
    return namesInStream(content.head).some((name) => OF_MYSQL.test(name)) ? undefined : 'stream';
  }
  return ownsTar(namesInTar(content.head)) ? 'tar' : undefined;
}

/** Whether it is certainly one: MySQL's XtraBackup writes the same streams, and small files that differ only in content. */
export function claimsMariadbBackup(content: BackupContent): boolean {
  const shape = shapeOf(content);
  if (shape === undefined || shape === 'tar') return shape === 'tar';
  const names = content.kind === 'directory' ? [...content.members.keys()] : namesInStream(content.head);
  return names.some((name) => OF_MARIADB.test(name));
}

/** Recognizes a tar of such a directory. Its files are in any order, and the small ones may come late. */
export function ownsTar(names: readonly string[]): boolean {
  const plain = names.map((name) => name.slice(name.lastIndexOf('/') + 1));
  if (plain.some((name) => OF_MYSQL.test(name))) return false;
  return plain.some((name) => OF_TOOL.test(name) || name === 'backup-my.cnf');
}

/** The only stream among the members of a directory; undefined if there is none, or more than one. */
export function streamIn(names: readonly string[]): string | undefined {
  const streams = names.filter((name) => STREAM.test(name));
  return streams.length === 1 ? streams[0] : undefined;
}

/** Whether a file is named like a stream. */
export function isStreamName(name: string): boolean {
  return STREAM.test(name);
}
