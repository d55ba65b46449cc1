import { isAtLeast } from '../../support/versions.ts';
import { quoteText } from './server/quoting.ts';

/** Everything in which MySQL and MariaDB differ; the rest of this folder checks for the product nowhere else. */
export interface Flavor {
  readonly type: 'mysql' | 'mariadb';
  readonly title: string;
  /** In order of preference. MariaDB may ship a `mysqld`, which must not be mistaken for MySQL's, so the banner decides. */
  readonly serverPrograms: readonly string[];
  readonly clientPrograms: readonly string[];
  isOwnBanner(banner: string): boolean;
  /** Shell function `initialise` for boot.ts, which creates the data directory and its accounts. Its arguments are the server's own. */
  readonly initialise: string;
  /** Settings that only this product has, or that have a different name in the other. */
  settings(version: string): Record<string, string>;
  /** Settings for loading without durability, in addition to those that both products share. */
  readonly relaxed: Readonly<Record<string, string>>;
  /** The size of its redo log. */
  redoSize(megabytes: number): Record<string, string>;
  /** Statement that makes the server stop a session's queries after this long. */
  limitTime(timeoutMs: number): string;
  /** Statements that turn crash recovery off and on for the load, if the server has such a switch. */
  redoSwitch(version: string): { readonly off: string; readonly on: string } | undefined;
  /** Arguments for one extra start of the server after a dump has replaced the server's system tables with its own. */
  readonly repairArguments: readonly string[];
  /** Error numbers that always mean a query was stopped for exceeding its time limit. */
  readonly timeoutErrors: readonly number[];
  identifiedBy(password: string): string;
  /** Rights that an account needs to read the definitions of routines it does not own: `right ON level`. */
  showRoutines(version: string): readonly string[];
  /** Query for CHECK constraints that are not enforced: schema, table, name, condition. undefined: the product has none. */
  notEnforced(version: string): string | undefined;
  /** Whether `lower_case_table_names` is stored with the data, so that the server does not start on it with a different value. */
  keepsLetterCase(version: string): boolean;
  /** Prefix that makes a query return its plan as a table. */
  readonly explain: string;
  /** Statements that set up a check session. */
  checkSession(version: string): readonly string[];
}

/** The buffer of the redo log where little is written: MariaDB fills it at each start, 32 MB in 0.2 s of processor time. */
export const SMALL_LOG_BUFFER = '8M';

/** For a data directory that is recreated after any failure. When a setting is given twice, the last one applies. */
const WITHOUT_FLUSHING = `--innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync --innodb-log-buffer-size=${SMALL_LOG_BUFFER}`;

const NOT_ENFORCED = `
SELECT t.TABLE_SCHEMA, t.TABLE_NAME, t.CONSTRAINT_NAME, c.CHECK_CLAUSE
  FROM information_schema.TABLE_CONSTRAINTS t
  JOIN information_schema.CHECK_CONSTRAINTS c ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME
 WHERE t.TABLE_SCHEMA = DATABASE() AND t.CONSTRAINT_TYPE = 'CHECK' AND t.ENFORCED = 'NO' ORDER BY 1, 2, 3`;

export const mysqlFlavor: Flavor = {
  type: 'mysql',
  title: 'MySQL',
  serverPrograms: ['mysqld'],
  clientPrograms: ['mysql'],
  isOwnBanner: (banner) => /\bVer \d/.test(banner) && !/MariaDB/i.test(banner),
  // Generating certificates and keys would cost a second of CPU time, and the server listens only on a Unix socket.
  initialise: `
initialise() {
  accounts="$scratch/.accounts.sql"
  cat > "$accounts"
  "$server" "$@" ${WITHOUT_FLUSHING} --innodb-doublewrite=OFF --initialize-insecure --init-file="$accounts" || { status=$?; rm -f "$accounts"; exit $status; }
  rm -f "$accounts"
}`,
  settings: (version) => ({
    'secure-file-priv': 'NULL',
    'event-scheduler': 'DISABLED', // so that no statement of a dump can turn it on
    'loose-mysqlx': 'OFF',
    'loose-persisted-globals-load': 'OFF', // what a dump persists must not come back with the restart
    'loose-auto-generate-certs': 'OFF',
    'loose-caching-sha2-password-auto-generate-rsa-keys': 'OFF',
    'loose-sha256-password-auto-generate-rsa-keys': 'OFF',
    'loose-mysql-native-password': 'ON', // 8.4: accounts of older servers
    'loose-skip-replica-start': 'ON',
    'loose-temptable-max-mmap': '0',
    'loose-container-aware': 'OFF',
    ...(isAtLeast(version, '8.0') ? {} : { 'loose-ignore-db-dir': 'lost+found' }),
  }),
  relaxed: {
    'innodb-doublewrite': 'OFF',
    'loose-innodb-log-writer-threads': 'OFF',
    'loose-innodb-extend-and-initialize': 'OFF',
  },
  redoSize: (megabytes) => ({ 'loose-innodb-redo-log-capacity': `${megabytes}M` }),
  limitTime: (timeoutMs) => `SET SESSION max_execution_time = ${Math.max(1, Math.ceil(timeoutMs))}`,
  redoSwitch: (version) =>
    isAtLeast(version, '8.0.21')
      ? { off: 'ALTER INSTANCE DISABLE INNODB REDO_LOG', on: 'ALTER INSTANCE ENABLE INNODB REDO_LOG' }
      : undefined,
  repairArguments: ['--loose-upgrade=FORCE'],
  timeoutErrors: [3024],
  identifiedBy: (password) => `IDENTIFIED BY ${quoteText(password)}`,
  showRoutines: (version) => (isAtLeast(version, '8.0.20') ? ['SHOW_ROUTINE ON *.*'] : []),
  keepsLetterCase: (version) => isAtLeast(version, '8.0'),
  explain: 'EXPLAIN FORMAT=TRADITIONAL', // the default is a tree from MySQL 9 on
  notEnforced: (version) => (isAtLeast(version, '8.0.16') ? NOT_ENFORCED : undefined),
  // otherwise AUTO_INCREMENT is up to a day old
  checkSession: (version) => (isAtLeast(version, '8.0') ? ['SET SESSION information_schema_stats_expiry = 0'] : []),
};

export const mariadbFlavor: Flavor = {
  type: 'mariadb',
  title: 'MariaDB',
  serverPrograms: ['mariadbd', 'mysqld'],
  clientPrograms: ['mariadb', 'mysql'],
  isOwnBanner: (banner) => /MariaDB/i.test(banner),
  // Does what mariadb-install-db does, without the help texts, the sys schema and its checks, which take most of its time.
  initialise: `
initialise() {
  {
    printf '%s\\n' 'CREATE DATABASE IF NOT EXISTS mysql;' 'USE mysql;' 'SET @auth_root_socket = NULL;'
    for part in system_tables performance_tables system_tables_data; do
      for file in "$share/mariadb_$part.sql" "$share/mysql_$part.sql"; do
        [ -f "$file" ] || continue
        sed -e '/@current_hostname/d' "$file"
        break
      done
    done
    [ ! -f "$share/maria_add_gis_sp_bootstrap.sql" ] || cat "$share/maria_add_gis_sp_bootstrap.sql"
    printf '%s\\n' 'USE mysql;' "DELETE FROM global_priv WHERE User = 'root' AND Host <> 'localhost';" 'FLUSH PRIVILEGES;'
    cat
  } | "$server" "$@" ${WITHOUT_FLUSHING} --bootstrap --silent-startup --log-warnings=0 --enforce-storage-engine= > /dev/null
}`,
  settings: () => ({
    'event-scheduler': 'OFF', // DISABLED refuses to store events at all; load-guards.ts checks that no dump turned it on
    'secure-file-priv': '', // replaced by a directory where the paths are known: MariaDB has no value that means "none"
    'loose-wsrep-on': 'OFF',
    'loose-wsrep-node-address': '127.0.0.1',
    'loose-federatedx': 'OFF',
    'loose-connect': 'OFF',
    'loose-spider': 'OFF',
    'loose-s3': 'OFF',
    'loose-feedback': 'OFF', // would report home
    'loose-server-audit': 'OFF',
    'aria-log-purge-type': 'immediate',
  }),
  relaxed: {
    'innodb-doublewrite': 'OFF',
    'innodb-autoinc-lock-mode': '2', // several sessions fill one table
    'aria-checkpoint-interval': '0',
  },
  redoSize: (megabytes) => ({ 'innodb-log-file-size': `${megabytes}M` }),
  limitTime: (timeoutMs) => `SET SESSION max_statement_time = ${Math.max(0.001, timeoutMs / 1000)}`,
  redoSwitch: () => undefined,
  repairArguments: [],
  timeoutErrors: [1969],
  identifiedBy: (password) => `IDENTIFIED VIA mysql_native_password USING PASSWORD(${quoteText(password)})`,
  showRoutines: () => ['SELECT ON mysql.proc'],
  keepsLetterCase: () => false,
  explain: 'EXPLAIN',
  notEnforced: () => undefined,
  checkSession: () => [],
};
