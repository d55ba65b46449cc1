import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { LogArchive, RecoveryTarget } from '../../../../src/engines/format.ts';
import { planReplay } from '../../../../src/engines/mysql/log/plan-replay.ts';
import type { LogCoordinates } from '../../../../src/engines/mysql/log/start-coordinates.ts';
import { never } from '../restoring.ts';
import { LogBuilder } from './log-builder.ts';

type Gtid = readonly [domain: number, server: number, number: number];

/** A MariaDB file, with the GTIDs that it lists as preceding it, its transactions, and how it ends. */
function logFile(before: readonly Gtid[], transactions: readonly Gtid[], end: 'stop' | 'cut' | string = 'stop') {
  const list = Buffer.alloc(4 + before.length * 16);
  list.writeUInt32LE(before.length);
  for (const [index, gtid] of before.entries())
    for (const [part, value] of gtid.entries()) list.writeUInt32LE(value, 4 + index * 16 + part * 4);
  const log = new LogBuilder({ version: '11.8.9-MariaDB-log' }).event(163, list);
  const starts: number[] = [];
  for (const [domain, server, number] of transactions) {
    starts.push(log.position);
    const seconds = 1_795_900_000 + number;
    log.gtid(number, { domain, server, seconds }).table(1, 'shop', 'orders').rows(30, 1, 1).commit({ seconds });
  }
  if (end === 'stop') log.stop();
  else if (end !== 'cut') log.rotate(end);
  return { bytes: log.bytes, starts, end: log.position };
}

function plan(
  files: readonly Buffer[],
  coordinates: Omit<LogCoordinates, 'saidBy'>,
  target: RecoveryTarget = { kind: 'latest' },
  product: 'mysql' | 'mariadb' = 'mariadb',
) {
  const named = files.map((bytes, index) => ({ key: `binlog.00000${index + 1}`, bytes }));
  const archive: LogArchive = {
    description: '/logs/',
    files: named.map(({ key, bytes }) => ({ key, sizeBytes: bytes.length })),
    read: () => Promise.reject(new Error('streamed')),
    stream: async ({ key }) => Readable.from(named.filter((one) => one.key === key).map(({ bytes }) => bytes)),
  };
  const said = { ...coordinates, saidBy: 'the dump' };
  return planReplay({ product, archive, coordinates: said, target, database: undefined, signal: never });
}

const at = (position = 0) => ({ at: { file: 'binlog.000001', position } });

/** Two files with two servers in one domain, whose sequence numbers are not in order. */
const RING = [
  logFile(
    [],
    [
      [0, 1, 99],
      [0, 1, 100],
      [0, 2, 50],
      [0, 2, 51],
    ],
    'binlog.000002',
  ),
  logFile(
    [
      [0, 1, 100],
      [0, 2, 51],
    ],
    [
      [0, 2, 52],
      [0, 1, 101],
    ],
  ),
].map(({ bytes }) => bytes);

describe('the start of a MariaDB log by GTIDs', () => {
  it('is the transaction that the backup names, whatever the sequence numbers of other servers', async () => {
    const found = await plan(RING, { gtids: '0-1-100' });
    expect(found).toMatchObject({ commits: 4, last: { gtid: '0-1-101' } });
    const asked = ['0-1-99', '0-1-100', '0-2-50', '0-2-52', '0-1-101'];
    expect(asked.map((gtid) => found.held?.has(gtid))).toEqual([true, true, false, false, false]);
    expect(await plan(RING, { gtids: '0-2-50' })).toMatchObject({ commits: 3 });
    expect(await plan(RING, { gtids: '0-2-51' })).toMatchObject({ commits: 2, files: [{ name: 'binlog.000002' }] });
  });

  it('is found in each domain, even if only a GTID list names one', async () => {
    const log = logFile(
      [[1, 5, 30]],
      [
        [0, 7, 1],
        [0, 7, 2],
        [0, 7, 3],
      ],
    );
    expect(await plan([log.bytes], { gtids: '0-7-2,1-5-30' })).toMatchObject({ commits: 1, last: { gtid: '0-7-3' } });
    await expect(plan([log.bytes], { gtids: '0-7-2,1-5-31' })).rejects.toThrow('it does not hold 1-5-31');
  });

  it('must be found before a target counts as reached', async () => {
    const log = logFile(
      [],
      [
        [0, 7, 1],
        [0, 7, 2],
        [1, 7, 1],
      ],
      'binlog.000002',
    );
    const next = logFile(
      [
        [0, 7, 2],
        [1, 7, 1],
      ],
      [[1, 7, 2]],
    );
    const target = { kind: 'position', at: { gtid: '0-7-2' } } as const;
    expect(await plan([log.bytes, next.bytes], { gtids: '0-7-1,1-7-2' }, target)).toMatchObject({ commits: 1 });
    await expect(plan([log.bytes, next.bytes], { gtids: '0-7-1,1-7-3' }, target)).rejects.toThrow('1-7-3');
  });

  it.each<[string, Gtid[], Gtid[], RegExp]>([
    [
      'of another server',
      [[0, 2, 90]],
      [
        [0, 2, 99],
        [0, 2, 101],
      ],
      /does not hold 0-1-100, the last/,
    ],
    [
      'that ends before',
      [],
      [
        [0, 1, 98],
        [0, 1, 99],
      ],
      /does not hold 0-1-100, the last/,
    ],
    [
      'that begins after',
      [
        [0, 1, 100],
        [0, 2, 50],
      ],
      [[0, 2, 51]],
      /begins with binlog\.000001, after the backup/,
    ],
    [
      'whose numbers were set back',
      [],
      [
        [0, 1, 100],
        [0, 1, 7],
      ],
      /0-1-7 comes after the end of the backup/,
    ],
  ])('is refused in a log %s', async (_what, before, transactions, message) => {
    const { bytes } = logFile(before, transactions);
    await expect(plan([bytes], { gtids: '0-1-100' })).rejects.toMatchObject({
      code: 'log-incomplete',
      message: expect.stringMatching(message),
    });
  });
});

describe('the GTIDs at a position in a MariaDB log', () => {
  const log = logFile(
    [[1, 5, 30]],
    [
      [0, 1, 100],
      [0, 2, 50],
      [0, 2, 51],
    ],
  );

  it.each(['0-2-50,1-5-30', '1-5-30,0-2-50,9-9-9', ''])('match the backup: %s', async (gtids) =>
    expect(await plan([log.bytes], { ...at(log.starts[2]), gtids })).toMatchObject({ commits: 1 }),
  );

  it.each([
    ['0-2-51,1-5-30', /binlog\.000001 is at 0-2-50 at position \d+, and the backup is at 0-2-51/],
    ['0-1-100,1-5-30', /has 0-2-50 before position/],
    ['0-3-50,1-5-30', /has 0-2-50 before position/],
    ['0-2-50,1-5-31', /is at 1-5-30 at position \d+, and the backup is at 1-5-31/],
  ])('do not match the backup: %s', async (gtids, message) => {
    await expect(plan([log.bytes], { ...at(log.starts[2]), gtids })).rejects.toMatchObject({
      code: 'log-incomplete',
      message: expect.stringMatching(message),
    });
  });

  it('show what is missing from a truncated file, whatever the sequence numbers of other servers', async () => {
    const cut = logFile(
      [],
      [
        [0, 1, 100],
        [0, 2, 50],
      ],
      'cut',
    );
    const next = logFile(
      [
        [0, 1, 100],
        [0, 2, 52],
      ],
      [[0, 2, 53]],
    );
    await expect(plan([cut.bytes, next.bytes], at(cut.starts[0]))).rejects.toThrow('says that 0-2-52 came before it');
    const whole = logFile(
      [
        [0, 2, 50],
        [0, 1, 100],
      ],
      [[0, 2, 53]],
    );
    expect(await plan([cut.bytes, whole.bytes], at(cut.starts[0]))).toMatchObject({ commits: 3 });
  });
});

describe('a target before a backup that states only GTIDs', () => {
  const gtids = { gtids: '0-7-4' };
  const { bytes, starts, end } = logFile(
    [],
    [1, 2, 3, 4, 5, 6].map((number) => [0, 7, number]),
  );
  const toTime = (second: number) => ({ kind: 'time', at: new Date((1_795_900_000 + second) * 1000) }) as const;
  const toPosition = (position = 0) => ({ kind: 'position', at: { position: `binlog.000001:${position}` } }) as const;

  it.each<[string, RecoveryTarget, RegExp]>([
    ['an instant', toTime(2), /is before the backup, which was taken 28 Nov 2026, 21:06:44 UTC/],
    ['a position', toPosition(starts[1]), /is before the backup, which is at binlog\.000001:/],
    ['a position within a transaction', toPosition((starts[1] ?? 0) + 3), /is before the backup, which is at/],
    ['a transaction', { kind: 'position', at: { gtid: '0-7-2' } }, /the backup already holds the transaction 0-7-2/],
  ])('is not reached: %s', async (_what, target, message) => {
    await expect(plan([bytes], gtids, target)).rejects.toMatchObject({
      code: 'target-not-reached',
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, RecoveryTarget, number, number | undefined]>([
    ['the instant of its end', toTime(4), 0, starts[4]],
    ['an instant after it', toTime(5), 1, starts[5]],
    ['the position of its end', toPosition(starts[4]), 0, starts[4]],
    ['the end of the log', toPosition(end), 2, end],
  ])('is not %s', async (_what, target, commits, position) =>
    expect(await plan([bytes], gtids, target)).toMatchObject({ commits, stop: { position } }),
  );

  it('is not reached when a new file begins where the backup ends', async () => {
    const first = logFile(
      [],
      [
        [0, 7, 3],
        [0, 7, 4],
      ],
      'binlog.000002',
    );
    const next = logFile([[0, 7, 4]], [[0, 7, 5]]);
    const damaged = Buffer.from(first.bytes);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 1, damaged.length - 1);
    const early = plan([first.bytes, next.bytes], gtids, toTime(3));
    await expect(early).rejects.toThrow('is before the backup, which was taken 28 Nov 2026, 21:06:44 UTC');
    for (const before of [first.bytes, damaged])
      expect(await plan([before, next.bytes], gtids, toTime(5))).toMatchObject({ commits: 1 });
  });

  it('is not the last instant of a log that contains no more than the backup', async () =>
    expect(await plan([bytes], { gtids: '0-7-6' }, toTime(6))).toMatchObject({ commits: 0 }));
});

describe('a MySQL log whose GTIDs were switched off', () => {
  const previous = Buffer.alloc(48);
  previous.writeUInt32LE(1);
  previous.write('8d3f00000000000000000000000000aa', 8, 'hex');
  for (const [offset, value] of [
    [24, 1],
    [32, 1],
    [40, 10],
  ] as const)
    previous.writeUInt32LE(value, offset);
  const file = (...tables: readonly string[]) => {
    const log = new LogBuilder().event(35, previous);
    for (const table of tables) log.anonymous().query(`CREATE TABLE ${table} (a INT)`);
    return log;
  };
  const start = at(file().position);
  const run = (...logs: readonly LogBuilder[]) =>
    plan(
      logs.map(({ bytes }) => bytes),
      start,
      undefined,
      'mysql',
    );

  it.each([
    ['with transactions', file('a')],
    ['without one', file()],
  ])('is incomplete when a file %s has no end', async (_what, cut) => {
    await expect(run(cut, file('b').stop())).rejects.toMatchObject({
      code: 'log-incomplete',
      message: expect.stringContaining('binlog.000001 ends without saying which file follows it'),
    });
  });

  it('is complete when each file has its end, or the server wrote nothing', async () => {
    expect(await run(file('a').stop(), file('b').stop())).toMatchObject({ commits: 2 });
    expect(await run(file(), file().stop())).toMatchObject({ commits: 0 });
  });
});

const UUID = '3e11fa47-71ca-11e1-9e33-c80aa9429562';

/** A complete MySQL file. */
function mysqlLog(...numbers: readonly number[]): Buffer {
  const log = new LogBuilder().event(35, Buffer.alloc(8));
  for (const number of numbers) {
    const body = Buffer.alloc(25);
    Buffer.from(UUID.replaceAll('-', ''), 'hex').copy(body, 1);
    body.writeBigUInt64LE(BigInt(number), 17);
    log.event(33, body).query(`DROP TABLE t${number}`);
  }
  return log.stop().bytes;
}

describe('a copy of a running MySQL whose files contain its GTIDs', () => {
  const inCopy = (gtids: string) => ({ gtids: `${UUID}:${gtids}`, isInLogOrder: true }) as const;

  it('matches the first transactions in the log', async () => {
    const found = await plan([mysqlLog(1, 3, 2, 4, 5)], inCopy('1-3'), { kind: 'latest' }, 'mysql');
    expect(found).toMatchObject({ commits: 2, last: { gtid: `${UUID}:5` } });
  });

  it('is refused when it lacks a transaction that precedes one that it has', async () => {
    const planning = plan([mysqlLog(1, 2, 3, 4)], inCopy('1-2:4'), { kind: 'latest' }, 'mysql');
    await expect(planning).rejects.toThrow(
      `the backup holds ${UUID}:4, and not ${UUID}:3, which comes before it in the log`,
    );
  });
});
