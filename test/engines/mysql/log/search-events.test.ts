import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { DatedLogArchive } from '../../../../src/engines/log-events.ts';
import { mariadbFlavor, mysqlFlavor } from '../../../../src/engines/mysql/flavor.ts';
import { planSearch } from '../../../../src/engines/mysql/log/search-events.ts';
import { LogBuilder } from './log-builder.ts';
import { recordedLog } from './recorded-logs.ts';

const never = new AbortController().signal;
const hour = (number: number) => new Date(Date.UTC(2026, 10, 28, number));
const quiet = { minRows: undefined, onFetched: () => undefined, onSearching: () => undefined, signal: never };
const noSandbox = async () => Promise.reject(new Error('needs a sandbox'));

/**
 * @param contents of `log/binlog.000001` and so on, stored at one o'clock, two o'clock and so on; undefined for a
 * missing file.
 */
function archive(contents: readonly (Buffer | undefined)[], basename = 'binlog'): DatedLogArchive {
  const files = contents.flatMap((bytes, index) =>
    bytes
      ? [{ key: `log/${basename}.00000${index + 1}`, sizeBytes: bytes.length, modifiedAt: hour(index + 1), bytes }]
      : [],
  );
  const bytesOf = (key: string) => files.find((file) => file.key === key)?.bytes ?? Buffer.alloc(0);
  return {
    description: '/log',
    files: [...files, { key: 'log/binlog.index', sizeBytes: 10, modifiedAt: hour(0) }],
    read: async ({ key }) => bytesOf(key),
    stream: async ({ key }) => Readable.from([bytesOf(key)]),
  };
}

const drop = (name: string) => new LogBuilder().anonymous().query(`DROP TABLE ${name}`).stop().bytes;

/** A MariaDB file. @param before sequence number of the last transaction that the file lists as preceding it. */
function numbered(before: number, numbers: readonly number[], serverId = 7): LogBuilder {
  const list = Buffer.alloc(before === 0 ? 4 : 20);
  list.writeUInt32LE(before === 0 ? 0 : 1);
  if (before > 0) {
    list.writeUInt32LE(serverId, 8);
    list.writeUInt32LE(before, 12);
  }
  const log = new LogBuilder({ version: '11.8.9-MariaDB-log', serverId }).event(163, list);
  for (const number of numbers) log.gtid(number, { flags: 1 }).query(`DROP TABLE t${number}`);
  return log;
}

describe('a search of a binary log', () => {
  it('lists the events that destroyed data and the position just before each, without a sandbox', async () => {
    const plan = await planSearch(mariadbFlavor, archive([recordedLog('mariadb-11.8')]), hour(0), never);
    expect(plan).toMatchObject({ major: '11.8', files: 1, bytes: 10_909, range: 'binlog.000001' });
    const { events, notSearched } = await plan.run(noSandbox, quiet);
    expect(notSearched).toEqual([]);
    expect(events.map(({ kind, objects }) => [kind, ...objects.map(({ name }) => name)])).toEqual([
      ['mass-delete', 'items'],
      ['mass-update', 'orders'],
      ['truncate', 'items'],
      ['drop-table', 'we`ird; drop'],
      ['drop-column', 'orders'],
      ['rename-table', 'orders'],
      ['drop-partition', 'part'],
      ['drop-table', 'items'],
      ['drop-database'],
    ]);
    expect(events.at(-1)).toEqual({
      kind: 'drop-database',
      at: new Date('2026-11-28T21:28:40Z'),
      transaction: '0-7-28',
      position: 'binlog.000001:10504',
      stopBefore: { position: 'binlog.000001:10504' },
      database: { name: 'shop', number: undefined },
      objects: [],
      othersLost: 1,
    });
  });

  it.each([
    ['all of it', 0, 3, 'binlog.000001 to binlog.000003'],
    ['what was stored since', 2, 2, 'binlog.000002 to binlog.000003'],
    ['the last file where nothing was stored since', 9, 1, 'binlog.000003'],
  ])('reads %s', async (_what, since, files, range) => {
    const plan = await planSearch(mysqlFlavor, archive([drop('a'), drop('b'), drop('c')]), hour(since), never);
    expect(plan).toMatchObject({ major: '9.7', files, range });
  });

  it('continues after a gap and after a damaged file, and reports both', async () => {
    const damaged = Buffer.from(drop('b'));
    damaged[damaged.length - 29] = 0; // just before the last event
    const plan = await planSearch(
      mysqlFlavor,
      archive([drop('a'), damaged, drop('c'), undefined, drop('d')]),
      hour(0),
      never,
    );
    const { events, notSearched } = await plan.run(noSandbox, quiet);
    expect(events.map(({ objects }) => objects[0]?.name)).toEqual(['a', 'c', 'd']);
    expect(notSearched).toEqual([
      expect.stringMatching(/^binlog\.000002, position \d+: the checksum/),
      'the archive lacks binlog.000004',
    ]);
  });

  it.each([
    ['DELETE FROM a WHERE id = 1', /^one UPDATE or DELETE with a condition is in the log as a statement only/],
    ['/* nightly */ UPDATE a SET b = 1 WHERE id = 1', /^one UPDATE or DELETE/],
    ['SET STATEMENT max_statement_time=10 FOR DELETE FROM a WHERE id = 1', /^one UPDATE or DELETE/],
    ['INSERT INTO a VALUES (1)', undefined],
    ["SET STATEMENT a='DELETE' FOR INSERT INTO a SELECT 1", undefined],
  ])('reports that the log does not count rows for: %s', async (sql, sentence) => {
    const log = new LogBuilder().anonymous().query('BEGIN').query(sql).commit().bytes;
    const run = async (since: Date) =>
      (await planSearch(mysqlFlavor, archive([log]), since, never)).run(noSandbox, quiet);
    const { events, notCounted } = await run(hour(0));
    expect([events, notCounted]).toEqual([[], sentence && expect.stringMatching(sentence)]);
    expect((await run(new Date(Date.UTC(2027, 0)))).notCounted).toBeUndefined();
  });

  it('reports the number of such statements', async () => {
    const log = new LogBuilder()
      .anonymous()
      .query('BEGIN')
      .query('DELETE FROM a WHERE b')
      .query('UPDATE a SET b=1 LIMIT 1');
    const plan = await planSearch(mysqlFlavor, archive([log.commit().bytes]), hour(0), never);
    const { notCounted } = await plan.run(noSandbox, quiet);
    expect(notCounted).toMatch(/^2 UPDATE and DELETE with a condition are in the log as statements only/);
  });

  it('reports that it did not inspect all tables of a transaction', async () => {
    const names = Array.from({ length: 100_003 }, (_none, index) => `t${index}`).join();
    const log = new LogBuilder().anonymous().query(`DROP TABLE ${names}`).stop().bytes;
    const plan = await planSearch(mysqlFlavor, archive([log]), hour(0), never);
    const { events, notSearched } = await plan.run(noSandbox, quiet);
    expect(events).toMatchObject([{ objects: { length: 1000 }, moreObjects: 99_003 }]);
    expect(notSearched).toEqual([
      expect.stringMatching(
        /^the transaction at binlog\.000001:\d+ names more than 100,000 tables, and the others were not looked at$/,
      ),
    ]);
  });

  it.each([
    [
      'a file that was cut between two transactions',
      [numbered(0, [1]).bytes, numbered(2, [3]).stop().bytes, numbered(3, [4]).bytes],
      ['t1', 't3', 't4'],
      ['/log: binlog.000002 says that 0-7-2 came before it, and the archive does not have that'],
    ],
    [
      'a file without an end where nothing has a GTID',
      [new LogBuilder().anonymous().query('DROP TABLE a').bytes, drop('b'), drop('c')],
      ['a', 'b', 'c'],
      [expect.stringMatching(/^\/log: binlog\.000001 ends without saying which file follows it/)],
    ],
    [
      'a file of another server',
      [numbered(0, [1]).stop().bytes, numbered(8, [9], 99).stop().bytes, numbered(9, [10], 99).bytes],
      ['t1', 't9', 't10'],
      ['/log: binlog.000002 is of another server than the file before it: its server_id is 99, and was 7'],
    ],
    [
      'what the server itself lost',
      [
        numbered(0, [1])
          .event(26, Buffer.from([1, 0, 4, ...Buffer.from('lost')]))
          .stop().bytes,
        numbered(1, [2]).bytes,
      ],
      ['t1', 't2'],
      [expect.stringMatching(/^\/log: binlog\.000001, position \d+, says that the server lost something .*: lost$/)],
    ],
    [
      'a file of the other product among them',
      [numbered(0, [1]).stop().bytes, drop('b'), numbered(1, [2]).bytes],
      ['t1', 't2'],
      ['binlog.000002 in /log is a log of MySQL 9.7.4'],
    ],
    [
      'a file that ends within a transaction, once',
      [numbered(0, [1]).gtid(2).query('INSERT INTO a VALUES (1)').bytes, numbered(2, [3]).bytes],
      ['t1', 't3'],
      [expect.stringMatching(/^binlog\.000001 ends within the transaction at position \d+$/)],
    ],
    [
      'nothing where a server crashed and GTIDs show that nothing is lost',
      [numbered(0, [1]).bytes, numbered(1, [2]).bytes],
      ['t1', 't2'],
      [],
    ],
  ])('reports %s', async (_what, files, tables, holes) => {
    const flavor = files[0]?.includes('MariaDB') ? mariadbFlavor : mysqlFlavor;
    const plan = await planSearch(flavor, archive(files), hour(0), never);
    const { events, notSearched } = await plan.run(noSandbox, quiet);
    expect(notSearched).toEqual(holes);
    expect(events.map(({ objects }) => objects[0]?.name)).toEqual(tables);
  });

  it.each([
    ['an archive without binary logs', archive([]), 'log-incomplete'],
    ['the log of another product', archive([recordedLog('mariadb-11.8')]), 'engine-mismatch'],
    ['a file that is no binary log', archive([Buffer.from('text')]), 'log-damaged'],
    [
      'logs of two servers',
      { ...archive([]), files: [...archive([drop('a')]).files, ...archive([drop('a')], 'other').files] },
      'backup-ambiguous',
    ],
  ])('is refused for %s', async (_what, of, code) => {
    await expect(planSearch(mysqlFlavor, of, hour(0), never)).rejects.toMatchObject({ code });
  });

  it('finds events before the damage in a damaged file, even in the first file', async () => {
    const bytes = Buffer.from(new LogBuilder().query('DROP TABLE a').query('DROP TABLE b').stop().bytes);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 40) ^ 1, bytes.length - 40);
    const plan = await planSearch(mysqlFlavor, archive([bytes]), hour(0), never);
    const { events, notSearched } = await plan.run(noSandbox, quiet);
    expect(events.map(({ objects }) => objects[0]?.name)).toEqual(['a']);
    expect(notSearched).toEqual([expect.stringMatching(/^binlog\.000001, position \d+: the checksum/)]);
  });
});
