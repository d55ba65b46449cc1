import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';
import type { Flavor } from '../../flavor.ts';
import { claimsXtrabackup, ownsTar } from './is-xtrabackup.ts';

/** The tool writes `xtrabackup_info` last, and compresses it if it compresses the backup. */
const LAYOUTS: readonly DirectoryLayout[] = ['xtrabackup_info', 'xtrabackup_info.zst', 'xtrabackup_info.lz4'].map(
  (mark) => ({
    mark,
    begun: /^xtrabackup_(?:checkpoints|logfile|tablespaces)(?:\.(?:zst|lz4|qp))?$/,
    member: /^(?:xtrabackup_\w+|backup-my\.cnf|ibdata\d+|undo_\d+|mysql\.ibd|ib_buffer_pool)(?:\.\w+)*$/,
  }),
);

/** Formats that XtraBackup writes: a stream, a directory, and a tar of a directory. */
export function xtrabackup(flavor: Flavor): FormatDescriptor {
  return {
    name: 'xtrabackup',
    product: 'a MySQL backup by XtraBackup',
    claims: claimsXtrabackup,
    ownsTar,
    layout: LAYOUTS,
    load: async () => (await import('./xtrabackup-format.ts')).xtrabackupFormat(flavor),
  };
}
