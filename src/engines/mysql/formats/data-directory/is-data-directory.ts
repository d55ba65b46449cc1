import type { BackupContent } from '../../../../backup/content.ts';
import { namesInTar } from '../../../recognition/tar-names.ts';

/** Files of the server itself, in its data directory. Sources: both products' manuals, "The Data Directory", "InnoDB On-Disk Structures". */
const OF_SERVER =
  /^(?:ibdata\d+|ib_logfile\d+|mysql\.ibd|undo_?\d{3}|#ib_redo\d+(?:_tmp)?|#ib_\d+_\d+\.dblwr|aria_log_control|aria_log\.\d+|mysql_upgrade_(?:info|history)|mariadb_upgrade_info|ib_buffer_pool)$/;
/** Tables of the server itself. */
const OWN_TABLE = /^mysql\/[^/]+\.(?:frm|ibd|MYD|MYI|MAD|MAI|CSV|sdi)$/;
/** Tables, as the server stores them: a tar has its files in any order, and the first one may be larger than what is looked at. */
const TABLE = /^[^/]+\/[^/]+\.(?:frm|ibd|MYD|MYI|MAD|MAI)$/;
/** What a backup tool leaves among them: such a copy is its format. */
const OF_TOOL = /^(?:(?:mariadb_backup|xtrabackup)_\w+|backup-my\.cnf)(?:\.\w+)*$/;

/** By the names of its files alone. */
export function isDataDirectory(content: BackupContent): boolean {
  if (content.kind === 'object') return isDataTar(namesInTar(content.head));
  const names = [...content.members.keys()];
  return (
    names.some((name) => OF_SERVER.test(name) || OWN_TABLE.test(name)) && !names.some((name) => OF_TOOL.test(name))
  );
}

/** @param names the first that a tar holds, below a folder or not: `var/lib/mysql/ibdata1`. */
export function isDataTar(names: readonly string[]): boolean {
  const plain = names.map((name) => name.slice(name.lastIndexOf('/') + 1));
  if (plain.some((name) => OF_TOOL.test(name))) return false;
  const isTable = (name: string) => OWN_TABLE.test(name) || TABLE.test(name);
  return plain.some((name) => OF_SERVER.test(name)) || names.some((name) => isTable(lastTwo(name)));
}

/** Whether the file is one that a backup tool writes. */
export function isOfTool(name: string): boolean {
  return OF_TOOL.test(name);
}

/** `var/lib/mysql/mysql/db.frm` → `mysql/db.frm`. */
function lastTwo(name: string): string {
  return name.split('/').slice(-2).join('/');
}
