import { RELATIONAL } from '../capability.ts';
import type { EngineDescriptor } from '../engine-descriptor.ts';
import type { FormatDescriptor } from '../format.ts';
import { SWITCH, WORD } from '../setting-values.ts';
import type { AllowedSetting, SqlDescriptor } from '../sql-descriptor.ts';
import { type Flavor, mariadbFlavor, mysqlFlavor } from './flavor.ts';
import { dataDirectory } from './formats/data-directory/descriptor.ts';
import { mariadbBackup } from './formats/mariadb-backup/descriptor.ts';
import { mydumper } from './formats/mydumper/descriptor.ts';
import { mysqlShell } from './formats/mysql-shell/descriptor.ts';
import { plainSql } from './formats/plain-sql/descriptor.ts';
import { xtrabackup } from './formats/xtrabackup/descriptor.ts';

const ALLOWED_SETTINGS: Readonly<Record<string, AllowedSetting>> = {
  character_set_server: WORD,
  collation_server: WORD,
  default_storage_engine: WORD,
  explicit_defaults_for_timestamp: SWITCH,
  innodb_default_row_format: { values: /^(?:compact|dynamic|redundant)$/, expected: 'compact, dynamic or redundant' },
  innodb_page_size: {
    values: /^(?:4k|8k|16k|32k|64k|4096|8192|16384|32768|65536)$/,
    expected: '4k, 8k, 16k, 32k or 64k',
  },
  innodb_strict_mode: SWITCH,
  log_bin_trust_function_creators: SWITCH,
  lower_case_table_names: { values: /^[01]$/, expected: '0 or 1' },
  system_time_zone: {
    values: /^(?:[+-]\d{1,2}:\d{2}|[a-z][\w+-]*(?:\/[\w+-]+){0,2})$/,
    expected: 'a time zone such as Europe/Berlin or +02:00',
  },
};

/** For a copy of a data directory whose encryption keys no page can prove: nothing in the copy identifies the right key. */
const ENCRYPTION_SETTINGS: Readonly<Record<string, AllowedSetting>> = {
  file_key_management_encryption_algorithm: { values: /^aes_(?:cbc|ctr)$/, expected: 'aes_cbc or aes_ctr' },
};

/** Formats that both products have. */
const formatsOf = (flavor: Flavor): readonly FormatDescriptor[] => [
  dataDirectory(flavor),
  mysqlShell(flavor),
  mydumper(flavor),
  plainSql(flavor),
];

const dumpsOf = (program: string) => ({
  program,
  none: 'not a SQL dump of MySQL or MariaDB',
  hint: 'Check that `backup.match` selects the database dump, and that the job that writes it really runs mysqldump or mariadb-dump.',
});

const sqlOf = (flavor: Flavor, urlSchemes: readonly string[]): SqlDescriptor => ({
  allowedSettings: ALLOWED_SETTINGS,
  canPreload: false,
  starter: {
    tableCount:
      "select count(*) from information_schema.tables where table_schema not in ('mysql', 'information_schema', 'performance_schema', 'sys')",
    identifierQuote: '`',
  },
  urlSchemes,
  passwordVariable: 'MYSQL_PWD',
  openDatabase: async (address, signal) =>
    (await import('./fingerprint/open-database.ts')).openDatabase(flavor, address, signal),
  listDatabases: async (address, signal) => (await import('./server/list-databases.ts')).listDatabases(address, signal),
  logPositions: ['gtid', 'position'],
  planLogSearch: async (archive, since, signal, onDoing) =>
    (await import('./log/search-events.ts')).planSearch(flavor, archive, since, signal, onDoing),
  checkLog: async (archive, target, signal) =>
    (await import('./log/check-archive.ts')).checkArchive(archive, target, signal),
  openSyntaxServer: async (sandbox, options) =>
    (await import('./server/syntax-server.ts')).openSyntaxServer(flavor, sandbox, options),
});

export const mysql: EngineDescriptor<'mysql'> = {
  type: 'mysql',
  title: 'MySQL',
  offers: RELATIONAL,
  localBinaries: {
    server: 'mysqld',
    clientTool: 'mysql',
    // MariaDB also ships a `mysqld`, which must not be mistaken for MySQL's.
    versionPattern: /Ver (\d+\.\d+\.\d+)(?!\S*MariaDB)/,
    majorNumbers: 2,
    directories: [
      '/usr/sbin',
      '/usr/libexec',
      '/opt/homebrew/opt/mysql*/bin',
      '/usr/local/opt/mysql*/bin',
      '/usr/local/mysql/bin',
    ],
    install: (major) => `Install the MySQL ${major} server (\`mysqld\`), or use \`--runtime docker\`.`,
  },
  formats: [xtrabackup(mysqlFlavor), ...formatsOf(mysqlFlavor)],
  dumps: dumpsOf('mysqldump'),
  imageFor: (major) => `mysql:${major}`,
  serverUser: 'mysql',
  sql: sqlOf(mysqlFlavor, ['mysql', 'mariadb']),
};

export const mariadb: EngineDescriptor<'mariadb'> = {
  type: 'mariadb',
  title: 'MariaDB',
  offers: RELATIONAL,
  localBinaries: {
    server: 'mariadbd',
    clientTool: 'mariadb',
    versionPattern: /Ver (\d+\.\d+\.\d+)-MariaDB/,
    majorNumbers: 2,
    directories: ['/usr/sbin', '/usr/libexec', '/opt/homebrew/opt/mariadb*/bin', '/usr/local/opt/mariadb*/bin'],
    install: (major) =>
      `Install the MariaDB ${major} server (Debian: \`apt-get install mariadb-server-core mariadb-client-core\`), or use \`--runtime docker\`.`,
  },
  formats: [mariadbBackup(mariadbFlavor), ...formatsOf(mariadbFlavor)],
  dumps: dumpsOf('mariadb-dump'),
  imageFor: (major) => `mariadb:${major}`,
  serverUser: 'mysql',
  sql: {
    ...sqlOf(mariadbFlavor, ['mariadb', 'mysql']),
    allowedSettings: { ...ALLOWED_SETTINGS, ...ENCRYPTION_SETTINGS },
  },
};
