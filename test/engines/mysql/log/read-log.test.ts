import { constants, deflateSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readLog } from '../../../../src/engines/mysql/log/read-log.ts';
import { LogBuilder } from './log-builder.ts';
import { eventsOf, inChunks, recordedLog } from './recorded-logs.ts';

/** Number of rows by change and table, such as `delete shop.items 50`. */
function rowsIn(events: Awaited<ReturnType<typeof eventsOf>>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const event of events) {
    if (event.type !== 'rows') continue;
    const name = `${event.change} ${event.database}.${event.table}${event.isExact ? '' : ' at least'}`;
    sums[name] = (sums[name] ?? 0) + event.rows;
  }
  return sums;
}

const SHOP_ROWS = {
  'insert shop.orders': 4,
  'insert shop.items': 65,
  'insert crm.contacts': 4,
  'update shop.orders': 5,
  'delete shop.items': 50,
  'delete shop.orders2': 4,
};

const TYPED_ROWS = {
  'insert t.ty': 12,
  'insert t.wide': 2,
  'delete t.ty': 12,
  'delete t.wide': 2,
  'insert t.big': 3,
  'delete t.big': 3,
};

describe('readLog, with logs of real servers', () => {
  it.each([
    [
      'mariadb-11.8',
      { product: 'mariadb', serverVersion: '11.8.9-MariaDB-0+deb13u1 from Debian-log', hasChecksums: true },
    ],
    [
      'mariadb-10.11-compressed',
      { product: 'mariadb', serverVersion: expect.stringMatching(/^10\.11/), hasChecksums: true },
    ],
    ['mysql-9.7', { product: 'mysql', serverVersion: '9.7.4-2', hasChecksums: true }],
    ['mysql-9.7-compressed', { product: 'mysql', serverVersion: '9.7.4-2', hasChecksums: true }],
  ])('%s: counts the rows of every change, and ends with the name of the next file', async (name, format) => {
    const events = await eventsOf(recordedLog(name));
    expect(events[0]).toMatchObject({ type: 'format', at: 4, isOpen: false, ...format });
    expect(rowsIn(events)).toEqual(SHOP_ROWS);
    expect(events.filter(({ type }) => type === 'gtid')).toHaveLength(29);
    expect(events.at(-1)).toMatchObject({ type: 'rotate', nextFile: 'bin.000002', end: recordedLog(name).length });
  });

  it('counts rows with columns of every MariaDB type, including compressed columns', async () => {
    const rows = rowsIn(await eventsOf(recordedLog('mariadb-11.8-types')));
    expect(rows).toEqual({ ...TYPED_ROWS, 'update t.ty': 24, 'insert t.u': 2, 'delete t.u': 2 });
  });

  it('counts rows with columns of every MySQL type, and marks counts that partial updates make a minimum', async () => {
    const events = await eventsOf(recordedLog('mysql-9.7-types'));
    expect(rowsIn(events)).toEqual({ ...TYPED_ROWS, 'update t.ty at least': 2 });
    expect(events[0]).toMatchObject({ hasChecksums: false });
  });

  it('reads GTIDs with microseconds, with and without tags', async () => {
    const tags = (await eventsOf(recordedLog('mysql-9.7-tags'))).filter(({ type }) => type === 'gtid');
    const source = '6720f1da-eb73-11f1-a41f-0242ac110007';
    expect(tags.slice(1)).toMatchObject([
      { gtid: `${source}:blue:1` },
      { gtid: `${source}:blue:2`, committedAtMicros: 1_795_901_637_222_416 },
      { gtid: `${source}:green_long_tag_name:1`, committedAtMicros: 1_795_901_637_238_528, at: 887 },
      { gtid: `${source}:2`, committedAtMicros: 1_795_901_637_254_813 },
    ]);
    const [previous] = (await eventsOf(recordedLog('mysql-9.7-tagged'))).filter(
      ({ type }) => type === 'previous-gtids',
    );
    expect(previous).toMatchObject({ gtids: `${source}:1-2,${source}:blue:1-2,${source}:green_long_tag_name:1` });
  });

  it('reads MariaDB’s GTIDs, and whether a single statement follows', async () => {
    const gtids = (await eventsOf(recordedLog('mariadb-11.8'))).filter(({ type }) => type === 'gtid');
    expect(gtids[0]).toMatchObject({ gtid: '0-7-1', isStandalone: true, at: 322, end: 364, seconds: 1_795_901_320 });
    expect(gtids[5]).toMatchObject({ gtid: '0-7-6', isStandalone: false });
  });

  it.each([1, 3, 20, 301, 4096])('reads the same events in chunks of %i bytes', async (chunkBytes) => {
    for (const name of ['mysql-9.7-compressed', 'mysql-9.7', 'mariadb-11.8']) {
      const bytes = recordedLog(name);
      expect(await eventsOf(bytes, chunkBytes)).toEqual(await eventsOf(bytes, bytes.length));
    }
  });
});

describe('readLog, with tables', () => {
  it('uses the newest definition of a table number, and accepts a repeated one', async () => {
    const log = new LogBuilder();
    for (const table of ['orders', 'orders', 'items', 'orders']) log.table(7, 'shop', table).rows(30, 7, 2);
    expect(rowsIn(await eventsOf(log.bytes))).toEqual({ 'insert shop.orders': 6, 'insert shop.items': 2 });
  });

  it('refuses rows of a table that only an earlier statement defined', async () => {
    const { bytes } = new LogBuilder().table(7, 'shop', 'orders').rows(30, 7, 2).rows(30, 7, 2);
    await expect(eventsOf(bytes)).rejects.toMatchObject({ code: 'log-damaged' });
  });
});

describe('readLog, with damaged files', () => {
  it.each(['mariadb-10.11-compressed', 'mysql-9.7-compressed'])(
    '%s: detects one changed bit, wherever it is',
    async (name) => {
      const bytes = recordedLog(name);
      for (let at = 0; at < bytes.length; at += 37) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
        await expect(eventsOf(changed), `bit of byte ${at}`).rejects.toMatchObject({
          code: 'log-damaged',
          file: 'binlog.000001',
        });
      }
    },
  );

  it('reports where a file is truncated within an event', async () => {
    const bytes = recordedLog('mysql-9.7-compressed');
    const positions = new Set((await eventsOf(bytes)).map(({ at }) => at));
    for (let length = 5; length < bytes.length; length += 71) {
      if (positions.has(length)) continue;
      await expect(eventsOf(bytes.subarray(0, length)), `${length} bytes`).rejects.toMatchObject({ problem: 'cut' });
    }
    await expect(eventsOf(bytes.subarray(0, bytes.length - 3))).rejects.toThrow(
      'binlog.000001, position 7,978: the file ends within this event, 38 bytes of 41',
    );
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'not-a-log', 'position 0: not a binary log'],
    ['text', Buffer.from('-- MySQL dump 10.13'), 'not-a-log', 'not a binary log'],
    ['no event', Buffer.from([0xfe, 0x62, 0x69, 0x6e]), 'cut', 'position 4: the file has no events'],
    [
      'zeros',
      Buffer.concat([new LogBuilder().bytes, Buffer.alloc(100)]),
      'misplaced',
      'an event of 0 bytes; the shortest have 23',
    ],
    [
      'an event of 4 GB',
      new LogBuilder().event(3, Buffer.alloc(0), { length: 4_294_967_295 }).bytes,
      'misplaced',
      'the next one begins at 150; it begins at',
    ],
    [
      'a next position that does not fit',
      new LogBuilder().event(3, Buffer.alloc(0), { next: 99 }).bytes,
      'misplaced',
      'begins at 99; it begins at 150',
    ],
    ['a relay log', new LogBuilder({ formatFlags: 0x40 }).bytes, 'malformed', 'a relay log'],
    [
      'another file’s end',
      Buffer.concat([new LogBuilder().bytes, new LogBuilder().bytes.subarray(4)]),
      'misplaced',
      'a second description',
    ],
    ['rows of an unknown table', new LogBuilder().rows(32, 5, 1).bytes, 'malformed', 'no event before them names'],
    [
      'a table with too many columns',
      new LogBuilder().event(19, Buffer.from('00000000000000000161000161 00fdffff1f'.replaceAll(' ', ''), 'hex')).bytes,
      'malformed',
      'a table with 2097151 columns',
    ],
    [
      'a query shorter than its database’s name',
      new LogBuilder().event(2, Buffer.from('0000000000000000ff00000000', 'hex')).bytes,
      'malformed',
      '255 bytes are announced',
    ],
  ])('%s', async (_what, bytes, problem, message) => {
    await expect(eventsOf(bytes)).rejects.toMatchObject({ problem, message: expect.stringContaining(message) });
  });

  it('refuses encrypted files from both products', async () => {
    const mysql = Buffer.concat([Buffer.from([0xfd, 0x62, 0x69, 0x6e]), Buffer.alloc(600)]);
    const mariadb = recordedLog('mariadb-10.11-encrypted');
    await expect(eventsOf(mysql)).rejects.toMatchObject({
      code: 'backup-encrypted',
      message: expect.stringContaining('binlog_encryption'),
    });
    await expect(eventsOf(mariadb)).rejects.toMatchObject({
      code: 'backup-encrypted',
      message: expect.stringContaining('encrypt_binlog'),
    });
  });

  it('reads a file that the server had not closed, and marks it as open', async () => {
    const [format] = await eventsOf(new LogBuilder({ formatFlags: 1 }).bytes);
    expect(format).toMatchObject({ isOpen: true });
  });

  it.each([
    ['too few bytes', (inner: Buffer) => [inner, inner.length + 1] as const],
    ['too many bytes', (inner: Buffer) => [inner, inner.length - 1] as const],
    ['an event cut', (inner: Buffer) => [inner.subarray(0, 25), 25] as const],
    [
      'a compressed transaction in it',
      (inner: Buffer) => [Buffer.concat([inner, payloadEvent(inner, inner.length)]), 0] as const,
    ],
  ])('refuses a compressed transaction with %s', async (_what, change) => {
    const inner = new LogBuilder({ checksums: false }).query('BEGIN').bytes.subarray(new LogBuilder().position);
    const [events, stated] = change(inner);
    const log = new LogBuilder().event(40, payload(events, stated || events.length));
    await expect(eventsOf(log.bytes)).rejects.toMatchObject({ problem: 'malformed', position: 127 });
  });

  it('keeps little of a 20 MB event in memory, and of a transaction that decompresses to that size', async () => {
    const long = Buffer.alloc(20_000_000, 'x');
    const inner = new LogBuilder({ checksums: false }).query(long).bytes.subarray(new LogBuilder().position);
    const log = new LogBuilder().query(long).event(40, payload(inner, inner.length)).stop();
    const events = await eventsOf(log.bytes);
    expect(events.map(({ type }) => type)).toEqual(['format', 'query', 'query', 'stop']);
    for (const event of events) {
      if (event.type === 'query')
        expect(event).toMatchObject({ isCut: true, statement: { length: expect.any(Number) } });
      if (event.type === 'query') expect(event.statement.length).toBeLessThan(2 ** 24);
    }
  });

  it.each([30_000_000, 40_000_000])('keeps little of %d bytes compressed by MariaDB in memory', async (length) => {
    const packed = deflateSync(Buffer.alloc(length, 'x'));
    const [, query] = await eventsOf(compressedQuery(Buffer.concat([Buffer.from([0x84]), u32(length), packed])));
    expect(query).toMatchObject({ type: 'query', isCut: true });
    await expect(eventsOf(compressedQuery(Buffer.concat([Buffer.from([0x81, 200]), packed])))).rejects.toMatchObject({
      problem: 'malformed',
    });
  });

  it('decompresses MariaDB’s events to the end', async () => {
    const packed = deflateSync(Buffer.from(Array.from({ length: 300_000 }, (_none, at) => (at * 7919) % 1e6).join()));
    packed.fill(0, 100_000, 300_000);
    const record = Buffer.concat([Buffer.from([0x84]), u32(2_000_000), packed]);
    await expect(eventsOf(compressedQuery(record))).rejects.toMatchObject({ problem: 'malformed' });
  });

  it('stops when it is canceled', async () => {
    const reading = readLog(inChunks(recordedLog('mariadb-11.8'), 100), { file: 'x', signal: AbortSignal.abort() });
    await expect(reading.next()).rejects.toThrow('aborted');
  });
});

function payload(inner: Buffer, stated: number): Buffer {
  const packed = zstdCompressSync(inner, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  const field = (type: number, value: number) => {
    const bytes = Buffer.from([type, 9, 0xfe, 0, 0, 0, 0, 0, 0, 0, 0]);
    bytes.writeUInt32LE(value, 3);
    return bytes;
  };
  return Buffer.concat([field(2, 0), field(3, stated), field(1, packed.length), Buffer.alloc(1), packed]);
}

function payloadEvent(inner: Buffer, stated: number): Buffer {
  return new LogBuilder({ checksums: false })
    .event(40, payload(inner, stated))
    .bytes.subarray(new LogBuilder().position);
}

function compressedQuery(record: Buffer): Buffer {
  return new LogBuilder({ version: '11.8.9-MariaDB' }).event(165, Buffer.concat([Buffer.alloc(14), record])).bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
