import type { FormatDescriptor } from '../../../format.ts';

/** A directory of MySQL Shell's dump utilities: recognised, and refused. */
export const mysqlShell: FormatDescriptor = {
  name: 'mysql-shell',
  product: 'a MySQL or MariaDB dump',
  claims: () => false,
  load: async () => (await import('./mysql-shell-format.ts')).mysqlShellFormat,
};
