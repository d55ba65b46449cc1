import { describe, expect, it } from 'vitest';
import { commitsTransaction, endsTransaction, LogGroups } from '../../../../src/engines/mysql/log/log-groups.ts';
import { readLoggedQuery } from '../../../../src/engines/mysql/log/logged-query.ts';
import { RowParts } from '../../../../src/engines/mysql/log/replay-rows.ts';
import { type RawEvent, readRawEvents } from '../../../../src/engines/mysql/log/replay-source.ts';
import { settingBefore } from '../../../../src/engines/mysql/log/replay-variables.ts';
import { LogBuilder } from './log-builder.ts';
import { inChunks, recordedLog } from './recorded-logs.ts';

async function rawEvents(bytes: Buffer, chunkBytes = 65_536): Promise<RawEvent[]> {
  const events: RawEvent[] = [];
  for await (const event of readRawEvents(inChunks(bytes, chunkBytes), 'binlog.000001')) events.push(event);
  return events;
}

/**
 * The events in a BINLOG statement as the server sees them: their types, and whether each is marked as the last of its
 * statement.
 */
function eventsIn(statement: Buffer): readonly string[] {
  const bytes = Buffer.from(/^BINLOG '(.*)'$/.exec(statement.toString('latin1'))?.[1] ?? '', 'base64');
  const found: string[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 9)) {
    const type = bytes.readUInt8(at + 4);
    found.push(type === 19 ? 'table' : `rows${bytes.readUInt16LE(at + 25) & 1 ? ' last' : ''}`);
  }
  return found;
}

async function partsOf(log: LogBuilder): Promise<readonly (readonly string[])[]> {
  const sent: (readonly string[])[] = [];
  const parts = new RowParts(
    ({ database }) => database === 'shop',
    async (statement) => void sent.push(eventsIn(statement)),
  );
  for (const event of await rawEvents(log.bytes)) {
    if (event.type === 19) parts.addTable(event);
    if (event.type === 30) await parts.addRows(event);
  }
  return sent;
}

describe('replayed rows', () => {
  it('are sent with the definitions of their tables', async () => {
    const log = new LogBuilder().table(1, 'shop', 'a').table(2, 'shop', 'b').rows(30, 1, 1, false).rows(30, 2, 1);
    expect(await partsOf(log)).toEqual([['table', 'table', 'rows', 'rows last']]);
  });

  it('are skipped for tables in other databases, and the last of the others is marked as such', async () => {
    const log = new LogBuilder().table(1, 'shop', 'a').table(2, 'other', 'b').rows(30, 1, 1, false).rows(30, 2, 1);
    expect(await partsOf(log)).toEqual([['table', 'rows last']]);
    expect(await partsOf(new LogBuilder().table(2, 'other', 'b').rows(30, 2, 1))).toEqual([]);
  });

  it('are sent in batches of a few megabytes', async () => {
    const log = new LogBuilder().table(1, 'shop', 'a');
    for (let part = 0; part < 5; part += 1) log.rows(30, 1, 300_000, part === 4);
    const sent = await partsOf(log);
    expect(sent.length).toBeGreaterThan(1);
    for (const part of sent) expect([part[0], part.at(-1)]).toEqual(['table', 'rows last']);
    expect(sent.flat().filter((each) => each.startsWith('rows'))).toHaveLength(5);
  });
});

describe('a log of a real server', () => {
  it.each(['mariadb-11.8', 'mariadb-10.11-compressed', 'mysql-9.7', 'mysql-9.7-compressed', 'mysql-9.7-types'])(
    'is read again as complete, decompressed events: %s',
    async (name) => {
      const events = await rawEvents(recordedLog(name), 777);
      const types = new Set(events.map(({ type }) => type));
      for (const compressed of [40, 165, 166, 167, 168, 169, 170, 171]) expect(types).not.toContain(compressed);
      expect(types).toContain(15);
      const groups = new LogGroups();
      let commits = 0;
      for (const event of events) {
        const step = groups.step(event);
        if (endsTransaction(step) && commitsTransaction(step)) commits += 1;
        if (step.is === 'statement') expect(step.query.sql.toString('latin1')).toMatch(/^[\s/(]*[A-Za-z#]/);
      }
      expect(commits).toBeGreaterThan(3);
    },
  );

  it('is refused when it has changed since the recovery was planned', async () => {
    const bytes = Buffer.from(recordedLog('mariadb-11.8'));
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 40) ^ 1, bytes.length - 40);
    await expect(rawEvents(bytes)).rejects.toMatchObject({
      code: 'log-damaged',
      message: expect.stringContaining('not what it was when the recovery was planned'),
    });
  });
});

describe('an event that cannot be decompressed', () => {
  it('is reported with its position', async () => {
    const body = Buffer.concat([Buffer.alloc(14), Buffer.from([0x81, 9, 1, 2, 3])]);
    const log = new LogBuilder({ checksums: false }).event(165, body);
    await expect(rawEvents(log.bytes)).rejects.toMatchObject({
      code: 'log-damaged',
      message: expect.stringMatching(/^binlog\.000001, position \d+: the event cannot be decompressed/),
    });
  });
});

describe('the transactions of a log without GTIDs', () => {
  it('are separated, each with the values that its statements need', async () => {
    const log = new LogBuilder();
    log.event(5, Buffer.from([2, 7, 0, 0, 0, 0, 0, 0, 0])).query('CREATE TABLE a AS SELECT @b');
    log.query('BEGIN').table(1, 'shop', 'a').rows(30, 1, 1).commit().commit();
    log.table(1, 'shop', 'a').rows(30, 1, 1).query('COMMIT');
    const groups = new LogGroups();
    const steps = (await rawEvents(log.bytes)).map((event) => groups.step(event));
    expect(steps.map(({ is }) => is)).toEqual([
      ...['content', 'content', 'statement', 'begin', 'content', 'content', 'commit', 'outside'],
      ...['content', 'content', 'commit'],
    ]);
    expect(steps.filter(commitsTransaction)).toHaveLength(3);
  });
});

describe('a logged statement', () => {
  const query = (settings: readonly number[], database = 'shop', sql = 'SELECT 1') => {
    const head = Buffer.alloc(13);
    head.writeUInt32LE(42);
    head.writeUInt8(Buffer.byteLength(database), 8);
    head.writeUInt16LE(1062, 9);
    head.writeUInt16LE(settings.length, 11);
    return Buffer.concat([head, Buffer.from(settings), Buffer.from(`${database}\0${sql}`)]);
  };

  it('includes the settings of its session', () => {
    const zone = [...Buffer.from('+05:30')];
    const settings = [
      ...[0, 0, 0, 0, 4, 1, 0, 0, 32, 0, 0, 0, 0, 0, 6, 3, ...Buffer.from('std'), 3, 2, 0, 1, 0],
      ...[4, 255, 0, 255, 0, 8, 0, 5, zone.length, ...zone, 7, 1, 0, 8, 33, 0, 13, 64, 226, 1],
      ...[12, 2, ...Buffer.from('shop\0crm\0'), 16, 1, 18, 255, 0],
    ];
    expect(readLoggedQuery(query(settings))).toMatchObject({
      threadId: 42,
      errorCode: 1062,
      database: 'shop',
      settings: {
        flags: 0x4000000,
        sqlMode: 2_097_152n,
        autoIncrement: [2, 1],
        charset: [255, 255, 8],
        timeZone: '+05:30',
        lcTimeNames: 1,
        collationDatabase: 33,
        microseconds: 123_456,
        updatedDatabases: ['shop', 'crm'],
        explicitTimestamp: true,
        collationForUtf8mb4: 255,
      },
    });
  });

  it('may include unknown settings, after which no others are read', () => {
    expect(readLoggedQuery(query([99, 1, 2, 3, 1, 0, 0, 0]))).toMatchObject({ database: 'shop', settings: {} });
    expect(readLoggedQuery(query([128, 64, 226, 1, 131, 1, 33, 0, 45, 0]))).toMatchObject({
      settings: { microseconds: 123_456, charsetCollations: [[33, 45]] },
    });
    expect(readLoggedQuery(Buffer.alloc(5))).toBeUndefined();
  });
});

describe('a value that a statement needs', () => {
  const event = (type: number, body: Buffer): RawEvent => ({
    type,
    body,
    timestamp: 0,
    serverId: 1,
    flags: 0,
    start: 4,
    end: 9,
  });
  const variable = (type: number, value: Buffer, collation = 255, flags = 0): RawEvent => {
    const head = Buffer.alloc(4 + 1 + 1 + 1 + 4 + 4);
    head.writeUInt32LE(1);
    head.write('a', 4);
    head.writeUInt8(type, 6);
    head.writeUInt32LE(collation, 7);
    head.writeUInt32LE(value.length, 11);
    return event(14, Buffer.concat([head, value, Buffer.from([flags])]));
  };
  const eight = (value: bigint): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  };

  const double = (value: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    return bytes;
  };

  it.each([
    [event(5, Buffer.concat([Buffer.from([2]), eight(77n)])), 'INSERT_ID=77'],
    [event(5, Buffer.concat([Buffer.from([1]), eight(7n)])), 'LAST_INSERT_ID=7'],
    [event(13, Buffer.concat([eight(5n), eight(6n)])), 'RAND_SEED1=5, RAND_SEED2=6'],
    [variable(0, Buffer.from('ü'), 46), "@`a`:=_utf8mb4 X'c3bc' COLLATE utf8mb4_bin"],
    [variable(0, Buffer.from([0xfc]), 8), "@`a`:=_latin1 X'fc' COLLATE latin1_swedish_ci"],
    [variable(0, Buffer.from('u'), 224), "@`a`:=_utf8mb4 X'75' COLLATE utf8mb4_unicode_ci"],
    [variable(1, double(1e25)), '@`a`:=1e+25'],
    [variable(1, double(1e-9)), '@`a`:=1e-9'],
    [variable(1, double(2.5)), '@`a`:=2.5e0'],
    [variable(2, eight(-5n)), '@`a`:=-5'],
    [variable(2, eight(-1n), 255, 1), '@`a`:=18446744073709551615'],
    [variable(4, Buffer.from([14, 4, 0x81, 0x0d, 0xfb, 0x38, 0xd2, 0x04, 0xd2])), '@`a`:=1234567890.1234'],
    [variable(4, Buffer.from([14, 4, 0x7e, 0xf2, 0x04, 0xc7, 0x2d, 0xfb, 0x2d])), '@`a`:=-1234567890.1234'],
    [event(14, Buffer.from([1, 0, 0, 0, 97, 1])), '@`a`:=NULL'],
    [event(16, Buffer.alloc(8)), undefined],
  ])('%#: becomes an assignment', async (given, text) => {
    const names: Readonly<Record<number, readonly [string, string]>> = {
      8: ['latin1_swedish_ci', 'latin1'],
      46: ['utf8mb4_bin', 'utf8mb4'],
      224: ['utf8mb4_unicode_ci', 'utf8mb4'],
    };
    expect(await settingBefore(given, async (collation) => names[collation] ?? ['?', '?'])).toBe(text);
  });
});
