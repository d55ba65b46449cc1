import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { LogArchive, RecoveryTarget } from '../../../../src/engines/format.ts';
import { planReplay } from '../../../../src/engines/mysql/log/plan-replay.ts';
import type { LogCoordinates } from '../../../../src/engines/mysql/log/start-coordinates.ts';
import { never } from '../restoring.ts';
import { LogBuilder } from './log-builder.ts';

const VERSION = '11.8.9-MariaDB-log';
const GTID_LIST = 163;
const IN_USE = 1;

/** A GTID list, with each GTID as `0-7-NUMBER`. */
function list(...numbers: readonly number[]): Buffer {
  const body = Buffer.alloc(4 + numbers.length * 16);
  body.writeUInt32LE(numbers.length);
  for (const [index, number] of numbers.entries()) {
    body.writeUInt32LE(7, 8 + index * 16);
    body.writeUInt32LE(number, 12 + index * 16);
  }
  return body;
}

interface FileOptions {
  readonly version?: string;
  /** Sequence number before the first, which the file lists as preceding it. */
  readonly after: number;
  readonly numbers: readonly number[];
  readonly next?: string;
  readonly isOpen?: boolean;
  readonly end?: 'stop';
}

function logFile({ version = VERSION, after, numbers, next, isOpen, end }: FileOptions) {
  const log = new LogBuilder({ version, formatFlags: isOpen ? IN_USE : 0 });
  log.event(GTID_LIST, after === 0 ? list() : list(after));
  const starts: number[] = [];
  for (const number of numbers) {
    starts.push(log.position);
    log
      .gtid(number, { seconds: 1_795_900_000 + number })
      .table(1, 'shop', 'orders')
      .rows(30, 1, 1);
    log.commit({ seconds: 1_795_900_000 + number });
  }
  if (next !== undefined) log.rotate(next);
  if (end) log.stop();
  return { bytes: log.bytes, starts, position: log.position };
}

const FIRST = logFile({ after: 0, numbers: [1, 2, 3], next: 'binlog.000002' });
const SECOND = logFile({ after: 3, numbers: [4, 5], next: 'binlog.000003' });
const THIRD = logFile({ after: 5, numbers: [6], end: 'stop' });
const WHOLE = { 'binlog.000001': FIRST.bytes, 'binlog.000002': SECOND.bytes, 'binlog.000003': THIRD.bytes };
const at = (position: number, more: Partial<LogCoordinates> = {}): LogCoordinates => ({
  at: { file: 'binlog.000001', position },
  saidBy: 'CHANGE MASTER in the dump',
  ...more,
});

function plan(
  files: Readonly<Record<string, Buffer>>,
  coordinates = at(FIRST.starts[1] ?? 0),
  target: RecoveryTarget = { kind: 'latest' },
  storedAt?: Date,
) {
  const archive: LogArchive = {
    description: '/logs/',
    files: Object.entries(files).map(([key, { length }]) => ({ key, sizeBytes: length })),
    read: () => Promise.reject(new Error('streamed')),
    stream: async ({ key }) => Readable.from([files[key]]),
  };
  return planReplay({ product: 'mariadb', archive, coordinates, target, storedAt, database: undefined, signal: never });
}

describe('the plan of a replay', () => {
  it('begins at the backup’s position and ends with the newest file', async () => {
    expect(await plan(WHOLE)).toMatchObject({
      start: { file: 'binlog.000001', position: FIRST.starts[1] },
      stop: { file: 'binlog.000003', position: THIRD.position },
      commits: 5,
      last: { gtid: '0-7-6' },
      firstLost: undefined,
    });
  });

  it('knows the transactions before and after the point where it stops', async () => {
    expect(await plan(WHOLE, undefined, { kind: 'position', at: { gtid: '0-7-4' } })).toMatchObject({
      files: [{ name: 'binlog.000001' }, { name: 'binlog.000002' }],
      commits: 3,
      last: { gtid: '0-7-4' },
      firstLost: { gtid: '0-7-5' },
    });
    const time = { kind: 'time', at: new Date((1_795_900_000 + 3) * 1000) } as const;
    expect(await plan(WHOLE, undefined, time)).toMatchObject({ commits: 2, firstLost: { gtid: '0-7-4' } });
  });

  it('finds the start by GTIDs without the backup’s file, and omits what the backup contains', async () => {
    const coordinates = { gtids: '0-7-4', saidBy: 'the GTIDs in the dump' };
    expect(await plan(WHOLE, coordinates)).toMatchObject({
      files: [{ name: 'binlog.000002' }, { name: 'binlog.000003' }],
      commits: 2,
      last: { gtid: '0-7-6' },
    });
  });

  it('accepts a log whose newest file is still being written', async () => {
    const open = logFile({ after: 5, numbers: [6], isOpen: true });
    expect(await plan({ ...WHOLE, 'binlog.000003': open.bytes })).toMatchObject({ commits: 5 });
  });

  it('accepts a file left without an end by a crash if the next file lists all its transactions', async () => {
    const crashed = logFile({ after: 3, numbers: [4, 5], isOpen: true });
    expect(await plan({ ...WHOLE, 'binlog.000002': crashed.bytes })).toMatchObject({ commits: 5 });
  });

  it('can be empty', async () => {
    const end = { at: { file: 'binlog.000003', position: THIRD.position }, saidBy: 'x' };
    expect(await plan(WHOLE, end)).toMatchObject({ commits: 0, last: undefined });
  });
});

const flipped = Buffer.from(SECOND.bytes);
flipped.writeUInt8(flipped.readUInt8(200) ^ 1, 200);
const { 'binlog.000002': _gone, ...hole } = WHOLE;

describe('a log that is newer than the backup', () => {
  const start = at(FIRST.starts[1] ?? 0);
  const storedHoursBefore = (hours: number) => new Date((1_795_900_001 - hours * 3600) * 1000);

  it('is refused, since its name and position belong to an earlier log', async () => {
    await expect(plan(WHOLE, start, undefined, storedHoursBefore(49))).rejects.toMatchObject({
      code: 'log-incomplete',
      message: expect.stringMatching(
        /what binlog\.000001 has before position \d+ is of 28 Nov 2026, [\d:]+ UTC, and the backup was stored 26 Nov 2026, /,
      ),
    });
  });

  it('is accepted when clocks may differ, and when the backup was stored later', async () => {
    for (const hours of [47, 0, -1000])
      expect(await plan(WHOLE, start, undefined, storedHoursBefore(hours))).toMatchObject({ commits: 5 });
  });
});

describe('a log without GTIDs', () => {
  const log = new LogBuilder({ version: VERSION });
  const position = log.position;
  log.query('BEGIN').table(1, 'shop', 'orders').rows(30, 1, 1).commit();
  const of = (more: Partial<LogCoordinates>, storedAt?: Date) =>
    plan({ 'binlog.000001': log.bytes }, at(position, more), undefined, storedAt);
  const known = new Date('2026-11-28T23:00:00Z');

  it('raises a doubt when its server has another version, or it continues long before the backup was stored', async () => {
    expect((await of({ serverVersion: '11.8.9' }, known)).doubts).toEqual([]);
    expect((await of({ serverVersion: '11.8.8' }, known)).doubts).toEqual([
      'binlog.000001 was written by a server of 11.8.9, and the backup is of 11.8.8: without GTIDs, the log may be another server’s',
    ]);
    expect((await of({}, new Date('2026-12-07T00:00:00Z'))).doubts).toEqual([
      expect.stringMatching(
        /^the log continues with a transaction of 28 Nov 2026, [\d:]+ UTC, and the backup was stored 7 Dec 2026, /,
      ),
    ]);
  });

  it('is refused when the backup includes the file of that name and its start differs', async () => {
    const head = { file: 'binlog.000001', seconds: 1_795_900_000, serverId: 7 };
    expect(await of({ ownLog: head })).toMatchObject({ commits: 1 });
    expect(await of({ ownLog: { ...head, file: 'binlog.000009', serverId: 8 } })).toMatchObject({ commits: 1 });
    for (const other of [{ serverId: 8 }, { seconds: 1_795_899_999 }])
      await expect(of({ ownLog: { ...head, ...other } })).rejects.toMatchObject({
        code: 'log-incomplete',
        message: expect.stringMatching(
          /binlog\.000001 was begun by server_id 7 at .* UTC, and the file of that name in the backup by server_id \d at/,
        ),
      });
  });
});

describe('a log with GTIDs', () => {
  it('raises no doubt when they match the backup', async () => {
    const coordinates = at(FIRST.starts[1] ?? 0, { gtids: '0-7-1', serverVersion: '11.8.8' });
    expect((await plan(WHOLE, coordinates)).doubts).toEqual([]);
  });

  it('may be another server’s, with the same file names, when only the GTIDs show where it continues', async () => {
    const ownLog = { file: 'binlog.000001', seconds: 1_795_000_000, serverId: 8 };
    expect(await plan(WHOLE, { gtids: '0-7-1', ownLog, saidBy: 'the GTIDs in its files' })).toMatchObject({
      commits: 5,
    });
  });
});

describe('a log that cannot be replayed', () => {
  it.each<[string, Readonly<Record<string, Buffer>>, LogCoordinates, string, RegExp]>([
    [
      'has a hole',
      hole,
      at(FIRST.starts[1] ?? 0),
      'log-incomplete',
      /binlog\.000002 is missing, between binlog\.000001 and binlog\.000003/,
    ],
    [
      'has a flipped bit',
      { ...WHOLE, 'binlog.000002': flipped },
      at(FIRST.starts[1] ?? 0),
      'log-damaged',
      /binlog\.000002, position \d+: the checksum/,
    ],
    [
      'is cut within an event',
      { ...WHOLE, 'binlog.000003': THIRD.bytes.subarray(0, THIRD.bytes.length - 5) },
      at(FIRST.starts[1] ?? 0),
      'log-damaged',
      /ends within this event/,
    ],
    [
      'is cut within a transaction',
      { ...WHOLE, 'binlog.000003': THIRD.bytes.subarray(0, (THIRD.starts[0] ?? 0) + 42) },
      at(FIRST.starts[1] ?? 0),
      'log-incomplete',
      /binlog\.000003 in \/logs\/ ends within the transaction that begins at position/,
    ],
    [
      'lacks the end of a file',
      { ...WHOLE, 'binlog.000002': logFile({ after: 3, numbers: [4] }).bytes },
      at(FIRST.starts[1] ?? 0),
      'log-incomplete',
      /says that 0-7-5 came before it/,
    ],
    [
      'continues with another file',
      { ...WHOLE, 'binlog.000002': logFile({ after: 3, numbers: [4, 5], next: 'binlog.000007' }).bytes },
      at(FIRST.starts[1] ?? 0),
      'log-incomplete',
      /binlog\.000002 says that binlog\.000007 follows it/,
    ],
    [
      'is of another product',
      { 'binlog.000001': logFile({ version: '9.7.4', after: 0, numbers: [] }).bytes },
      at(4),
      'engine-mismatch',
      /a log of MySQL 9\.7\.4/,
    ],
    [
      'is encrypted',
      { 'binlog.000001': Buffer.from('fd62696e00000000', 'hex') },
      at(4),
      'backup-encrypted',
      /binlog_encryption/,
    ],
    ['is none', { 'binlog.000001': Buffer.from('-- SQL dump') }, at(4), 'log-damaged', /not a binary log/],
    [
      'has no transaction at the position',
      WHOLE,
      at((FIRST.starts[1] ?? 0) + 3),
      'log-incomplete',
      /does not fit the backup: no transaction of binlog\.000001 begins at position/,
    ],
    [
      'ends before the position',
      WHOLE,
      at(999_999),
      'log-incomplete',
      /binlog\.000001 ends at position \d+, before the backup/,
    ],
    [
      'has what the backup does not hold',
      WHOLE,
      at(FIRST.starts[2] ?? 0, { gtids: '0-7-1' }),
      'log-incomplete',
      /has 0-7-2 before position/,
    ],
    [
      'is of other servers',
      WHOLE,
      at(FIRST.starts[2] ?? 0, { gtids: '5-1-1' }),
      'log-incomplete',
      /are of other servers/,
    ],
    [
      'begins after the backup',
      { 'binlog.000003': THIRD.bytes },
      { gtids: '0-7-4', saidBy: 'x' },
      'log-incomplete',
      /begins with binlog\.000003, after the backup/,
    ],
  ])('%s', async (_how, files, coordinates, code, message) => {
    await expect(plan(files, coordinates)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.any(String),
    });
  });

  it('is not needed beyond the target', async () => {
    const target = { kind: 'position', at: { gtid: '0-7-2' } } as const;
    expect(await plan(hole, undefined, target)).toMatchObject({ commits: 1, firstLost: { gtid: '0-7-3' } });
  });
});
