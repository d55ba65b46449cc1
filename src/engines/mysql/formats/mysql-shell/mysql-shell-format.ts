import type { BackupFormat } from '../../../format.ts';
import type { Flavor } from '../../flavor.ts';
import { shellBackup } from './shell-backup.ts';
import { DUMP_FILE } from './shell-metadata.ts';

/**
 * Directories of MySQL Shell's dump utilities (util.dumpInstance, dumpSchemas, dumpTables), which the harness reads itself: hardly any server image contains
 * `mysqlsh`, and it would send the same statements and the same rows.
 */
export function mysqlShellFormat(flavor: Flavor): BackupFormat {
  return {
    recognise: (content) => {
      if (content.kind === 'object' || !content.members.has(DUMP_FILE)) return undefined;
      return (signal) => shellBackup(content, flavor, signal);
    },
  };
}
