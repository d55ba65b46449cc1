import { describe, expect, it } from 'vitest';
import { linesToRead, TransactionScanner } from '../../../../src/engines/postgres/log/transaction-scanner.ts';

const record = (manager: string, tx: number, lsn: string, description: string): string =>
  `rmgr: ${manager.padEnd(11)} len (rec/tot):     54/   186, tx: ${String(tx).padStart(10)}, lsn: ${lsn}, prev 0/076C2820, desc: ${description}`;
const mark = (lsn: string, row = 5) =>
  record('Heap', 0, lsn, `INPLACE off: ${row}, blkref #0: rel 1664/0/1262 blk 0 FPW`);
const commit = (tx: number, lsn: string, more = '') =>
  record('Transaction', tx, lsn, `COMMIT 2026-11-27 03:10:00.250000 UTC${more}`);
const drop = (tx: number, oid: number, lsn: string) => record('Database', tx, lsn, `DROP dir 1663/${oid} 16384/${oid}`);
const removeRow = (tx: number, lsn: string) =>
  record(
    'Heap',
    tx,
    lsn,
    `DELETE xmax: ${tx}, off: 5, infobits: [KEYS_UPDATED], flags: 0x00, blkref #0: rel 1664/0/1262 blk 0`,
  );
const erase = (tx: number, file: string, flags = '0x00') =>
  record(
    'Heap',
    tx,
    '0/9',
    `DELETE xmax: ${tx}, off: 1, infobits: [KEYS_UPDATED], flags: ${flags}, blkref #0: rel 1663/${file} blk 0`,
  );
const scan = (...lines: readonly string[]): TransactionScanner => {
  const catalogs = { filenodes: new Set([1259, 2615]), pgDatabases: new Set([1262]) };
  const scanner = new TransactionScanner(catalogs, 2);
  for (const line of lines) if (new RegExp(linesToRead(catalogs)).test(line)) scanner.readLine(line);
  return scanner;
};

describe('dropped databases in the log', () => {
  it('are found with the mark on their row, and the number of earlier commits', () => {
    const { drops, commits } = scan(
      commit(770, '0/076C2000'),
      mark('0/076C2858'),
      commit(771, '0/076C2900'),
      mark('0/076C2910', 6),
      removeRow(773, '0/076C2D28'),
      drop(773, 16385, '0/076C2E30'),
      commit(773, '0/076C2EA0'),
      commit(774, '0/076C2F00'),
    );
    expect(commits).toBe(4);
    expect(drops).toEqual([
      {
        xid: '773',
        oid: 16385,
        markLsn: '0/76C2858',
        firstLsn: '0/76C2D28',
        dropLsn: '0/76C2E30',
        committedAt: new Date('2026-11-27T03:10:00.250Z'),
        commitsBefore: 1,
        commitsBeforeFirst: 2,
      },
    ]);
  });

  it('are found when an older server left no mark, and when the log ends before the commit', () => {
    const { drops } = scan(removeRow(773, '0/00000028'), drop(773, 16385, '0/00000100'));
    expect(drops).toMatchObject([{ markLsn: undefined, firstLsn: '0/28', committedAt: undefined }]);
  });

  it('are not given the mark of a database whose row was in the same place', () => {
    const { drops } = scan(
      ...[mark('0/1'), removeRow(8, '0/2'), drop(8, 16385, '0/3'), commit(8, '0/4')],
      ...[removeRow(9, '0/5'), drop(9, 16386, '0/6'), commit(9, '0/7')],
    );
    expect(drops.map(({ markLsn }) => markLsn)).toEqual(['0/1', undefined]);
  });

  it('are read in time that is linear in their number', () => {
    const count = 20_000;
    const each = (_: unknown, index: number) => [
      removeRow(index, '0/1'),
      drop(index, 20_000 + index, '0/2'),
      commit(index, '0/3'),
    ];
    const { drops } = scan(...Array.from({ length: count }, each).flat());
    expect(drops.filter(({ committedAt }) => committedAt !== undefined)).toHaveLength(count);
  });

  it('exclude databases that moved to another tablespace, and rows that were only changed', () => {
    expect(scan(drop(9, 16385, '0/3'), commit(9, '0/4')).drops).toEqual([]);
    expect(scan(mark('0/2'), removeRow(9, '0/3'), commit(9, '0/4'), 'not a record').drops).toEqual([]);
  });
});

describe('transactions that may have destroyed data', () => {
  it('include committed transactions that delete rows of one table, with their subtransactions', () => {
    const { transactions } = scan(
      erase(5, '16384/16400'),
      erase(6, '16384/16400'),
      erase(5, '16384/16401'),
      erase(7, '16384/16400'),
      erase(7, '16384/16400'),
      record('Transaction', 7, '0/A', 'ABORT 2026-11-27 03:10:00.250000 UTC'),
      commit(5, '0/0000B', '; subxacts: 6; inval msgs: catcache 21'),
    );
    const deleted = [{ database: 16384, filenode: 16400, rows: 2 }];
    expect(transactions).toMatchObject([{ xid: '5', members: ['5', '6'], commitLsn: '0/B', deleted, dropped: [] }]);
  });

  it('exclude those that delete catalog rows, move rows to another partition, or undo an insertion', () => {
    const lines = [
      erase(5, '16384/1249'),
      erase(5, '16384/1249'),
      erase(5, '16384/16400', '0x10'),
      erase(5, '16384/16400', '0x08'),
    ];
    expect(scan(...lines, commit(5, '0/B')).transactions).toEqual([]);
  });

  it('are read in the format of each version, including prepared transactions', () => {
    const old = (off: number) =>
      record('Heap', 8, '0/9', `DELETE off ${off} flags 0x00 KEYS_UPDATED , blkref #0: rel 1663/16384/16400 blk 0`);
    const end =
      'COMMIT_PREPARED 8: 2026-11-28 18:15:34.219834 UTC; rels: base/16384/16419 pg_tblspc/16390/PG_15_202209061/16384/16432; dropped stats: 2/16384/16404';
    const { transactions } = scan(old(1), old(2), record('Transaction', 0, '0/030B6CC8', end));
    expect(transactions).toMatchObject([
      {
        xid: '8',
        committedAt: new Date('2026-11-28T18:15:34.219Z'),
        dropped: [
          { database: 16384, filenode: 16419 },
          { database: 16384, filenode: 16432 },
        ],
        deleted: [{ rows: 2 }],
      },
    ]);
  });

  it('include the catalog records that contain their names', () => {
    const insert = record(
      'Heap',
      8,
      '0/03018F10',
      'INSERT off: 38, flags: 0x01, blkref #0: rel 1663/16384/1259 blk 5 FPW, blkref #1: rel 1663/16384/1259 fork vm blk 0',
    );
    const map = record('XLOG', 8, '0/03018F20', 'FPI_FOR_HINT , blkref #0: rel 1663/16384/1259 fork fsm blk 2 FPW');
    const { catalogRecords, transactions } = scan(insert, map, commit(8, '0/B'));
    expect(catalogRecords).toEqual([{ lsn: '0/3018F10', bytes: 186, database: 16384 }]);
    expect(transactions).toMatchObject([{ changed: [16384] }]);
  });
});
