import { describe, expect, it } from 'vitest';
import type { RecoveryTarget } from '../../../../src/engines/format.ts';
import { chooserFor } from '../../../../src/engines/mysql/log/choose-stop.ts';
import { describeEvent } from '../../../../src/engines/mysql/log/event-text.ts';
import { EventFinder } from '../../../../src/engines/mysql/log/find-events.ts';
import { readTransactions } from '../../../../src/engines/mysql/log/read-transactions.ts';
import type { LogStop } from '../../../../src/engines/mysql/log/transaction.ts';
import { LogBuilder } from './log-builder.ts';
import { inChunks, recordedLog, transactionsOf } from './recorded-logs.ts';

const T = 1_795_900_000;

async function choose(
  logs: readonly Buffer[],
  target: RecoveryTarget,
  context: { database?: string; takenAt?: Date; from?: LogStop; holds?: (gtid: string) => boolean } = {},
) {
  const chooser = chooserFor(target, { database: undefined, takenAt: undefined, from: undefined, ...context });
  if (!chooser) throw new Error('needs no chooser');
  const files = logs.map((bytes, index) => ({ name: `binlog.00000${index + 1}`, open: () => inChunks(bytes, 65_536) }));
  const reading = readTransactions({ files, from: context.from }, new AbortController().signal, {
    onEvent: (event, file) => chooser.noteEvent?.(event, file),
  });
  for await (const batch of reading) for (const transaction of batch) chooser.take(transaction);
  return chooser.choose();
}

const justBefore = (
  event: 'drop-database' | 'drop-table' | 'truncate' | 'mass-delete',
  object?: string,
  minRows?: number,
): RecoveryTarget => ({
  kind: 'before',
  event,
  object,
  minRows,
});

describe('a target before an event that destroyed data', () => {
  it.each([
    ['mariadb-11.8', 10_504, '0-7-28'],
    ['mysql-9.7-compressed', 7498, ':28'],
  ])('%s: stops before the GTID of a DROP DATABASE, and reports what is lost', async (name, position, gtid) => {
    const chosen = await choose([recordedLog(name)], justBefore('drop-database', 'shop'));
    expect(chosen).toMatchObject({ stop: { file: 'binlog.000001', position }, commitsLeft: 2 });
    expect(chosen.first?.gtid).toContain(gtid);
    expect(chosen.last?.gtid).toContain('27');
    expect(chosen.found).toHaveLength(1);
    expect(chosen.found[0]).toMatch(
      /^found DROP DATABASE shop, transaction .*28, committed 28 Nov 2026, .* UTC, at binlog.000001:\d+; recovery stops before binlog.000001:\d+; 1 other transaction committed since, and is not in the copy$/,
    );
  });

  it.each([
    [justBefore('drop-table', 'shop.items'), 9635],
    [justBefore('drop-table', 'shop.we`ird; drop'), 8306],
    [justBefore('truncate', 'shop.items'), 8023],
    [justBefore('mass-delete', 'shop.items'), 7452],
    [justBefore('mass-delete', 'shop.orders2', 4), 9417],
    [justBefore('mass-delete', 'SHOP.Orders2', 4), 9417],
  ])('stops before the event: %j', async (target, position) => {
    const chosen = await choose([recordedLog('mariadb-11.8')], target);
    expect(chosen.stop).toEqual({ file: 'binlog.000001', position });
  });

  it('reports earlier losses in the same table, and how to stop before the first', async () => {
    const chosen = await choose([recordedLog('mariadb-11.8')], justBefore('mass-delete', 'shop.items', 50));
    expect(chosen.stop.position).toBe(7452);
    expect(chosen.found[1]).toMatch(
      /^the copy lacks what was removed earlier: DELETE of 50 rows of shop.items, .*--to "before position=binlog.000001:4751"$/,
    );
  });

  it('is ambiguous when rows were deleted from several tables', async () => {
    await expect(choose([recordedLog('mariadb-11.8')], justBefore('mass-delete', undefined, 4))).rejects.toMatchObject({
      code: 'target-ambiguous',
      hint: expect.stringContaining('`--to "before mass-delete shop.orders2"`'),
      details: expect.arrayContaining([
        expect.stringContaining('of shop.items'),
        expect.stringContaining('of shop.orders2'),
      ]),
    });
  });

  it('finds the same tables when the database is written in another case', async () => {
    const target = justBefore('mass-delete', undefined, 4);
    await expect(choose([recordedLog('mariadb-11.8')], target, { database: 'SHOP' })).rejects.toMatchObject({
      code: 'target-ambiguous',
    });
    const drops = new LogBuilder({ version: '11.8.9-MariaDB-log' });
    for (const [index, name] of ['a', 'b'].entries())
      drops.gtid(index + 1, { flags: 1 }).query(`DROP TABLE ${name}`, { database: 'shop' });
    const { found } = await choose([drops.bytes], justBefore('drop-table'), { database: 'Shop' });
    expect(found[1]).toMatch(/others were: DROP TABLE shop\.a, /);
  });

  it('finds names with dots and capitals, and each table of a statement that drops several', async () => {
    const log = new LogBuilder({ version: '11.8.9-MariaDB-log' });
    const starts = ['DROP TABLE a, `My.Shop`.`b.c`', 'DROP DATABASE `My.Shop`'].map((sql, index) => {
      const start = log.position;
      log.gtid(index + 1, { flags: 1 }).query(sql, { database: 'shop' });
      return start;
    });
    for (const object of ['shop.a', 'My.Shop.b.c', 'my.shop.B.c'])
      expect((await choose([log.bytes], justBefore('drop-table', object))).stop.position, object).toBe(starts[0]);
    const { stop, lost } = await choose([log.bytes], justBefore('drop-database', 'My.Shop'));
    expect({ position: stop.position, lost }).toEqual({
      position: starts[1],
      lost: { database: 'My.Shop', object: 'My.Shop' },
    });
  });

  it('reports what it found instead when nothing matches', async () => {
    await expect(choose([recordedLog('mariadb-11.8')], justBefore('drop-database', 'crm'))).rejects.toMatchObject({
      code: 'target-not-reached',
      message: 'the log since the backup holds no DROP DATABASE of crm',
      details: [expect.stringContaining('DROP DATABASE shop, transaction 0-7-28')],
    });
    await expect(choose([recordedLog('mariadb-11.8')], justBefore('truncate'), { database: 'crm' })).rejects.toThrow(
      'no TRUNCATE in crm',
    );
    const statements = new LogBuilder().query('DELETE FROM a WHERE id > 0').bytes;
    await expect(choose([statements], justBefore('mass-delete'))).rejects.toMatchObject({
      details: [expect.stringContaining('1 DELETE with a condition')],
    });
  });

  it('considers only events after the backup', async () => {
    const from = { file: 'binlog.000001', position: 9635 };
    await expect(choose([recordedLog('mariadb-11.8')], justBefore('truncate'), { from })).rejects.toThrow(
      'holds no TRUNCATE',
    );
  });

  it('counts transactions in later files', async () => {
    const later = new LogBuilder().anonymous().query('CREATE DATABASE a').anonymous().query('CREATE DATABASE b').bytes;
    const chosen = await choose([recordedLog('mysql-9.7'), later], justBefore('drop-database', 'shop'));
    expect(chosen.commitsLeft).toBe(4);
  });
});

async function eventsIn(log: LogBuilder, minRows?: number): Promise<readonly string[]> {
  const finder = new EventFinder(minRows);
  for (const transaction of await transactionsOf(log.bytes)) finder.take(transaction);
  return finder.events.map((event) => describeEvent(event).replace(/, transaction.*/, ''));
}

describe('EventFinder', () => {
  it('does not count DROP … IF EXISTS as a loss if the log shows that the object was already gone', async () => {
    const log = new LogBuilder()
      .query('DROP TABLE IF EXISTS a')
      .query('DROP TABLE IF EXISTS a')
      .query('CREATE TABLE a (i int)')
      .query('DROP TABLE IF EXISTS a, b')
      .query('DROP DATABASE IF EXISTS shop')
      .query('DROP DATABASE IF EXISTS shop')
      .query('DROP TABLE IF EXISTS c')
      .query('CREATE DATABASE shop')
      .query('DROP TABLE IF EXISTS c')
      .query('RENAME TABLE other.x TO c')
      .query('DROP TABLE IF EXISTS c');
    expect(await eventsIn(log)).toEqual([
      'DROP TABLE shop.a',
      'DROP TABLE shop.a, shop.b',
      'DROP DATABASE shop',
      'RENAME TABLE other.x TO shop.c',
      'DROP TABLE shop.c',
    ]);
  });

  it('does not count DROP TABLE IF EXISTS as a loss when a dump is loaded into a new database', async () => {
    const log = new LogBuilder()
      .query('CREATE DATABASE shop')
      .query('DROP TABLE IF EXISTS a')
      .query('CREATE TABLE a (i int)');
    log.query('CREATE DATABASE IF NOT EXISTS shop').query('DROP TABLE IF EXISTS a');
    expect(await eventsIn(log)).toEqual(['DROP TABLE shop.a']);
  });

  it('counts CREATE OR REPLACE as a loss', async () => {
    const log = new LogBuilder()
      .query('CREATE OR REPLACE DATABASE shop')
      .query('CREATE OR REPLACE TABLE a (i int)')
      .query('CREATE OR REPLACE TABLE a (i int)');
    expect(await eventsIn(log)).toEqual(['DROP DATABASE shop', 'DROP TABLE shop.a']);
  });

  it('counts deleted rows by transaction and table, and ignores the server’s own tables', async () => {
    const log = new LogBuilder();
    for (const [database, count] of [
      ['shop', 9],
      ['shop', 10],
      ['mysql', 50],
    ] as const) {
      log.anonymous().query('BEGIN').table(9, database, 'a').rows(32, 9, count).commit();
    }
    expect(await eventsIn(log, 10)).toEqual(['DELETE of 10 rows of shop.a']);
  });

  it('combines rows deleted in batches, starting with the first batch, and ignores a trickle before them', async () => {
    const log = new LogBuilder();
    const deleteAt = (seconds: number, rows: number) =>
      log
        .anonymous()
        .query('BEGIN')
        .table(9, 'shop', 'a')
        .rows(32, 9, rows)
        .commit({ seconds: T + seconds });
    deleteAt(0, 12);
    for (let batch = 0; batch < 4; batch += 1) deleteAt(2000 + batch * 60, 300);
    deleteAt(2700, 11);
    deleteAt(9000, 999);
    const finder = new EventFinder(undefined);
    for (const transaction of await transactionsOf(log.bytes)) finder.take(transaction);
    expect(finder.events).toMatchObject([{ transactions: 4, commitsAfter: 6, tables: [{ name: 'a', rows: 1200 }] }]);
    deleteAt(9300, 1001);
    const later = new EventFinder(undefined);
    for (const transaction of await transactionsOf(log.bytes)) later.take(transaction);
    expect(later.events.map(({ tables }) => tables[0]?.rows)).toEqual([1200, 2000]);
  });

  it('counts the changes of an XA transaction when it commits, but not when it is rolled back', async () => {
    const prepare = Buffer.concat([Buffer.from([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('x')]);
    const log = new LogBuilder();
    const begin = () =>
      log
        .anonymous()
        .query("XA START X'78',X'',1")
        .table(9, 'shop', 'a')
        .rows(32, 9, 20)
        .query("XA END X'78',X'',1")
        .event(38, prepare);
    begin().anonymous().query("XA ROLLBACK X'78',X'',1");
    expect(await eventsIn(log, 10)).toEqual([]);
    begin().anonymous().query("XA COMMIT X'78',X'',1");
    expect(await eventsIn(log, 10)).toEqual(['DELETE of 20 rows of shop.a']);
  });

  it('ignores transactions that were rolled back', async () => {
    const log = new LogBuilder().anonymous().query('BEGIN').table(9, 'shop', 'a').rows(32, 9, 20).query('ROLLBACK');
    expect(await eventsIn(log, 10)).toEqual([]);
  });
});

/** One transaction per second from `T` on; the third and fourth share a second. */
function clockLog(): LogBuilder {
  const log = new LogBuilder({ version: '11.8.9-MariaDB' });
  for (const [index, second] of [0, 1, 2, 2, 3].entries())
    log.gtid(index + 1, { flags: 1, seconds: T + second }).query(`CREATE DATABASE d${index}`, { seconds: T + second });
  return log;
}

describe('a target instant', () => {
  const at = (seconds: number): RecoveryTarget => ({ kind: 'time', at: new Date((T + seconds) * 1000) });

  it.each([
    [0, '0-7-1', '0-7-2', 4],
    [1.5, '0-7-2', '0-7-3', 3],
    [2, '0-7-4', '0-7-5', 1],
    [2.9, '0-7-4', '0-7-5', 1],
    [3, '0-7-5', undefined, 0],
  ])('%f s: stops between %s and %s', async (seconds, last, first, commitsLeft) => {
    const log = clockLog();
    const chosen = await choose([log.bytes], at(seconds));
    expect(chosen).toMatchObject({ last: { gtid: last }, commitsLeft });
    expect(chosen.first?.gtid).toBe(first);
    expect(chosen.stop.position).toBe(chosen.first?.at ?? log.position);
  });

  it('replays nothing when it is before the first transaction, and reports that', async () => {
    const chosen = await choose([clockLog().bytes], at(-1));
    expect(chosen).toMatchObject({ last: undefined, first: { gtid: '0-7-1' }, commitsLeft: 5 });
    expect(chosen.found).toEqual([
      'stops after no transaction of the log, before 0-7-1 (28 Nov 2026, 21:06:40 UTC) at binlog.000001:127',
    ]);
  });

  it('is refused when it is before the backup or after the log, and the error states both times', async () => {
    await expect(choose([clockLog().bytes], at(-5), { takenAt: new Date(T * 1000) })).rejects.toThrow(
      'the target, 28 Nov 2026, 21:06:35 UTC, is before the backup, which was taken 28 Nov 2026, 21:06:40 UTC',
    );
    const taken = new Date(T * 1000 + 500);
    await expect(choose([clockLog().bytes], at(0.4), { takenAt: taken })).rejects.toThrow(
      '28 Nov 2026, 21:06:40.400 UTC, is before the backup, which was taken 28 Nov 2026, 21:06:40.500 UTC',
    );
    await expect(choose([clockLog().bytes], at(60))).rejects.toThrow(
      'the target, 28 Nov 2026, 21:07:40 UTC, is later than the log, which ends 28 Nov 2026, 21:06:43 UTC, with binlog.000001',
    );
  });

  it('can be as late as the last event of the file, even without a transaction then', async () => {
    const log = clockLog().event(4, Buffer.concat([Buffer.alloc(8), Buffer.from('binlog.000002')]), {
      seconds: T + 100,
    });
    expect(await choose([log.bytes], at(60))).toMatchObject({ first: undefined, stop: { position: log.position } });
  });

  it('distinguishes microseconds', async () => {
    const second: RecoveryTarget = { kind: 'time', at: new Date(1_795_901_637_238) };
    const chosen = await choose([recordedLog('mysql-9.7-tags')], second);
    expect(chosen).toMatchObject({
      last: { gtid: expect.stringContaining(':blue:2') },
      first: { gtid: expect.stringContaining(':green_long_tag_name:1') },
    });
  });
});

describe('a random instant', () => {
  it.each([0, 0.3, 0.6, 0.999])('with share %f: stops between two transactions', async (share) => {
    const target: RecoveryTarget = { kind: 'random', notBefore: new Date(0), share };
    const { first, last } = await choose([clockLog().bytes], target);
    expect(last?.end).toBe(first?.at);
  });

  it('fails when nothing committed in that period', async () => {
    const target: RecoveryTarget = { kind: 'random', notBefore: new Date((T + 60) * 1000), share: 0.5 };
    await expect(choose([clockLog().bytes], target)).rejects.toThrow('no two transactions committed within that time');
  });
});

describe('a target GTID or position', () => {
  const gtid = (text: string, exclusive?: true): RecoveryTarget => ({
    kind: 'position',
    at: { gtid: text },
    ...(exclusive ? { exclusive } : {}),
  });
  const position = (text: string): RecoveryTarget => ({ kind: 'position', at: { position: text } });

  it('stops after or before a transaction', async () => {
    const bytes = recordedLog('mariadb-11.8');
    expect(await choose([bytes], gtid('0-7-27'))).toMatchObject({
      stop: { position: 10_504 },
      last: { gtid: '0-7-27' },
      first: { gtid: '0-7-28' },
      commitsLeft: 2,
    });
    expect(await choose([bytes], gtid('0-7-28', true))).toMatchObject({
      stop: { position: 10_504 },
      last: { gtid: '0-7-27' },
      first: { gtid: '0-7-28' },
      commitsLeft: 2,
    });
    expect(await choose([bytes], gtid('0-7-29'))).toMatchObject({ first: undefined, commitsLeft: 0 });
  });

  it('is refused when the log since the backup does not contain the transaction', async () => {
    await expect(choose([recordedLog('mariadb-11.8')], gtid('0-7-99'))).rejects.toThrow(
      '0-7-99 is not in the log since the backup, which ends with 0-7-29',
    );
    await expect(choose([recordedLog('mariadb-11.8')], gtid('0-7-0'), { holds: () => true })).rejects.toThrow(
      'the backup already holds the transaction 0-7-0',
    );
  });

  it.each([
    ['binlog.000001:10504', 10_504, '0-7-28'],
    ['binlog.000001:4', 4, '0-7-1'],
    ['binlog.000001:10909', 10_909, undefined],
  ])('stops at %s', async (text, at, first) => {
    const chosen = await choose([recordedLog('mariadb-11.8')], position(text));
    expect(chosen.stop.position).toBe(at);
    expect(chosen.first?.gtid).toBe(first);
  });

  it('stops at the start of a later file', async () => {
    const chosen = await choose(
      [recordedLog('mysql-9.7'), recordedLog('mysql-9.7-compressed')],
      position('binlog.000002:4'),
    );
    expect(chosen).toMatchObject({
      last: { file: 'binlog.000001' },
      first: { file: 'binlog.000002' },
      commitsLeft: 28,
    });
  });

  it.each([
    ['binlog.000001:10505', 'is within the transaction 0-7-28, from 10504 to 10640'],
    ['binlog.000001:20000', 'is not in the log since the backup, which ends at binlog.000001:10909'],
    ['binlog.000009:4', 'is not in the log since the backup'],
  ])('is refused: %s', async (text, message) => {
    await expect(choose([recordedLog('mariadb-11.8')], position(text))).rejects.toThrow(message);
  });

  it('is refused when the position is before the backup', async () => {
    const from = { file: 'binlog.000001', position: 8000 };
    await expect(choose([recordedLog('mariadb-11.8')], position('binlog.000001:7777'), { from })).rejects.toThrow(
      'before the backup, which is at binlog.000001:8000',
    );
  });
});
