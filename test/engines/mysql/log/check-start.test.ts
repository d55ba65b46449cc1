import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { LogArchive, RecoveryTarget } from '../../../../src/engines/format.ts';
import { checkArchive } from '../../../../src/engines/mysql/log/check-archive.ts';
import { checkStart } from '../../../../src/engines/mysql/log/check-start.ts';
import type { LogCoordinates } from '../../../../src/engines/mysql/log/start-coordinates.ts';
import { never } from '../restoring.ts';
import { LogBuilder } from './log-builder.ts';

const LATEST: RecoveryTarget = { kind: 'latest' };
const FILE = 'binlog.000002';
const at = (file: string, gtids?: string): LogCoordinates => ({
  at: { file, position: 400 },
  saidBy: 'the dump',
  ...(gtids === undefined ? {} : { gtids }),
});

/**
 * A MariaDB file. @param before sequence number of the last transaction that the file lists as preceding it, of server
 * 7 in domain 0.
 */
function fileAfter(before: number, version = '11.8.9-MariaDB-log'): Buffer {
  const list = Buffer.alloc(20);
  list.writeUInt32LE(1);
  list.writeUInt32LE(7, 8);
  list.writeUInt32LE(before, 12);
  return new LogBuilder({ version })
    .event(163, list)
    .gtid(before + 1, { flags: 1 })
    .query('DROP TABLE t').bytes;
}

/** @returns the files that were read, in order. */
async function check(
  files: Readonly<Record<string, Buffer>>,
  coordinates: LogCoordinates | undefined,
  target: RecoveryTarget = LATEST,
): Promise<readonly string[]> {
  const read: string[] = [];
  const archive: LogArchive = {
    description: '/logs/',
    files: Object.entries(files).map(([key, { length }]) => ({ key, sizeBytes: length })),
    read: () => Promise.reject(new Error('streamed')),
    stream: async ({ key }) => {
      read.push(key);
      return Readable.from([files[key] ?? Buffer.alloc(0)]);
    },
  };
  await checkStart(archive, { product: 'mariadb', coordinates }, target, never);
  return read;
}

describe('a log archive before a sandbox starts', () => {
  it('is checked at the start of the file where recovery begins', async () => {
    const files = { 'binlog.000001': fileAfter(1), [FILE]: fileAfter(9), 'binlog.000003': fileAfter(12) };
    expect(await check(files, at(FILE, '0-7-10'))).toEqual([FILE]);
  });

  it('may continue with another server’s transactions, as after a failover', async () => {
    expect(await check({ [FILE]: fileAfter(9) }, at(FILE, '0-8-15'))).toEqual([FILE]);
  });

  it('is searched backwards when the oldest file does not show that recovery can begin there', async () => {
    const gtids: LogCoordinates = { gtids: '0-7-12', saidBy: 'the dump' };
    const newer = { [FILE]: fileAfter(9), 'binlog.000003': fileAfter(20) };
    for (const oldest of [
      Buffer.from('no log'),
      new LogBuilder({ version: '11.8.9-MariaDB-log' }).bytes,
      fileAfter(30),
    ])
      expect(await check({ 'binlog.000001': oldest, ...newer }, gtids)).toContain(FILE);
  });

  it.each<[string, Readonly<Record<string, Buffer>>, LogCoordinates, string, RegExp]>([
    ['begins after the backup', { 'binlog.000003': fileAfter(9) }, at(FILE), 'log-incomplete', /lacks binlog\.000002/],
    [
      'ends before the backup',
      { 'binlog.000001': fileAfter(9) },
      at(FILE),
      'log-incomplete',
      /ends with binlog\.000001/,
    ],
    [
      'has other names',
      { 'mysql-bin.000002': fileAfter(9) },
      at(FILE),
      'log-incomplete',
      /its logs are named mysql-bin/,
    ],
    ['is of another product', { [FILE]: fileAfter(9, '9.7.4') }, at(FILE), 'engine-mismatch', /a log of MySQL 9\.7\.4/],
    [
      'is of other servers',
      { [FILE]: fileAfter(9) },
      at(FILE, '5-7-10'),
      'log-incomplete',
      /5-7-10, are of other servers/,
    ],
    [
      'continues from later',
      { [FILE]: fileAfter(9) },
      at(FILE, '0-7-3'),
      'log-incomplete',
      /binlog\.000002 continues from 0-7-9, and/,
    ],
    [
      'begins after the GTIDs of the backup',
      { 'binlog.000003': fileAfter(9) },
      { gtids: '0-7-3', saidBy: 'the dump' },
      'log-incomplete',
      /begins with binlog\.000003, after the backup/,
    ],
  ])('is refused if it %s', async (_what, files, coordinates, code, message) => {
    await expect(check(files, coordinates)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('is refused for a position in a missing file', async () => {
    const target = (file: string): RecoveryTarget => ({ kind: 'position', at: { position: `${file}:4` } });
    const files = { [FILE]: fileAfter(9) };
    await expect(check(files, at(FILE), target('binlog.000009'))).rejects.toMatchObject({
      code: 'target-not-reached',
      message:
        'the position binlog.000009:4 is not in the log since the backup, which goes from binlog.000002 to binlog.000002',
    });
    await expect(check(files, at(FILE), target(FILE))).resolves.toEqual([FILE]);
  });

  it('is left to the replay when its first event is damaged, it is in large tars, or the backup’s position is not yet known', async () => {
    expect(await check({ [FILE]: Buffer.from('no log') }, at(FILE))).toEqual([FILE]);
    expect(await check({ 'logs.tar': Buffer.alloc(32 * 2 ** 20 + 1) }, at(FILE))).toEqual([]);
    expect(await check({ [FILE]: fileAfter(9) }, undefined)).toEqual([]);
    expect(await check({}, at(FILE), { kind: 'backup-end' })).toEqual([]);
  });

  it('is refused with an explanation when it was dumped by MySQL Shell', async () => {
    const keys = ['@.binlog.info.json', '2026-11-29-10-00-00/@.binlog.json', '2026-11-29-10-00-00/binlog.000001.zst'];
    const archive = {
      description: '/logs/',
      files: keys.map((key) => ({ key, sizeBytes: 1 })),
      read: () => Promise.reject(new Error('streamed')),
    };
    await expect(checkArchive(archive, LATEST, never)).rejects.toMatchObject({
      code: 'format-unsupported',
      message: expect.stringContaining('util.dumpBinlogs'),
      hint: expect.stringContaining('--read-from-remote-server --raw'),
    });
  });
});
