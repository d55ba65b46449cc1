import { describe, expect, it } from 'vitest';
import { logStartOf, readLogStart } from '../../../../src/engines/mysql/recovery/log-start.ts';

describe('readLogStart', () => {
  it.each([
    ['mariadb-bin.000096\t568\t0-1-2\n', { position: { file: 'mariadb-bin.000096', offset: 568 }, gtid: '0-1-2' }],
    ['binlog.000001\t4\n', { position: { file: 'binlog.000001', offset: 4 }, gtid: undefined }],
    [
      'binlog.000003\t197\t3e11fa47-71ca-11e1-9e33-c80aa9429562:1-77,\n4e11fa47-71ca-11e1-9e33-c80aa9429562:1-5\n',
      {
        position: { file: 'binlog.000003', offset: 197 },
        gtid: '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-77,4e11fa47-71ca-11e1-9e33-c80aa9429562:1-5',
      },
    ],
    ['\t\t0-1-2,1-2-7', { position: undefined, gtid: '0-1-2,1-2-7' }],
  ])('reads %j', (text, expected) => {
    expect(readLogStart(text)).toEqual(expected);
  });

  it.each([
    '',
    '\n',
    'no log here',
    'mariadb-bin\t4',
    'mariadb-bin.000001\tx',
    'mariadb-bin.000001\t-5',
    'a/../b\t\t; rm',
  ])('finds no position in %j', (text) => {
    expect(readLogStart(text)).toBeUndefined();
  });

  it('drops the directory from the name that a server reports', () => {
    expect(logStartOf('/var/log/mysql/mysql-bin.000012', '375')?.position?.file).toBe('mysql-bin.000012');
  });
});
