import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';
import type { Flavor } from '../../flavor.ts';
import { isDataDirectory, isDataTar } from './is-data-directory.ts';

/** No file is written last, so an unfinished copy looks like one with missing files. */
const LAYOUTS: readonly DirectoryLayout[] = ['ibdata1', 'mysql.ibd', 'aria_log_control'].map((mark) => ({
  mark,
  needs: /^mysql\/|^mysql\.ibd$|^ib_logfile0$|^#innodb_redo\//,
}));

/** A copy of a server's data directory, cold or from a volume's snapshot: a directory, or a tar of it. */
export function dataDirectory(flavor: Flavor): FormatDescriptor {
  return {
    name: 'mysql-data-directory',
    product: 'a copy of a MySQL or MariaDB data directory',
    claims: isDataDirectory,
    ownsTar: isDataTar,
    layout: LAYOUTS,
    load: async () => (await import('./data-directory-format.ts')).dataDirectoryFormat(flavor),
  };
}
