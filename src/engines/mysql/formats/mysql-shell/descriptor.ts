import type { FormatDescriptor } from '../../../format.ts';
import type { Flavor } from '../../flavor.ts';

/** A directory of MySQL Shell's dump utilities. They dump both products, and only the metadata records which. */
export function mysqlShell(flavor: Flavor): FormatDescriptor {
  return {
    name: 'mysql-shell',
    product: 'a MySQL or MariaDB dump',
    claims: () => false,
    /** `@.json` is written first, `@.done.json` last. */
    layout: {
      mark: '@.done.json',
      needs: /^@\.json$/,
      begun: /^@\.json$/,
      member: /@|\.(?:tsv|csv|txt|json|sql|idx)(?:\.\w+)?$/,
    },
    ownsTar: (names) => names.some((name) => /(?:^|\/)@\.json$/.test(name)),
    load: async () => (await import('./mysql-shell-format.ts')).mysqlShellFormat(flavor),
  };
}
