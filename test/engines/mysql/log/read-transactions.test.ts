import { describe, expect, it } from 'vitest';
import type { LogTransaction } from '../../../../src/engines/mysql/log/transaction.ts';
import { LogBuilder } from './log-builder.ts';
import { recordedLog, transactionsOf } from './recorded-logs.ts';

/** Contents of a transaction, such as `drop-database` or `delete shop.items 50`. */
function contentOf({ statements, rows }: LogTransaction): readonly string[] {
  return [
    ...statements.map(({ does }) => does),
    ...rows.map(({ change, database, table, rows: count }) => `${change} ${database}.${table} ${count}`),
  ];
}

describe('readTransactions, with logs of real servers', () => {
  it.each(['mariadb-11.8', 'mariadb-10.11-compressed', 'mysql-9.7', 'mysql-9.7-compressed'])(
    '%s: reads what each transaction did',
    async (name) => {
      const transactions = await transactionsOf(recordedLog(name));
      expect(transactions.map(contentOf)).toEqual([
        ['create-database'],
        ['create-database'],
        ...Array.from({ length: 3 }, () => ['create-table']),
        ['insert shop.orders 4'],
        ['insert shop.items 64'],
        ['insert crm.contacts 1', 'update shop.orders 1'],
        ['delete shop.items 50'],
        ['update shop.orders 4'],
        [],
        ['delete-all'],
        ['update-all'],
        ['insert shop.items 1'],
        ['truncate'],
        ['create-table'],
        ['drop-table'],
        ['drop-column'],
        ['rename-table'],
        ['create-table'],
        ['drop-partition'],
        [],
        ['delete shop.orders2 4'],
        ['drop-table'],
        ['insert crm.contacts 1'],
        [],
        ['insert crm.contacts 1'],
        ['drop-database'],
        ['insert crm.contacts 1'],
      ]);
      expect(transactions[24]).toMatchObject({ outcome: 'prepared', xid: "X'7831',X'',1" });
      expect(transactions[25]).toMatchObject({ outcome: 'committed', xid: "X'7831',X'',1" });
      for (const [index, { end }] of transactions.entries()) expect(transactions[index + 1]?.at ?? end).toBe(end);
    },
  );

  it('skips transactions that begin before a position', async () => {
    const transactions = await transactionsOf(recordedLog('mariadb-11.8'), { file: 'binlog.000001', position: 10_504 });
    expect(transactions.map(({ gtid }) => gtid)).toEqual(['0-7-28', '0-7-29']);
  });

  it('reads microseconds from MySQL, and seconds from MariaDB', async () => {
    const [mysql] = await transactionsOf(recordedLog('mysql-9.7-compressed'));
    const [mariadb] = await transactionsOf(recordedLog('mariadb-11.8'));
    expect(mysql).toMatchObject({ committedAtMicros: 1_795_901_332_559_566, hasMicros: true });
    expect(mariadb).toMatchObject({ committedAtMicros: 1_795_901_320_000_000, hasMicros: false });
  });
});

describe('readTransactions', () => {
  it('treats a statement without BEGIN as a transaction, and one with BEGIN as part of a transaction until its COMMIT', async () => {
    const log = new LogBuilder()
      .anonymous()
      .query('DROP TABLE a')
      .anonymous()
      .query('BEGIN')
      .query('DELETE FROM a')
      .query('SAVEPOINT s')
      .query('DELETE FROM b')
      .query('COMMIT')
      .anonymous()
      .query('begin')
      .query('DELETE FROM c')
      .query('ROLLBACK');
    const transactions = await transactionsOf(log.bytes);
    expect(transactions.map((one) => [one.outcome, contentOf(one)])).toEqual([
      ['committed', ['drop-table']],
      ['committed', ['delete-all', 'delete-all']],
      ['rolled-back', ['delete-all']],
    ]);
  });

  it('adds up the rows of a table from all events', async () => {
    const log = new LogBuilder().anonymous().query('BEGIN').table(9, 'shop', 'items').table(10, 'shop', 'orders');
    log.rows(32, 9, 3, false).rows(32, 10, 1, false).rows(32, 9, 2).commit();
    expect((await transactionsOf(log.bytes)).map(contentOf)).toEqual([['delete shop.items 5', 'delete shop.orders 1']]);
  });

  it('reports the start of a transaction that the file does not complete', async () => {
    const log = new LogBuilder().anonymous().query('BEGIN');
    const at = log.position;
    log.query('DELETE FROM a');
    const unfinished: unknown[] = [];
    expect(await transactionsOf(log.bytes, undefined, (stop) => unfinished.push(stop))).toEqual([]);
    expect(unfinished).toEqual([{ file: 'binlog.000001', position: 127 }]);
    expect(at).toBeGreaterThan(127);
  });

  it('reads table names in the client’s character set', async () => {
    const withCharset = (sql: Buffer, collation: number) =>
      Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 4, collation, 0, 8, 0, 8, 0, 0]), sql]);
    const log = new LogBuilder().event(2, withCharset(Buffer.from('DROP TABLE größe', 'latin1'), 8));
    log.event(2, withCharset(Buffer.from('DROP TABLE größe', 'utf8'), 45));
    const found = (await transactionsOf(log.bytes)).flatMap(({ statements }) => statements);
    expect(found).toEqual(
      Array.from({ length: 2 }, () => ({
        does: 'drop-table',
        tables: [{ database: '', table: 'größe' }],
        ifExists: false,
      })),
    );
  });
});
