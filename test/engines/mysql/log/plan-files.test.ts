import { describe, expect, it } from 'vitest';
import type { LogArchive } from '../../../../src/engines/format.ts';
import { readLogName } from '../../../../src/engines/mysql/log/log-names.ts';
import { planFiles } from '../../../../src/engines/mysql/log/plan-files.ts';

const archive = (...keys: string[]): LogArchive => ({
  description: '/logs/',
  files: keys.map((key) => ({ key, sizeBytes: 100 })),
  read: () => Promise.reject(new Error('not read')),
});
const at = (file: string) => ({ at: { file, position: 157 }, saidBy: 'CHANGE MASTER in the dump' });

describe('the name of a log file', () => {
  it.each([
    ['mysql-bin.000012', 'mysql-bin.000012', 12],
    ['db1/binlog.000012.gz', 'binlog.000012', 12],
    ['binlog.000012.zst.age', 'binlog.000012', 12],
    ['binlog.1000000', 'binlog.1000000', 1_000_000],
    ['raw-mariadb-bin.000001.lz4', 'raw-mariadb-bin.000001', 1],
    ['db.example.com-bin.000001', 'db.example.com-bin.000001', 1],
  ])('is read from %s', (key, name, number) =>
    expect(readLogName({ key, sizeBytes: 1 })).toMatchObject({ name, number }),
  );

  it.each(['mysql-bin.index', 'mariadb-bin.000001.idx', 'mysql-bin.~rec~', 'ib_logfile0', 'dump.sql', 'x.00001'])(
    'is not %s',
    (key) => expect(readLogName({ key, sizeBytes: 1 })).toBeUndefined(),
  );
});

describe('the files of a log', () => {
  it('start with the file that the backup names, and are ordered by number', () => {
    const files = ['binlog.1000001', 'binlog.999999', 'binlog.index', 'binlog.1000000.gz', 'binlog.999998'];
    const plan = planFiles(archive(...files), at('binlog.999999'));
    expect(plan.files.map(({ name }) => name)).toEqual(['binlog.999999', 'binlog.1000000', 'binlog.1000001']);
    expect(plan.startsAtFile).toBe(true);
  });

  it.each([
    ['no log', ['dump.sql'], 'binlog.000002', 'log-incomplete', /holds no binary log/],
    [
      'a purged start',
      ['binlog.000003'],
      'binlog.000002',
      'log-incomplete',
      /lacks binlog\.000002, .* its oldest is binlog\.000003/,
    ],
    [
      'a start that is missing',
      ['binlog.000001', 'binlog.000003'],
      'binlog.000002',
      'log-incomplete',
      /lacks binlog\.000002/,
    ],
    [
      'a log that ends before',
      ['binlog.000001'],
      'binlog.000002',
      'log-incomplete',
      /ends with binlog\.000001, before the backup/,
    ],
    ['another name', ['mysql-bin.000002'], 'binlog.000002', 'log-incomplete', /its logs are named mysql-bin/],
    [
      'two servers',
      ['a/binlog.000002', 'b/binlog.000002'],
      'binlog.000002',
      'backup-ambiguous',
      /several servers: a\/binlog, b\/binlog/,
    ],
  ])('are refused: %s', (_what, keys, file, code, message) => {
    expect(() => planFiles(archive(...keys), at(file))).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message), hint: expect.any(String) }),
    );
  });

  it('may have other names when GTIDs show where to begin', () => {
    const plan = planFiles(archive('mysql-bin.000002'), { ...at('binlog.000007'), gtids: '0-1-7' });
    expect(plan).toMatchObject({ startsAtFile: false, files: [{ name: 'mysql-bin.000002' }] });
  });
});
