import type { BackupContent } from '../../../../backup/content.ts';
import { namesInTar } from '../../../recognition/tar-names.ts';

/** The server's own files in its data directory. Sources: both products' manuals, "The Data Directory", "InnoDB On-Disk Structures". */
const OF_SERVER =
  /^(?:ibdata\d+|ib_logfile\d+|mysql\.ibd|undo_?\d{3}|#ib_redo\d+(?:_tmp)?|#ib_\d+_\d+\.dblwr|aria_log_control|aria_log\.\d+|mysql_upgrade_(?:info|history)|mariadb_upgrade_info|ib_buffer_pool)$/;
/** The server's own tables. */
const OWN_TABLE = /^mysql\/[^/]+\.(?:frm|ibd|MYD|MYI|MAD|MAI|CSV|sdi)$/;
/** Table files, as the server stores them: a tar lists its files in any order, and its first file may be larger than the part that is read. */
const TABLE = /^[^/]+\/[^/]+\.(?:frm|ibd|MYD|MYI|MAD|MAI)$/;
/** Files that a backup tool adds to the directory: such a copy belongs to that tool's format. */
const OF_TOOL = /^(?:(?:mariadb_backup|xtrabackup)_\w+|backup-my\.cnf)(?:\.\w+)*$/;

/** Decides by file names alone. */
export function isDataDirectory(content: BackupContent): boolean {
  if (content.kind === 'object') return isDataTar(namesInTar(content.head));
  const names = [...content.members.keys()];
  return (
    names.some((name) => OF_SERVER.test(name) || OWN_TABLE.test(name)) && !names.some((name) => OF_TOOL.test(name))
  );
}

/** @param names the first ones in a tar, inside a folder or not: `var/lib/mysql/ibdata1`. */
export function isDataTar(names: readonly string[]): boolean {
  const plain = names.map((name) => name.slice(name.lastIndexOf('/') + 1));
  if (plain.some((name) => OF_TOOL.test(name))) return false;
  const isTable = (name: string) => OWN_TABLE.test(name) || TABLE.test(name);
  return plain.some((name) => OF_SERVER.test(name)) || names.some((name) => isTable(lastTwo(name)));
}

/** Whether a backup tool writes this file. */
export function isOfTool(name: string): boolean {
  return OF_TOOL.test(name);
}

/** `var/lib/mysql/mysql/db.frm` → `mysql/db.frm`. */
function lastTwo(name: string): string {
  return name.split('/').slice(-2).join('/');
}
