import { isAtLeast } from '../../../support/versions.ts';
import type { Flavor } from '../flavor.ts';

/** Differences between the products in reading and loading backups; differences in running the server are in flavor.ts. */
export interface LoadTraits {
  /** For backups that do not state their version: the newest long-term support series, since an older server may lack features that they use. */
  readonly newestMajor: string;
  /** Whether no server of this version has the collation; true only if that is certain. */
  lacksCollation(name: string, version: string): boolean;
  readonly collationHint: string;
  /** System tables that hold accounts and rights. */
  readonly accountTables: ReadonlySet<string>;
  /** The table that holds the account names. (MariaDB's `mysql.user` is a view, and temporarily something else while a dump creates it.) */
  readonly accountTable: string;
  /** Query for schema and name of all events. (With its scheduler off, MariaDB shows them only in the table that stores them.) */
  readonly events: string;
}

const TRAITS: Readonly<Record<Flavor['type'], LoadTraits>> = {
  mysql: {
    newestMajor: '9.7',
    accountTable: 'mysql.user',
    events: 'SELECT EVENT_SCHEMA, EVENT_NAME FROM information_schema.EVENTS',
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
    events: 'SELECT db, name FROM mysql.event',
    // MariaDB has none of MySQL's language-specific collations; the others became aliases of its own (MDEV-20912)
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
