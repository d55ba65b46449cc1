import type { EngineDescriptor } from '../engine-descriptor.ts';
import { backupTool } from './formats/backup-tool/descriptor.ts';
import { tableExport } from './formats/export/descriptor.ts';
import { freeze } from './formats/freeze/descriptor.ts';
import { nativeBackup } from './formats/native-backup/descriptor.ts';

export const clickhouse: EngineDescriptor<'clickhouse'> = {
  type: 'clickhouse',
  title: 'ClickHouse',
  offers: ['sql', 'catalog', 'program'],
  localBinaries: {
    server: 'clickhouse-local',
    clientTool: 'clickhouse-local',
    versionPattern: /\b(\d+\.\d+)\.\d+/,
    majorNumbers: 2,
    directories: ['/usr/bin', '/usr/local/bin'],
    install: (major) => `Install clickhouse-common-static ${major} or later, which has clickhouse-local.`,
  },
  formats: [nativeBackup, backupTool, freeze, tableExport],
  dumps: {
    program: 'BACKUP',
    none: 'not a ClickHouse backup (BACKUP statement, clickhouse-backup, FREEZE copy or table export)',
    hint: 'Check that `backup.match` selects the whole folder: for a BACKUP statement, the one with the file .backup. docs/clickhouse.md shows the other layouts.',
  },
  imageFor: (major) => `clickhouse/clickhouse-server:${major}`,
  serverUser: 'clickhouse',
  starterCheck: {
    name: 'tables are there',
    sql: "select count() from system.tables where database not in ('system', 'information_schema', 'INFORMATION_SCHEMA')",
    expect: { min: 1 },
  },
};
