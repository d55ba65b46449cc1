import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, zstdCompressSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import type { BackupContent } from '../../src/backup/content.ts';
import { ALL_ENGINES } from '../../src/engines/registry.ts';
import { describeFormatContract, type Sample } from '../contracts/format-contract.ts';
import { bytesContent, directoryContent } from '../support/fake-content.ts';
import { NEW_DIRECTORY } from './mysql/formats/mydumper/mydumper-directory.ts';
import { SHELL_DIRECTORY } from './mysql/formats/mysql-shell/shell-directory.ts';
import { infoFiles, streamed, streamOf } from './mysql/xbstream/make-stream.ts';
import { makeArchive } from './postgres/formats/archive/archive-bytes.ts';
import { DIFF, FULL, openIn, repository } from './postgres/formats/pgbackrest/fake-repository.ts';
import { backupInfo } from './postgres/physical/barman-files.ts';
import { makeRdb } from './redis/make-rdb.ts';

const text = (sql: string) => (): BackupContent => bytesContent(Buffer.from(sql), 'shop.sql');
const ETCD = gunzipSync(readFileSync('drills/shop-etcd/snapshot.db.gz'));
const COMMANDS = '*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n';
const AOF_FILES = {
  'appendonly.aof.1.base.rdb': makeRdb({ fields: { 'redis-ver': '7.2.4', 'aof-base': '1' } }).toString('latin1'),
  'appendonly.aof.1.incr.aof': COMMANDS,
  'appendonly.aof.manifest':
    'file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n',
};

function without(files: Readonly<Record<string, string>>, name: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).filter(([each]) => each !== name));
}

const TOC = makeArchive({ layout: 3 });
const MYSQL =
  '-- MySQL dump 10.13  Distrib 8.4.3, for Linux (x86_64)\n--\n-- Server version\t8.4.3\n\nSET NAMES utf8mb4;\n';
const MARIADB =
  '/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19-11.8.3-MariaDB, for debian-linux-gnu (x86_64)\n-- Server version\t11.8.3-MariaDB\n';

/** Without the line that shows which of the two products wrote it. */
const DIRECTORY = {
  ...NEW_DIRECTORY,
  metadata: (NEW_DIRECTORY['metadata'] ?? '').replace(/^# executed_gtid_set.*\n/m, ''),
};

const BASE = {
  backup_label:
    'START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\nCHECKPOINT LOCATION: 0/2000060\nBACKUP METHOD: streamed\n',
  PG_VERSION: '17\n',
};

function barman(
  changes: Readonly<Record<string, string>> = {},
  more: Readonly<Record<string, string>> = {},
): BackupContent {
  return directoryContent({ 'backup.info': backupInfo(changes), 'data.tar.gz': '', '16385.tar.gz': '', ...more });
}

async function walG(
  changes: Readonly<Record<string, string>> = {},
  key = 'base_000000010000000000000002/',
): Promise<BackupContent> {
  const tar = (await tarOf({ 'global/pg_control': 'x' })).toString('latin1');
  const files = {
    'metadata.json': '{"start_lsn":33554472,"pg_version":170012}',
    'files_metadata.json': '{"TarFileSets":{"part_001.tar":["/PG_VERSION"]}}',
    'tar_partitions/part_001.tar': tar,
    'tar_partitions/pg_control.tar': tar,
    'tar_partitions/backup_label.tar': tar,
  };
  return directoryContent({ ...files, ...changes }, key);
}

const MARIADB_FILES = {
  aria_log_control: 'x',
  'mysql/db.frm': 'x',
  ibdata1: 'x',
  ib_logfile0: 'x',
  'shop/orders.ibd': 'x',
  ...infoFiles(),
};

/** In the layout of XtraBackup, which no image has. */
const XTRABACKUP_FILES = {
  ibdata1: 'x',
  'mysql.ibd': 'x',
  undo_001: 'x',
  xtrabackup_logfile: 'x',
  xtrabackup_checkpoints: 'backup_type = full-backuped\nfrom_lsn = 0\nto_lsn = 100\nlast_lsn = 100\n',
  'backup-my.cnf': '[mysqld]\ninnodb_page_size=16384\n',
  xtrabackup_info:
    'tool_name = xtrabackup\ntool_version = 8.4.0-5\nserver_version = 8.4.5-5\npartial = N\nincremental = N\n',
};

const CLICKHOUSE_FILES = {
  'metadata/shop.sql': 'CREATE DATABASE shop',
  'metadata/shop/orders.sql': 'CREATE TABLE shop.orders (id UInt64) ENGINE = MergeTree ORDER BY id',
};

function clickhouseBackup(changes: Readonly<Record<string, string>> = {}) {
  const entries = Object.entries(CLICKHOUSE_FILES).map(
    ([name, text]) => `<file><name>${name}</name><size>${text.length}</size></file>`,
  );
  const list = `<config><version>1</version><contents>${entries.join('')}</contents></config>`;
  return directoryContent({ ...CLICKHOUSE_FILES, '.backup': list, ...changes });
}

const FROZEN_FILES = {
  'metadata/shop/orders.sql': 'ATTACH TABLE orders\n(\n    `id` UInt64\n)\nENGINE = MergeTree\nORDER BY id\n',
  'shadow/nightly/data/shop/orders/all_1_1_0/checksums.txt': 'x',
  'shadow/nightly/data/shop/orders/all_1_1_0/data.bin': 'x',
};

const EXPORT_FILES = {
  'shop.orders.sql': 'CREATE TABLE shop.orders\\n(\\n    `id` UInt64\\n)\\nENGINE = MergeTree\\nORDER BY id\n',
  'shop.orders.native': 'x',
};

const TOOL_TABLE = {
  database: 'shop',
  table: 'orders',
  query: 'CREATE TABLE shop.orders (`id` UInt64) ENGINE = MergeTree ORDER BY id SETTINGS index_granularity = 8192',
  parts: { default: [{ name: 'all_1_1_0' }] },
};

function toolBackup(info: Readonly<Record<string, unknown>> = {}, changes: Readonly<Record<string, string>> = {}) {
  return directoryContent({
    'metadata.json': JSON.stringify({ backup_name: 'nightly', clickhouse_version: 'v24.8.4.13-lts', ...info }),
    'metadata/shop/orders.json': JSON.stringify(TOOL_TABLE),
    'shadow/shop/orders/default/all_1_1_0/checksums.txt': 'x',
    ...changes,
  });
}

/** Sample backups, keyed by format. A format without samples fails the first test below. */
const SAMPLES: Readonly<Record<string, readonly Sample[]>> = {
  'pg-dump-archive': [
    { what: 'a custom archive', content: () => bytesContent(makeArchive()), isClaimed: true },
    { what: 'a directory', content: () => directoryOfPgDump(), isClaimed: true },
  ],
  'clickhouse-freeze': [
    { what: 'a copy of an old server', content: () => directoryContent(FROZEN_FILES), isClaimed: true },
    {
      what: 'a copy without definitions',
      content: () => directoryContent({ ...FROZEN_FILES, 'metadata/shop/orders.sql': '' }),
      isClaimed: true,
      refusedWith: 'backup-incomplete',
    },
    {
      what: 'two copies of a table in one folder',
      content: () => directoryContent({ ...FROZEN_FILES, 'shadow/2/data/shop/orders/all_1_1_0/checksums.txt': 'x' }),
      isClaimed: true,
      refusedWith: 'format-unsupported',
    },
  ],
  'clickhouse-export': [
    { what: 'a folder with a definition', content: () => directoryContent(EXPORT_FILES), isClaimed: true },
    {
      what: 'a folder of Parquet files',
      content: () => directoryContent({ 'shop.orders.2026-01.parquet.zst': 'x' }),
      isClaimed: false,
    },
    {
      what: 'a folder of empty files',
      content: () => directoryContent({ ...EXPORT_FILES, 'shop.orders.native': '' }),
      isClaimed: true,
      refusedWith: 'backup-empty',
    },
    {
      what: 'an empty file without a definition',
      content: () => directoryContent({ ...EXPORT_FILES, 'shop.items.native': '' }),
      isClaimed: true,
      refusedWith: 'backup-truncated',
    },
    {
      what: 'a definition that is not one',
      content: () => directoryContent({ ...EXPORT_FILES, 'shop.orders.sql': 'Code: 60. DB::Exception' }),
      isClaimed: true,
      refusedWith: 'backup-corrupt',
    },
  ],
  'clickhouse-backup-tool': [
    { what: 'a backup as files', content: () => toolBackup(), isClaimed: true },
    {
      what: 'an increment without what it requires',
      content: () => toolBackup({ required_backup: 'sunday' }),
      isClaimed: true,
      refusedWith: 'backup-incomplete',
    },
    {
      what: 'a backup that the server wrote',
      content: () => toolBackup({ tags: 'regular,embedded' }),
      isClaimed: true,
      refusedWith: 'format-unsupported',
    },
    {
      what: 'a backup without the definition of a table',
      content: () => toolBackup({ tables: [{ database: 'shop', table: 'gone' }] }),
      isClaimed: true,
      refusedWith: 'backup-truncated',
    },
  ],
  'clickhouse-backup-statement': [
    { what: 'a directory', content: () => clickhouseBackup(), isClaimed: true },
    {
      what: 'a directory that lacks a file',
      content: () => clickhouseBackup({ 'metadata/shop.sql': '' }),
      isClaimed: true,
      refusedWith: 'backup-truncated',
    },
    {
      what: 'a list of files that is cut off',
      content: () => clickhouseBackup({ '.backup': '<config><version>1</version><contents><file>' }),
      isClaimed: true,
      refusedWith: 'backup-truncated',
    },
  ],
  rdb: [
    { what: 'an RDB file', content: () => bytesContent(makeRdb(), 'dump.rdb'), isClaimed: true },
    {
      what: 'the first part of an append-only file',
      content: () => bytesContent(makeRdb({ fields: { 'redis-ver': '7.2.4', 'aof-base': '1' } }), 'dump.rdb'),
      isClaimed: true,
      refusedWith: 'format-unsupported',
    },
  ],
  aof: [
    {
      what: 'a folder',
      content: () => directoryContent(AOF_FILES, 'appendonlydir/'),
      isClaimed: true,
    },
    { what: 'commands', content: () => bytesContent(Buffer.from(COMMANDS), 'appendonly.aof'), isClaimed: true },
    {
      what: 'a folder that lacks a file',
      content: () => directoryContent(without(AOF_FILES, 'appendonly.aof.1.incr.aof'), 'appendonlydir/'),
      isClaimed: true,
      refusedWith: 'backup-truncated',
    },
    {
      what: 'a folder without its manifest',
      content: () => directoryContent(without(AOF_FILES, 'appendonly.aof.manifest'), 'appendonlydir/'),
      isClaimed: true,
      refusedWith: 'backup-truncated',
    },
  ],
  'etcd-snapshot': [
    { what: 'a snapshot', content: () => bytesContent(ETCD, 'snapshot.db'), isClaimed: true },
    {
      what: 'a snapshot that was cut',
      content: () => bytesContent(ETCD.subarray(0, 30_000), 'snapshot.db'),
      isClaimed: false, // the list of its buckets shows which program it belongs to
      refusedWith: 'backup-truncated',
    },
    {
      what: 'a snapshot whose first pages are damaged',
      content: () => bytesContent(Buffer.concat([ETCD.subarray(0, 40), Buffer.alloc(9000)]), 'snapshot.db'),
      isClaimed: false,
      refusedWith: 'backup-corrupt',
    },
  ],
  'barman-cloud': [
    { what: 'a backup', content: () => barman(), isClaimed: true },
    {
      what: 'volumes',
      content: () => barman({}, { 'data_0001.tar.gz': '', '16385_0001.tar.gz': '' }),
      isClaimed: true,
    },
    {
      what: 'a backup that failed',
      content: () => barman({ status: 'FAILED', error: 'failure uploading data' }),
      isClaimed: true,
      refusedWith: 'backup-truncated',
    },
    {
      what: 'an increment',
      content: () => barman({ parent_backup_id: '20261127T030000' }),
      isClaimed: true,
      refusedWith: 'format-unsupported',
    },
    {
      what: 'snapshots of disks',
      content: () => barman({ snapshots_info: "{'provider': 'aws'}" }),
      isClaimed: true,
      refusedWith: 'format-unsupported',
    },
    {
      what: 'a backup of an unknown version',
      content: () => barman({ version: 'None' }),
      isClaimed: true,
      refusedWith: 'backup-corrupt',
    },
    {
      what: 'a backup.info of something else',
      content: () => directoryContent({ 'data.tar': '', 'backup.info': '<html>' }),
      isClaimed: true,
      refusedWith: 'backup-corrupt',
    },
  ],
  'mariadb-backup': [
    { what: 'a stream', content: () => bytesContent(streamOf(MARIADB_FILES), 'shop.mb'), isClaimed: true },
    { what: 'a directory', content: () => directoryContent(MARIADB_FILES), isClaimed: true },
    {
      what: 'a directory of before MariaDB 10.11',
      content: () => directoryContent(withOldNames(MARIADB_FILES)),
      isClaimed: true,
    },
    { what: 'a tar of a directory', content: async () => bytesContent(await tarOf(MARIADB_FILES)), isClaimed: true },
    {
      what: 'a stream that was cut',
      content: () => bytesContent(streamOf(MARIADB_FILES).subarray(0, -9)),
      isClaimed: true,
      refusedWith: 'backup-truncated',
    },
    {
      what: 'a stream with a name that leads out of it',
      content: () => bytesContent(streamOf({ ...MARIADB_FILES, '../evil': 'x' })),
      isClaimed: true,
      refusedWith: 'backup-corrupt',
    },
    {
      what: 'a directory without its first tablespace',
      content: () => directoryContent({ aria_log_control: 'x', ...infoFiles() }),
      isClaimed: true,
      refusedWith: 'backup-truncated',
    },
    {
      what: 'a stream compressed by qpress',
      content: () => bytesContent(streamOf({ 'aria_log_control.qp': 'x', 'mariadb_backup_info.qp': 'x' })),
      isClaimed: true,
      refusedWith: 'format-unsupported',
    },
    {
      what: 'an increment in a tar',
      content: async () => bytesContent(await tarOf({ ...MARIADB_FILES, ...infoFiles({ from: 45093, to: 50000 }) })),
      isClaimed: true,
    },
    {
      what: 'a backup of some databases only',
      content: () =>
        directoryContent({
          ...Object.fromEntries(Object.entries(MARIADB_FILES).filter(([name]) => !name.startsWith('mysql/'))),
          mariadb_backup_info: (infoFiles()['mariadb_backup_info'] ?? '').replace('partial = N', 'partial = Y'),
        }),
      isClaimed: true,
      refusedWith: 'format-unsupported',
    },
    {
      what: 'an increment by itself',
      content: () => directoryContent({ ...MARIADB_FILES, ...infoFiles({ from: 45093, to: 50000 }) }),
      isClaimed: true,
    },
  ],
  xtrabackup: [
    { what: 'a directory', content: () => directoryContent(XTRABACKUP_FILES), isClaimed: true },
    { what: 'a stream', content: () => bytesContent(streamOf(XTRABACKUP_FILES)), isClaimed: true },
    { what: 'a stream that it compressed', content: () => bytesContent(compressedXtrabackup()), isClaimed: true },
    {
      what: 'a stream that it compressed with qpress',
      content: () =>
        bytesContent(streamOf({ 'ibdata1.qp': 'x', 'mysql.ibd.qp': 'x', 'xtrabackup_info.qp': 'qpress10' })),
      isClaimed: true,
    },
    { what: 'a tar', content: async () => bytesContent(await tarOf(XTRABACKUP_FILES)), isClaimed: true },
    {
      what: 'a stream that it encrypted',
      content: () => bytesContent(streamOf({ 'ibdata1.xbcrypt': 'x', 'mysql.ibd.xbcrypt': 'x' })),
      isClaimed: true,
      refusedWith: 'format-unsupported',
    },
    {
      what: 'a directory without its last file',
      content: () => directoryContent({ 'mysql.ibd': 'x', 'backup-my.cnf': '', xtrabackup_checkpoints: '' }),
      isClaimed: true,
      refusedWith: 'backup-truncated',
    },
    {
      what: 'an increment',
      content: () =>
        directoryContent({
          ...XTRABACKUP_FILES,
          xtrabackup_checkpoints: 'backup_type = incremental\nfrom_lsn = 100\nto_lsn = 200\nlast_lsn = 200\n',
        }),
      isClaimed: true,
      refusedWith: 'format-unsupported',
    },
  ],
  restic: [
    {
      what: 'a repository',
      content: () => directoryContent({ config: 'x', [`keys/${'0a'.repeat(32)}`]: '{}' }),
      isClaimed: true,
    },
  ],
  borg: [
    {
      what: 'a repository',
      content: () => directoryContent({ README: 'x', config: '[repository]\n', 'data/0/1': 'BORG_SEG' }),
      isClaimed: true,
    },
  ],
  litestream: [
    {
      what: 'a replica',
      content: () => replica('snapshots/00000000.snapshot', 'wal/00000000_00000000.wal'),
      isClaimed: true,
    },
    {
      what: 'a replica without the beginning of its log',
      content: () => replica('snapshots/00000000.snapshot', 'wal/00000000_00001018.wal'),
      isClaimed: true,
      refusedWith: 'backup-truncated',
    },
  ],
  'files-archive': [
    { what: 'a tar', content: async () => bytesContent(await tarOf({ 'a/b.jpg': 'x' })), isClaimed: false },
    { what: 'a zip archive', content: () => bytesContent(Buffer.from('PK\u0003\u0004 and so on')), isClaimed: false },
  ],
  'files-folder': [{ what: 'a folder', content: () => directoryContent({ 'a/b.jpg': 'x' }), isClaimed: false }],
  pgbackrest: [
    { what: 'a backup in a repository', content: () => openIn(repository(), DIFF), isClaimed: true },
    {
      what: 'a backup that was copied without its repository',
      content: () => directoryContent({ 'backup.manifest': '' }, `${FULL}/`),
      isClaimed: true,
      refusedWith: 'format-unsupported',
    },
  ],
  'wal-g': [
    { what: 'a full backup', content: () => walG(), isClaimed: true },
    {
      what: 'a delta backup',
      content: () => walG({}, 'base_000000010000000000000004_D_000000010000000000000002/'),
      isClaimed: true,
      refusedWith: 'format-unsupported',
    },
    {
      what: 'an encrypted backup',
      content: () => walG({ 'tar_partitions/pg_control.tar': 'x'.repeat(900) }),
      isClaimed: true,
      refusedWith: 'format-unsupported',
    },
    {
      what: 'a backup without its list',
      content: () => walG({ 'files_metadata.json': '{"TarFileSets":{"part_002.tar":[]}}' }),
      isClaimed: true,
      refusedWith: 'backup-truncated',
    },
    {
      what: 'a backup with metadata of something else',
      content: () => walG({ 'metadata.json': '[]' }),
      isClaimed: true,
      refusedWith: 'backup-corrupt',
    },
  ],
  'pg-basebackup': [
    { what: 'a tar', content: async () => bytesContent(await tarOf(BASE)), isClaimed: true },
    {
      what: 'a tar of a plain directory',
      content: async () => bytesContent(await tarOf({ './global/1262': '', './base/5/PG_VERSION': '17\n', ...BASE })),
      isClaimed: true,
    },
    {
      what: 'a tar of a directory that was copied by hand',
      content: async () => bytesContent(await tarOf({ 'global/1262': '', PG_VERSION: '17\n' })),
      isClaimed: true,
      refusedWith: 'backup-corrupt',
    },
    {
      what: 'a directory of tars',
      content: async () =>
        directoryContent({
          'base.tar': (await tarOf(BASE)).toString('latin1'),
          'pg_wal.tar': '',
          backup_manifest: '{}',
        }),
      isClaimed: true,
    },
    {
      what: 'a data directory',
      content: () => directoryContent({ ...BASE, 'global/pg_control': 'x', 'base/5/PG_VERSION': '17\n' }),
      isClaimed: true,
    },
    {
      what: 'a data directory that was not finished',
      content: () => directoryContent({ ...BASE, 'base/5/PG_VERSION': '17\n' }),
      isClaimed: true,
      refusedWith: 'backup-truncated',
    },
    {
      what: 'tars that were not finished',
      content: async () =>
        directoryContent({ 'base.tar': (await tarOf(BASE)).toString('latin1'), 'backup_manifest.tmp': '{' }),
      isClaimed: true,
      refusedWith: 'backup-truncated',
    },
    {
      what: 'two backups in one directory',
      content: () => directoryContent({ 'base.tar': '', 'base.tar.gz': '', backup_manifest: '{}' }),
      isClaimed: true,
      refusedWith: 'backup-corrupt',
    },
    {
      what: 'an incremental backup',
      content: async () =>
        bytesContent(await tarOf({ ...BASE, backup_label: `${BASE.backup_label}INCREMENTAL FROM LSN: 0/2000028\n` })),
      isClaimed: true,
      refusedWith: 'format-unsupported',
    },
    {
      what: 'a tar with a label that says nothing',
      content: async () => bytesContent(await tarOf({ ...BASE, backup_label: 'x' })),
      isClaimed: true,
      refusedWith: 'backup-corrupt',
    },
    {
      what: 'a tar that ends after its label',
      content: async () => bytesContent(await tarOf({ backup_label: BASE.backup_label })),
      isClaimed: true,
      refusedWith: 'backup-truncated',
    },
  ],
  'postgres-plain-sql': [
    {
      what: 'a dump',
      content: text('--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 17.2\n\nSET x = 1;\n'),
      isClaimed: true,
    },
    { what: 'SQL by hand', content: text('CREATE TABLE a (id int);\n'), isClaimed: false },
  ],
  'mysql-plain-sql': [
    { what: 'SQL with names in backticks', content: text('CREATE TABLE `a` (`id` int);\n'), isClaimed: true },
    { what: 'SQL by hand', content: text('CREATE TABLE a (id int);\n'), isClaimed: false },
    {
      what: 'a dump in XML',
      content: text('<?xml version="1.0"?>\n<mysqldump xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'),
      isClaimed: false,
      refusedWith: 'format-unsupported',
    },
  ],
  'mysql-data-directory': [
    {
      what: 'a tar of one whose product is not known',
      content: async () => bytesContent(await tarOf({ ibdata1: 'x', 'shop/orders.ibd': '' })),
      isClaimed: true,
    },
    {
      what: 'a copy without its redo log',
      content: () => directoryContent({ ibdata1: '', 'mysql/db.frm': '' }),
      isClaimed: true,
      refusedWith: 'backup-truncated',
    },
  ],
  mydumper: [{ what: 'a directory', content: () => directoryContent(DIRECTORY), isClaimed: true }],
  'mysql-shell': [
    {
      what: 'a finished dump',
      content: () => directoryContent(SHELL_DIRECTORY),
      isClaimed: false,
    },
    {
      what: 'an unfinished dump',
      content: () => directoryContent({ '@.json': '{}' }),
      isClaimed: false,
      refusedWith: 'backup-truncated',
    },
  ],
};
/** Samples that only one of the engines sharing a format opens. */
const OF_ENGINE: Readonly<Record<string, readonly Sample[]>> = {
  mysql: [{ what: 'a dump of its product', content: text(MYSQL), isClaimed: true }],
  mariadb: [{ what: 'a dump of its product', content: text(MARIADB), isClaimed: true }],
};

/** Engines that recognise a backup by its content. */
const ENGINES = ALL_ENGINES.filter(({ takesAnyContent }) => !takesAnyContent);

const all = ENGINES.flatMap((engine) => engine.formats.map((format) => ({ engine, format })));

describe('the registry of formats', () => {
  it.each(all)('has samples of $format.name ($engine.type)', ({ format }) => {
    expect(SAMPLES[format.name]?.length).toBeGreaterThan(0);
  });

  it('has unique format names, each for a single product', () => {
    const products = new Set(all.map(({ format }) => `${format.name} ${format.product}`));
    expect(products.size).toBe(new Set(all.map(({ format }) => format.name)).size);
    for (const { formats } of ENGINES) expect(new Set(formats.map(({ name }) => name)).size).toBe(formats.length);
  });
});

for (const { engine, format } of all) {
  const own = format.name === 'mysql-plain-sql' ? (OF_ENGINE[engine.type] ?? []) : [];
  describeFormatContract({
    engine,
    format,
    samples: [...(SAMPLES[format.name] ?? []), ...own],
    others: Object.entries(SAMPLES).flatMap(([name, samples]) => (name === format.name ? [] : samples)),
    allEngines: ENGINES,
  });
}

/** A Litestream replica with one generation. */
function replica(...names: readonly string[]): BackupContent {
  const members = names.map((name) => [`generations/53151e9ffcb92a43/${name}.lz4`, 'x']);
  const content = directoryContent(Object.fromEntries(members));
  const { key } = content.backup;
  const objects = [...content.members].map(([name, { sizeBytes }]) => {
    return { key: `${key}${name}`, sizeBytes, modifiedAt: new Date(0), etag: name };
  });
  return { ...content, backup: { ...content.backup, objects } };
}

/** XtraBackup compresses every file, even small ones. */
function compressedXtrabackup(): Buffer {
  return Buffer.concat(
    Object.entries(XTRABACKUP_FILES).map(([name, text]) => streamed(`${name}.zst`, zstdCompressSync(text))),
  );
}

async function tarOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const packing = pack();
  for (const [name, content] of Object.entries(files)) packing.entry({ name }, content);
  packing.finalize();
  return buffer(packing);
}

function directoryOfPgDump(): BackupContent {
  const members = new Map([['toc.dat', { sizeBytes: TOC.length, exactBytes: TOC.length }]]);
  return { ...directoryContent({}), members, stream: () => Readable.from([TOC]) };
}

function withOldNames(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name.replace(/^mariadb_backup_/, 'xtrabackup_'), text]),
  );
}
