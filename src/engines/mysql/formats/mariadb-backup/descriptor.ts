import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';
import type { Flavor } from '../../flavor.ts';
import { claimsMariadbBackup, ownsTar } from './is-mariadb-backup.ts';

/**
 * A directory of mariadb-backup, or of the small files that its `--extra-lsndir` writes next to a stream. The tool writes its `_info` file last; `.qp` is the
 * suffix of `--compress`. XtraBackup's `xtrabackup_info` identifies a directory in the same way.
 */
const LAYOUTS: readonly DirectoryLayout[] = [
  'mariadb_backup_info',
  'xtrabackup_info',
  'mariadb_backup_info.qp',
  'xtrabackup_info.qp',
].map((mark) => ({
  mark,
  begun: /^(?:mariadb_backup|xtrabackup)_(?:checkpoints|binlog_info)(?:\.qp)?$|^backup-my\.cnf(?:\.qp)?$/,
  member:
    /^(?:(?:mariadb_backup|xtrabackup)_\w+|backup-my\.cnf|ibdata\d+|undo\d+|ib_logfile\d+|ib_buffer_pool|aria_log[._]\w+)(?:\.(?:qp|meta|delta|new))*$/,
}));

/** Formats that mariadb-backup writes: a stream, a directory, and a tar of a directory. */
export function mariadbBackup(flavor: Flavor): FormatDescriptor {
  return {
    name: 'mariadb-backup',
    product: 'a MariaDB backup by mariadb-backup',
    claims: claimsMariadbBackup,
    ownsTar,
    layout: LAYOUTS,
    load: async () => (await import('./mariadb-backup-format.ts')).mariadbBackupFormat(flavor),
  };
}
