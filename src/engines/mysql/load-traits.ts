import type { Flavor } from './flavor.ts';
import { isAtLeast } from './versions.ts';

/** What reading and loading backups has to know of a product, beside what running its server has (flavor.ts). */
export interface LoadTraits {
  /** For backups that do not say their version: the newest series with long support, since an older server may lack what they use. */
  readonly newestMajor: string;
  /** What writes its dumps. */
  readonly dumpProgram: string;
  /** Whether no server of this version has the collation; only what is known for certain. */
  lacksCollation(name: string, version: string): boolean;
  readonly collationHint: string;
  /** System tables that hold accounts and rights. */
  readonly accountTables: ReadonlySet<string>;
  /** The one with their names. (MariaDB's `mysql.user` is a view, which is something else for a while when a dump makes it.) */
  readonly accountTable: string;
}

const TRAITS: Readonly<Record<Flavor['type'], LoadTraits>> = {
  mysql: {
    newestMajor: '9.7',
    accountTable: 'mysql.user',
    dumpProgram: 'mysqldump',
    lacksCollation: (name) => /_uca1400_|_nopad_/.test(name),
    collationHint: 'Only MariaDB has it: set `engine: { type: mariadb }` if the dump is of a MariaDB.',
    accountTables: new Set([
      'user',
      'db',
      'tables_priv',
      'columns_priv',
      'procs_priv',
      'proxies_priv',
      'global_grants',
      'role_edges',
      'default_roles',
    ]),
  },
  mariadb: {
    newestMajor: '11.8',
    accountTable: 'mysql.global_priv',
    dumpProgram: 'mariadb-dump',
    // the language-specific ones of MySQL are in none; the others came as other names for its own (MDEV-20912)
    lacksCollation: (name, version) =>
      (/_0900_/.test(name) && !isAtLeast(version, '11.4.5')) ||
      (/_uca1400_/.test(name) && !isAtLeast(version, '10.10')),
    collationHint:
      'Set `engine.version` to a MariaDB that has it (11.8), or `engine: { type: mysql }` if the dump is of a MySQL.',
    accountTables: new Set([
      'global_priv',
      'db',
      'tables_priv',
      'columns_priv',
      'procs_priv',
      'proxies_priv',
      'roles_mapping',
    ]),
  },
};

export function loadTraitsOf(flavor: Pick<Flavor, 'type'>): LoadTraits {
  return TRAITS[flavor.type];
}
