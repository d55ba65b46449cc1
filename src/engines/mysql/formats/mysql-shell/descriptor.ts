import type { FormatDescriptor } from '../../../format.ts';

/** A directory of MySQL Shell's dump utilities: recognised, and refused. */
export const mysqlShell: FormatDescriptor = {
  name: 'mysql-shell',
  product: 'a MySQL or MariaDB dump',
  claims: () => false,
  /** `@.json` first, `@.done.json` last. */
  layout: {
    mark: '@.done.json',
    needs: /^@\.json$/,
    begun: /^@\.json$/,
    member: /@|\.(?:tsv|json|sql|idx)(?:\.\w+)?$/,
  },
  load: async () => (await import('./mysql-shell-format.ts')).mysqlShellFormat,
};
