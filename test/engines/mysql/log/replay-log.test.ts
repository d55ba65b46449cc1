import { Readable } from 'node:stream';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { mariadbFlavor } from '../../../../src/engines/mysql/flavor.ts';
import { planReplay } from '../../../../src/engines/mysql/log/plan-replay.ts';
import { replayLog } from '../../../../src/engines/mysql/log/replay-log.ts';
import type { ReplayScope } from '../../../../src/engines/mysql/log/replay-scope.ts';
import type { LoadedRows } from '../../../../src/engines/mysql/server/byte-query.ts';
import type { MysqlServer } from '../../../../src/engines/mysql/server/mysql-server.ts';
import { LogBuilder } from './log-builder.ts';

const NAME = 'binlog.000001';
const DUMP = { isWholeServer: false, databases: new Set(['shop']), ignoresCase: false };
const PHYSICAL = { isWholeServer: true, databases: new Set<string>(), ignoresCase: false, holdsPrepared: true };
const COLLATIONS = [
  ['45', 'utf8mb4_general_ci', 'utf8mb4'],
  ['46', 'utf8mb4_bin', 'utf8mb4'],
  ['192', 'utf8mb3_unicode_ci', 'utf8mb3'],
  ['224', 'utf8mb4_unicode_ci', 'utf8mb4'],
];

/** @param fails error number with which each INSERT fails. */
interface Answers {
  readonly loaded?: Partial<LoadedRows>;
  readonly warned?: readonly (readonly [level: string, number: string, text: string])[];
  readonly fails?: number;
}

/** A server that accepts everything else, and records what it receives. */
function listener(said: string[], { loaded = {}, warned = [], fails }: Answers): MysqlServer {
  const session = {
    query: async (bytes: Buffer) => {
      said.push(bytes.toString('latin1'));
      if (fails !== undefined && bytes.includes('INSERT')) throw Object.assign(new Error('refused'), { errno: fails });
    },
    loadRows: async (sql: Buffer) => {
      said.push(sql.toString('latin1'));
      return { records: 10, duplicates: 0, warnings: warned.length, ...loaded };
    },
    execute: async (sql: string) => void said.push(sql),
    ask: async (sql: string) => {
      if (sql === 'SHOW WARNINGS') return warned;
      return sql.includes('COLLATION') ? COLLATIONS : [['OFF']];
    },
    close: async () => undefined,
  };
  const server: unknown = {
    flavor: mariadbFlavor,
    version: '10.11.19',
    ignoresCase: false,
    loaded: new Set(['shop']),
    madeAccounts: new Set(),
    options: { settings: {} },
    openSession: async () => session,
    administer: async (_signal: AbortSignal, work: (given: typeof session) => Promise<unknown>) => work(session),
  };
  return server as MysqlServer;
}

const newLog = () => new LogBuilder({ version: '10.11.19-MariaDB-log' }).event(163, Buffer.alloc(4));

/** The statements sent to the server from a position on, without settings. @param again the log when it is replayed. */
async function replay(
  log: LogBuilder,
  position: number,
  scope: ReplayScope,
  answers: Answers = {},
  again = log,
): Promise<readonly string[]> {
  const { bytes } = log.stop();
  const reads = [bytes, again === log ? bytes : again.stop().bytes];
  const archive = {
    description: '/logs/',
    files: [{ key: NAME, sizeBytes: bytes.length, modifiedAt: new Date('2026-11-28T01:00:00Z') }],
    read: async () => bytes,
    stream: async () => Readable.from([reads.shift()]),
  };
  const { signal } = new AbortController();
  const target = { kind: 'latest' } as const;
  const coordinates = { at: { file: NAME, position }, saidBy: 'the backup' };
  const plan = await planReplay({ product: 'mariadb', archive, coordinates, target, database: undefined, signal });
  const said: string[] = [];
  const server = listener(said, answers);
  await replayLog({ server, archive, plan, target, scope, ignoreErrors: [], onProgress: () => undefined, signal });
  return said.filter((each) => !/^(?:BINLOG|SET @@|SET NAMES)/.test(each));
}

describe('an XA transaction', () => {
  /** @param from when the backup is taken: before or after the transaction is prepared. */
  const xa = (how: string, from: 'begin' | 'prepared', { database = 'shop', tail = '' } = {}) => {
    const log = newLog();
    const begin = log.position;
    const gtid = Buffer.alloc(20);
    gtid.writeUInt32LE(1);
    gtid.writeUInt8(64, 12);
    gtid.writeInt32LE(1, 13);
    gtid.writeUInt8(1, 17);
    gtid.write('a', 19);
    log.event(162, gtid).query('INSERT INTO orders VALUES (1)', { database });
    log.event(38, Buffer.concat([Buffer.from([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('a')]));
    const prepared = log.position;
    log.gtid(2, { flags: 128 }).query(`XA ${how} X'61',X'',1${tail}`);
    return [log, from === 'begin' ? begin : prepared] as const;
  };

  it('is committed or rolled back if it was prepared before a physical backup', async () => {
    expect(await replay(...xa('COMMIT', 'prepared'), PHYSICAL)).toEqual(["XA COMMIT X'61',X'',1"]);
    expect(await replay(...xa('ROLLBACK', 'prepared'), PHYSICAL)).toEqual(["XA ROLLBACK X'61',X'',1"]);
  });

  it('cannot be replayed if it was prepared before a dump and committed after it', async () => {
    await expect(replay(...xa('COMMIT', 'prepared'), DUMP)).rejects.toMatchObject({
      code: 'restore-failed',
      message: expect.stringMatching(/^binlog\.000001:\d+: an XA transaction is committed that was prepared before/),
    });
    expect(await replay(...xa('ROLLBACK', 'prepared'), DUMP)).toEqual([]);
  });

  it('that is completely in the log is replayed if it is in the restored database', async () => {
    const sent = await replay(...xa('COMMIT', 'begin'), DUMP);
    expect(sent.slice(-2)).toEqual(["XA PREPARE X'61',X'',1", "XA COMMIT X'61',X'',1"]);
    expect(await replay(...xa('COMMIT', 'begin', { database: 'other' }), DUMP)).toEqual([]);
  });
});

describe('a user variable', () => {
  const variable = (collation: number) => {
    const head = Buffer.alloc(4 + 1 + 1 + 1 + 4 + 4);
    head.writeUInt32LE(1);
    head.write('n', 4);
    head.writeUInt32LE(collation, 7);
    head.writeUInt32LE(4, 11);
    const log = newLog();
    const { position } = log;
    log.gtid(1).event(14, Buffer.concat([head, Buffer.from('anna\0')]));
    log.query('UPDATE orders SET a = 1 WHERE name = @n').commit();
    return [log, position] as const;
  };

  it.each([
    [46, '_utf8mb4', 'utf8mb4_bin'],
    [192, '_utf8mb3', 'utf8mb3_unicode_ci'],
  ])('keeps its collation: %d', async (collation, charset, name) => {
    expect(await replay(...variable(collation), DUMP)).toContain(`SET @\`n\`:=${charset} X'616e6e61' COLLATE ${name}`);
  });

  it('ends the replay when the server does not know its collation', async () => {
    await expect(replay(...variable(9999), DUMP)).rejects.toMatchObject({
      code: 'format-unsupported',
      message: expect.stringContaining('a user variable in a collation that this server does not know (9999)'),
    });
  });
});

it('switches to a database again after it was recreated', async () => {
  const log = newLog();
  const { position } = log;
  log.gtid(1).query('INSERT INTO orders VALUES (1)').commit();
  log.gtid(2, { flags: 1 }).query('CREATE OR REPLACE DATABASE shop');
  log.gtid(3, { flags: 1 }).query('CREATE TABLE t (id INT)');
  expect((await replay(log, position, DUMP)).slice(-4)).toEqual([
    'COMMIT',
    'CREATE OR REPLACE DATABASE shop',
    'USE `shop`',
    'CREATE TABLE t (id INT)',
  ]);
});

describe('an event with invalid contents', () => {
  const head = (settingsBytes: number) => {
    const bytes = Buffer.alloc(13);
    bytes.writeUInt8(4, 8);
    bytes.writeUInt16LE(settingsBytes, 11);
    return bytes;
  };
  /** A compressed statement of MariaDB, damaged after its first bytes. */
  const compressed = () => {
    const sql = Buffer.from(Array.from({ length: 300_000 }, (_none, at) => `${(at * 7919) % 1_000_003},`).join(''));
    const packed = deflateSync(sql);
    packed.fill(0, 100_000, 300_000);
    const length = Buffer.alloc(5);
    length.writeUInt8(0x84);
    length.writeUInt32BE(sql.length, 1);
    return Buffer.concat([head(0), Buffer.from('shop\0'), length, packed]);
  };

  it.each([
    ['a setting of one byte', 5, Buffer.alloc(1), 'the event does not hold what its type announces'],
    [
      'cut settings',
      2,
      Buffer.concat([head(2), Buffer.from([131, 9]), Buffer.from('shop\0SELECT 1')]),
      'the event does not hold what its type announces',
    ],
    ['a damaged, compressed statement', 165, compressed(), 'it cannot be decompressed'],
  ])('is reported as damage: %s', async (_what, type, body, said) => {
    const log = new LogBuilder({ version: '10.11.19-MariaDB-log', checksums: false }).event(163, Buffer.alloc(4));
    const { position } = log;
    log.gtid(1).event(type, body).query('INSERT INTO orders VALUES (1)').commit();
    await expect(replay(log, position, DUMP)).rejects.toMatchObject({
      code: 'log-damaged',
      message: expect.stringMatching(new RegExp(`^binlog\\.000001, position \\d+: ${said}`)),
    });
  });
});

describe('a LOAD DATA that was logged as a statement', () => {
  const load = (duplicates: number, error = 0) => {
    const sql = "LOAD DATA INFILE 'a' INTO TABLE orders";
    const head = Buffer.alloc(26);
    head.writeUInt8(4, 8);
    head.writeUInt16LE(error, 9);
    head.writeUInt32LE(1, 13);
    head.writeUInt32LE(sql.indexOf(' INFILE'), 17);
    head.writeUInt32LE(sql.indexOf(' TABLE'), 21);
    head.writeUInt8(duplicates, 25);
    const log = newLog();
    const { position } = log;
    log.gtid(1).event(17, Buffer.from([1, 0, 0, 0, 49, 10]));
    log.event(18, Buffer.concat([head, Buffer.from(`shop\0${sql}`)])).commit();
    return [log, position, DUMP] as const;
  };

  it.each<[string, Answers]>([
    ['a key is there already', { loaded: { duplicates: 1 } }],
    ['a row is refused', { warned: [['Warning', '1452', 'Cannot add or update a child row']] }],
  ])('fails when it skips a row that it did not skip originally: %s', async (_what, answers) => {
    await expect(replay(...load(0), answers)).rejects.toMatchObject({
      code: 'restore-failed',
      message: expect.stringMatching(
        /^the log does not fit the restored data: binlog\.000001:\d+: 1 of 10 rows are left out \(LOAD DATA/,
      ),
    });
  });

  it.each<[string, number, Answers]>([
    ['it ignored rows', 1, { loaded: { duplicates: 1 }, warned: [['Warning', '1062', '']] }],
    ['it replaced rows', 2, { loaded: { duplicates: 1 } }],
    ['values are cut as they were', 0, { warned: [['Warning', '1265', 'Data truncated']] }],
  ])('is replayed when %s', async (_what, duplicates, answers) => {
    expect(await replay(...load(duplicates), answers)).toContainEqual(expect.stringMatching(/^LOAD DATA LOCAL INFILE/));
  });

  it('is not replayed when it failed midway', async () => {
    await expect(replay(...load(0, 1062))).rejects.toMatchObject({
      code: 'format-unsupported',
      message: expect.stringContaining('a LOAD DATA that failed midway (error 1062)'),
    });
  });
});

describe('a statement that failed on the original server', () => {
  const failed = (sql: string, error = sql.startsWith('DROP') ? 1051 : 1062) => {
    const log = newLog();
    const { position } = log;
    log.gtid(1).query(sql, { error }).commit();
    return [log, position, DUMP] as const;
  };
  const insert = failed('INSERT INTO orders VALUES (1), (1)');

  it('must fail with the same error again', async () => {
    expect(await replay(...insert, { fails: 1062 })).toContain('INSERT INTO orders VALUES (1), (1)');
    await expect(replay(...insert)).rejects.toMatchObject({
      code: 'restore-failed',
      message: expect.stringMatching(
        /: a statement that ended with error 1062 on the server ends without one \(INSERT INTO orders …\)$/,
      ),
    });
  });

  it.each([1205, 1213, 1614])('may succeed when other sessions caused the error: %s', async (error) => {
    const sql = 'UPDATE orders SET id = id + 1';
    expect(await replay(...failed(sql, error))).toContain(sql);
  });

  it('may succeed when only part of it is replayed', async () => {
    expect(await replay(...failed('DROP TABLE orders, other.missing'))).toContainEqual(
      expect.stringMatching(/^DROP TABLE/),
    );
  });
});

it('fails when the log changes between its verification and its replay, even between two transactions', async () => {
  const [whole, part] = [newLog(), newLog()];
  const position = whole.position;
  for (const log of [whole, part]) log.gtid(1, { flags: 1 }).query('INSERT INTO orders VALUES (1)');
  whole.gtid(2, { flags: 1 }).query('INSERT INTO orders VALUES (2)');
  await expect(replay(whole, position, DUMP, {}, part)).rejects.toMatchObject({
    code: 'log-damaged',
    message: expect.stringMatching(
      /2 transactions up to binlog\.000001:\d+ were planned, 1 up to binlog\.000001:\d+ were found/,
    ),
  });
});
