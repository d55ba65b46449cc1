import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { mariadbFlavor, mysqlFlavor } from '../../../../../src/engines/mysql/flavor.ts';
import { logOf } from '../../../../../src/engines/mysql/formats/data-directory/binary-logs.ts';
import { dataDirectoryFormat } from '../../../../../src/engines/mysql/formats/data-directory/data-directory-format.ts';
import {
  readRedoHeader,
  readTablespaceHeader,
  readUpgradeInfo,
} from '../../../../../src/engines/mysql/formats/data-directory/innodb-header.ts';
import { readLines } from '../../../../../src/engines/mysql/formats/data-directory/look-at-copy.ts';
import { layoutOf } from '../../../../../src/engines/mysql/formats/data-directory/restore-data-directory.ts';
import { bytesContent, directoryContent } from '../../../../support/fake-content.ts';
import { MARIADB_COPY, redoHeader, systemPage } from './copied-files.ts';

const never = new AbortController().signal;
const open = async (
  content: ReturnType<typeof directoryContent> | ReturnType<typeof bytesContent>,
  flavor = mariadbFlavor,
) => {
  const opened = dataDirectoryFormat(flavor).recognise(content);
  if (!opened) return 'not recognised';
  return opened(never).then(
    ({ facts, needs }) => `${facts.format} of ${facts.serverVersion} for ${needs.major}`,
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );
};
const without = (...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(MARIADB_COPY).filter(([name]) => !names.includes(name)));

describe('a copy of a data directory', () => {
  it('reveals its product and version before a sandbox starts', async () => {
    expect(await open(directoryContent(MARIADB_COPY))).toBe('copy of a data directory (directory) of 11.8.9 for 11.8');
    const mysql = {
      ibdata1: systemPage({ version: 90_704 }),
      'mysql.ibd': '',
      '#innodb_redo/#ib_redo6': redoHeader('MySQL 9.7.4'),
    };
    expect(await open(directoryContent(mysql), mysqlFlavor)).toBe(
      'copy of a data directory (directory) of 9.7.4 for 9.7',
    );
    expect(await open(directoryContent(mysql))).toBe(
      'engine-mismatch: nightly/ is a copy of the data directory of MySQL 9.7.4, and the drill restores MariaDB',
    );
    expect(await open(directoryContent(MARIADB_COPY), mysqlFlavor)).toMatch(
      /^engine-mismatch: .* of MariaDB 11\.8\.9, /,
    );
  });

  it('is read from a tar, with leading folders and in any order', async () => {
    const packing = pack();
    for (const [name, text] of Object.entries(MARIADB_COPY).toReversed())
      packing.entry({ name: `./var/lib/mysql/${name}` }, Buffer.from(text, 'latin1'));
    packing.finalize();
    expect(await open(bytesContent(await buffer(packing)))).toBe('copy of a data directory (tar) of 11.8.9 for 11.8');
  });

  it.each(['shop/big.ibd', './shop/big.MYD', 'var/lib/mysql/mysql/big.CSV'])(
    'is read from a tar that begins with %s, a table larger than the part that is inspected',
    async (first) => {
      const packing = pack();
      const folder = first.slice(0, first.lastIndexOf('/', first.lastIndexOf('/') - 1) + 1);
      packing.entry({ name: first }, Buffer.alloc(2 ** 20));
      for (const [name, text] of Object.entries(MARIADB_COPY))
        packing.entry({ name: `${folder}${name}` }, Buffer.from(text, 'latin1'));
      packing.finalize();
      expect(await open(bytesContent(await buffer(packing)))).toBe('copy of a data directory (tar) of 11.8.9 for 11.8');
    },
  );

  it.each([
    ['ibdata1', /^backup-truncated: nightly\/ lacks ibdata1, the system tablespace$/],
    ['ib_logfile0', /^backup-truncated: nightly\/ lacks the redo log /],
    ['mysql/db.frm', /^backup-truncated: nightly\/ lacks the system tables /],
    ['aria_log_control', /^backup-truncated: nightly\/ lacks aria_log_control, /],
  ])('is refused without %s', async (name, message) => {
    expect(await open(directoryContent(without(name)))).toMatch(message);
  });

  it('is not recognised when it contains a backup tool’s own files', async () => {
    for (const name of ['xtrabackup_checkpoints', 'mariadb_backup_info', 'backup-my.cnf', 'xtrabackup_info.qp'])
      expect(await open(directoryContent({ ...MARIADB_COPY, [name]: '' }))).toBe('not recognised');
  });

  it('takes its version from the newer of the redo log and the upgrade file', async () => {
    expect(await open(directoryContent({ ...MARIADB_COPY, mariadb_upgrade_info: '10.6.9-MariaDB' }))).toMatch(
      / of 11\.8\.8 /,
    );
    expect(await open(directoryContent({ ...MARIADB_COPY, ib_logfile0: redoHeader('MariaDB 10.11.2') }))).toMatch(
      / of 11\.8\.9 /,
    );
    expect(await open(directoryContent(without('mariadb_upgrade_info')))).toMatch(/ of 11\.8\.8 /);
    expect(await open(directoryContent({ ...without('mariadb_upgrade_info'), ib_logfile0: '' }))).toMatch(
      / of unknown /,
    );
  });
});

describe('InnoDB headers', () => {
  it.each([
    [
      { flags: 0x4800, version: 90_704 },
      { pageSize: 16_384, serverVersion: '9.7.4' },
    ],
    [
      { flags: 0x48c0, version: 80_036 },
      { pageSize: 4096, serverVersion: '8.0.36' },
    ],
    [{ flags: 0x15 }, { pageSize: 16_384, serverVersion: undefined }],
    [{ flags: 0x14 }, { pageSize: 8192, serverVersion: undefined }],
    [{ flags: 0x17 }, { pageSize: 65_536, serverVersion: undefined }],
  ])('state the page size and the version: %j', (page, expected) => {
    expect(readTablespaceHeader(Buffer.from(systemPage(page), 'latin1'))).toEqual(expected);
  });

  it('state nothing when a page was overwritten or truncated', () => {
    expect(readTablespaceHeader(Buffer.alloc(64))).toBeUndefined();
    expect(readTablespaceHeader(Buffer.alloc(64, 0xff))).toBeUndefined();
    expect(readTablespaceHeader(Buffer.alloc(3))).toBeUndefined();
    expect(readRedoHeader(Buffer.alloc(64))).toBeUndefined();
  });

  it('in a redo log state which product wrote it', () => {
    expect(readRedoHeader(Buffer.from(redoHeader('MySQL 9.7.4'), 'latin1'))).toEqual({
      product: 'mysql',
      version: '9.7.4',
    });
    expect(readUpgradeInfo('{"upgrade_history":[{"version":"8.4.3"},{"version":"9.7.4-2"}]}')).toEqual({
      product: 'mysql',
      version: '9.7.4',
    });
    expect(readUpgradeInfo('10.11.18-MariaDB')).toEqual({ product: 'mariadb', version: '10.11.18' });
  });
});

describe('an unpacked copy', () => {
  it('reveals its settings through its files', () => {
    const files = new Map([
      ['ibdata2', 50_331_648],
      ['ibdata1', 12_582_912],
      ['ibdata10', 8_388_608],
      ['undo001', 1],
      ['undo002', 1],
      ['undo_001', 1],
    ]);
    expect(layoutOf(files)).toEqual({
      innodb_data_file_path: 'ibdata1:12582912;ibdata2:50331648;ibdata10:8388608:autoextend',
      innodb_undo_tablespaces: '2',
    });
    expect(layoutOf(new Map([['ibdata1', 12_582_912]]))).toEqual({});
  });

  it('separates links to required files elsewhere from links that no server needs', () => {
    const { elsewhere, warnings, pageSize } = readLines(
      `file\tibdata1\t12\nelsewhere\tshop/big.ibd\t/mnt/fast/big.ibd\nleft-out\terror.log\t\nhead\tibdata1\t${Buffer.from(systemPage({ flags: 0x14 }), 'latin1').toString('hex')}\n`,
    );
    expect(elsewhere).toEqual([{ name: 'shop/big.ibd', target: '/mnt/fast/big.ibd' }]);
    expect(warnings).toEqual(['error.log is a link, and was left out']);
    expect(pageSize).toBe(8192);
  });

  it('states where a stopped server’s log ended, or has a running server’s log recovered', () => {
    const lines = (flags: string) =>
      readLines(
        `file\tbin.000001\t300\nfile\tbin.000002\t1234\nindex\tbin.index\tbin.000001\nindex\tbin.index\tbin.000002\nflags\tbin.000001\t 00\nflags\tbin.000002\t ${flags}\n`,
      );
    expect(logOf(lines('00'))).toMatchObject({
      settings: {},
      start: { position: { file: 'bin.000002', offset: 1234 } },
    });
    expect(logOf(lines('01'))).toMatchObject({
      settings: { log_bin: 'bin', log_bin_index: 'bin.index' },
      start: undefined,
      used: ['bin.000001', 'bin.000002'],
    });
    expect(logOf(readLines(''))).toEqual({ settings: {}, start: undefined });
  });
});
