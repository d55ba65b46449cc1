import { expect, it } from 'vitest';
import { readBackupInfo } from '../../../../src/engines/mysql/xbstream/backup-info.ts';
import { infoFiles } from './make-stream.ts';

const read = (files: Readonly<Record<string, string>>) => readBackupInfo(new Map(Object.entries(files)));

it('reads the facts that a backup states', () => {
  expect(read(infoFiles())).toEqual({
    serverVersion: '11.8.9',
    isMariadb: true,
    tool: 'mariadb-backup 11.8.9',
    toolVersion: '11.8.9',
    isPartial: false,
    startedAt: '2026-11-28 21:29:37',
    checkpoints: { isIncremental: false, isPrepared: false, fromLsn: '0', toLsn: '45093' },
    logStart: { position: { file: 'mariadb-bin.000001', offset: 76000 }, gtid: '0-1-8' },
    settings: {
      innodb_page_size: '16384',
      innodb_undo_tablespaces: '3',
      innodb_data_file_path: 'ibdata1:12M:autoextend',
    },
    hasEncryptedLog: false,
    hasKeys: false,
  });
});

it('reads only the layout of files from the configuration', () => {
  const cnf = [
    '[mysqld]',
    'innodb_page_size=8192',
    'innodb_undo_tablespaces = 127',
    'innodb_data_file_path=/etc/passwd:12M',
    'plugin_load=/tmp/evil.so',
    'init_file=/tmp/evil.sql',
    'innodb_page_size_x=1; rm -rf /',
    '!include /etc/evil.cnf',
  ].join('\n');
  expect(read({ 'backup-my.cnf': cnf }).settings).toEqual({ innodb_page_size: '8192', innodb_undo_tablespaces: '127' });
});

it('distinguishes XtraBackup for MySQL from mariadb-backup', () => {
  expect(
    read({ xtrabackup_info: 'tool_name = xtrabackup\ntool_version = 8.0.35-30\nserver_version = 8.0.36-28\n' }),
  ).toMatchObject({ isMariadb: false, serverVersion: '8.0.36', tool: 'xtrabackup 8.0.35' });
});

it('finds the position in the log without a separate file for it', () => {
  const info = "binlog_pos = filename 'mariadb-bin.000001', position '87271', GTID of the last change '0-1-9'\n";
  expect(read({ xtrabackup_info: info }).logStart).toEqual({
    position: { file: 'mariadb-bin.000001', offset: 87271 },
    gtid: '0-1-9',
  });
  expect(read({ xtrabackup_info: 'binlog_pos = \n' }).logStart).toBeUndefined();
});
