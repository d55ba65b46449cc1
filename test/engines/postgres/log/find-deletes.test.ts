import { describe, expect, it } from 'vitest';
import { findDeletions } from '../../../../src/engines/postgres/log/find-deletes.ts';
import type { ScannedTransaction } from '../../../../src/engines/postgres/log/transaction-scanner.ts';

const NOON = Date.UTC(2026, 10, 27, 12);
const FILE = { database: 16384, filenode: 16400 };

/** A log in which each `[minute, rows, filenode]` is a transaction, in that order. */
function log(...deletes: readonly (readonly [minute: number, rows: number, filenode?: number])[]) {
  return deletes.map(([minute, rows, filenode = 16400], index): ScannedTransaction => {
    return {
      xid: String(700 + index),
      members: [String(700 + index)],
      commitLsn: `0/${(256 + index).toString(16).toUpperCase()}`,
      committedAt: new Date(NOON + minute * 60_000),
      commitsBefore: index,
      dropped: [],
      changed: [],
      deleted: [{ database: 16384, filenode, rows }],
    };
  });
}

const find = (transactions: readonly ScannedTransaction[], tableRows?: number, minRows?: number) =>
  findDeletions(transactions, minRows, () => tableRows).mass.map(({ first, last, rows }) => [
    first.xid,
    last.xid,
    rows,
  ]);

describe('a deletion of many rows', () => {
  it.each([
    ['a tenth of a table', 10_000, [0, 1000], [['700', '700', 1000]]],
    ['less than a tenth', 10_001, [0, 1000], []],
    ['all of a small table', 150, [0, 150], [['700', '700', 150]]],
    ['all of a table of fewer than 100 rows', 99, [0, 99], []],
    ['1000 rows of a table without statistics', undefined, [0, 1000], [['700', '700', 1000]]],
    ['999 of them', undefined, [0, 999], []],
    ['1000 of a table that had none when it was counted', 0, [0, 1000], [['700', '700', 1000]]],
  ] as const)('is detected by its share of the table: %s', (_what, tableRows, [minute, rows], found) => {
    expect(find(log([minute, rows]), tableRows)).toEqual(found);
  });

  it('is detected by a minimum given by the user, whatever its share', () => {
    expect(find(log([0, 50]), 1_000_000, 50)).toEqual([['700', '700', 50]]);
    expect(find(log([0, 40], [1, 10]), 60, 50)).toEqual([['700', '701', 50]]);
    expect(find(log([0, 40], [1, 9], [2, 9]), 60, 50)).toEqual([]);
    expect(find(log([0, 1]), 60, 1)).toEqual([['700', '700', 1]]);
    expect(find(log([0, 40_000]), 50_000, 100_000)).toEqual([]);
  });

  it('may consist of batches, and begins with the first', () => {
    const batches = Array.from({ length: 30 }, (_, index) => [index, 50] as const);
    expect(find(log(...batches), 5000)).toEqual([['700', '729', 1500]]);
    const pauses = Array.from({ length: 10 }, (_, index) => [index * 9, 300] as const);
    expect(find(log(...pauses), 5000)).toEqual([['700', '709', 3000]]);
  });

  it('is not reported for a daily purge of rows older than two weeks, at once or in batches', () => {
    const day = 24 * 60;
    const once = Array.from({ length: 7 }, (_, index) => [index * day, 7000] as const);
    expect(find(log(...once), 100_000)).toEqual([]);
    const batches = once.flatMap(([at]) => Array.from({ length: 70 }, (_, index) => [at + index / 60, 100] as const));
    expect(find(log(...batches), 100_000)).toEqual([]);
  });

  it('is not reported for batches that an application spreads over the day', () => {
    const batches = Array.from({ length: 500 }, (_, index) => [index * 3, 20] as const);
    expect(find(log(...batches), 10_000)).toEqual([]);
    const busy = Array.from({ length: 5000 }, (_, index) => [index / 100, 90] as const);
    expect(find(log(...busy))).toEqual([]); // the size of the table is unknown
    expect(find(log(...busy), undefined, 1000)).toEqual([]);
  });

  it('does not begin with what an application deleted shortly before', () => {
    const trickle = Array.from({ length: 5 }, (_, index) => [index, 12] as const);
    expect(find(log(...trickle, [6, 40_000], [7, 12]), 100_000)).toEqual([['705', '706', 40_012]]);
    expect(find(log([0, 900], [1, 1200]))).toEqual([['700', '701', 2100]]);
  });

  it('is separate when it comes later', () => {
    expect(find(log([0, 2000], [60, 3000]), 10_000)).toEqual([
      ['700', '700', 2000],
      ['701', '701', 3000],
    ]);
  });

  it('is detected for each table', () => {
    const rows = log([0, 600], [0, 600, 16401], [1, 600], [1, 600, 16401]);
    expect(find(rows)).toEqual([
      ['700', '702', 1200],
      ['701', '703', 1200],
    ]);
    expect(find(log([0, 600], [0, 600, 16401]))).toEqual([]);
  });

  it('is compared with the size of the table before it', () => {
    const sizes: Readonly<Record<string, number>> = { '0/100': 10_000, '0/101': 500 };
    const { mass } = findDeletions(log([0, 9500], [30, 60]), undefined, (_database, _filenode, lsn) => sizes[lsn]);
    expect(mass).toMatchObject([{ ...FILE, rows: 9500, tableRows: 10_000, transactions: 1 }]);
  });

  it('may be slow if the table has shrunk since', () => {
    const hours = log(...Array.from({ length: 8 }, (_, index) => [index * 45, 300] as const));
    const findWith = (after: number | undefined) =>
      findDeletions(hours, undefined, (_database, _filenode, lsn) =>
        Number.parseInt(lsn.slice(2), 16) < 263 ? 10_000 : after,
      ).mass;
    expect(findWith(7600)).toMatchObject([{ rows: 2400, transactions: 8, first: { xid: '700' } }]);
    expect(findWith(8900)).toEqual([]); // other rows replaced them
    expect(findWith(10_000)).toEqual([]);
    expect(findWith(undefined)).toEqual([]);
    const fewer = log([0, 700], [300, 700]);
    expect(findDeletions(fewer, undefined, (_d, _f, lsn) => (lsn === '0/100' ? 10_000 : 8000)).mass).toEqual([]);
  });

  it('is reported as the largest smaller one when none was large enough', () => {
    const { mass, smaller } = findDeletions(log([0, 200], [30, 700], [60, 300]), undefined, () => 100_000);
    expect(mass).toEqual([]);
    expect(smaller).toMatchObject([{ ...FILE, rows: 700, tableRows: 100_000, first: { xid: '701' } }]);
  });

  it('is found in time that is linear in the size of the log', () => {
    const batches = Array.from({ length: 50_000 }, (_, index) => [index / 250, 10] as const);
    expect(find(log(...batches), 100_000)).toHaveLength(1);
  });
});
