import type { FormatDescriptor } from '../../../format.ts';
import { textOf } from '../../../recognition/content-head.ts';
import type { Flavor } from '../../flavor.ts';

/** How dumps by these and other tools begin, and names in backticks, which no other product accepts. */
const MYSQL_SQL =
  /^(?:\/\*M?!\d|-- (?:MySQL|MariaDB) dump|-- Adminer(?:Evo)? \S+ (?:MySQL|MariaDB) | Source Server Type {4}: (?:MySQL|MariaDB)|(?:CREATE|DROP) TABLE (?:IF (?:NOT )?EXISTS )?`|INSERT (?:IGNORE )?INTO `)/m;

/** SQL text: written by mysqldump, mariadb-dump, phpMyAdmin, Adminer and others, or by hand. */
export function plainSql(flavor: Flavor): FormatDescriptor {
  return {
    name: 'mysql-plain-sql',
    product: 'a MySQL or MariaDB dump',
    claims: (content) => content.kind === 'object' && MYSQL_SQL.test(textOf(content.head).slice(0, 4000)),
    load: async () => (await import('./plain-format.ts')).plainFormat(flavor),
  };
}
