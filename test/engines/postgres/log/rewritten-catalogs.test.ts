import { describe, expect, it } from 'vitest';
import {
  describeUnseen,
  findUnseen,
  readRewrites,
  requireSeen,
  withRewritten,
} from '../../../../src/engines/postgres/log/rewritten-catalogs.ts';
import { linesToRead, TransactionScanner } from '../../../../src/engines/postgres/log/transaction-scanner.ts';

const catalogs = { filenodes: new Set([1259, 2615]), pgDatabases: new Set([1262]) };
const record = (manager: string, tx: number, lsn: string, description: string): string =>
  `rmgr: ${manager.padEnd(11)} len (rec/tot):     54/   562, tx: ${String(tx).padStart(10)}, lsn: ${lsn}, prev 0/076C2820, desc: ${description}`;
const commit = (tx: number, lsn: string, file: string) =>
  record('Transaction', tx, lsn, `COMMIT 2026-11-27 03:10:00.250000 UTC; rels: base/${file}`);

/** A record whose map assigns a file to a catalog table. */
function mapOf(oid: number, filenode: number): Buffer {
  const bytes = Buffer.alloc(562);
  const map = bytes.subarray(562 - 524);
  map.writeInt32LE(1, 4);
  map.writeUInt32LE(oid, 8);
  map.writeUInt32LE(filenode, 12);
  return bytes;
}

function unseen(database: number, oid: number, filenode: number, ...after: readonly string[]) {
  const scanner = new TransactionScanner(catalogs, 1000);
  const size = `UPDATE database ${database} tablespace 1663 size 524`;
  const lines = [record('RelMap', 7, '0/00000100', size), commit(7, '0/00000200', `${database}/16500`), ...after];
  for (const line of lines) if (new RegExp(linesToRead(catalogs)).test(line)) scanner.readLine(line);
  const maps = scanner.mapRecords.map((one) => ({ record: one, bytes: mapOf(oid, filenode) }));
  const rewrites = readRewrites(maps);
  expect(withRewritten(catalogs, rewrites)?.filenodes ?? catalogs.filenodes).toContain(
    database === 0 ? 1259 : filenodeIn(oid, filenode),
  );
  const isKnown = (of: number, file: number) => (of === 0 ? catalogs.pgDatabases : catalogs.filenodes).has(file);
  return findUnseen(rewrites, isKnown, scanner.transactions);
}

const filenodeIn = (oid: number, filenode: number) => (oid === 1259 ? filenode : 1259);

describe('a rewritten catalog', () => {
  const dropped = commit(8, '0/00000300', '16384/16400');

  it('hides what was dropped afterwards', () => {
    expect(unseen(16384, 1259, 16510, dropped)).toEqual([{ database: 16384, lsn: '0/100' }]);
    expect(unseen(0, 1262, 16510)).toEqual([{ database: 0, lsn: '0/100' }]);
  });

  it('hides nothing if its file is read, or if no other file was removed since', () => {
    expect(unseen(16384, 1259, 1259, dropped)).toEqual([]);
    expect(unseen(16384, 1249, 16510, dropped)).toEqual([]);
    expect(unseen(16384, 1259, 16510)).toEqual([]);
    expect(unseen(16384, 1259, 16510, commit(8, '0/00000300', '16385/16400'))).toEqual([]);
  });

  it('prevents the choice of an older event', () => {
    const parts = [{ database: 16384, name: 'shop', lsn: '0/100' }];
    const requireOf =
      (event: 'drop-table' | 'mass-delete' | 'drop-database', object?: string, database?: string) => () =>
        requireSeen(parts, { event, object, database });
    for (const refused of [
      requireOf('drop-table'),
      requireOf('drop-table', 'public.a', 'shop'),
      requireOf('drop-table', 'shop.public.a', 'crm'),
    ]) {
      expect(refused).toThrow(/DROP TABLE and TRUNCATE in shop cannot be recognized from 0\/100 on/);
    }
    for (const allowed of [
      requireOf('drop-table', 'public.a', 'crm'),
      requireOf('drop-table', 'crm.public.a'),
      requireOf('mass-delete', 'public.a', 'shop'),
      requireOf('drop-database', 'shop'),
    ]) {
      expect(allowed).not.toThrow();
    }
    expect(describeUnseen({ database: 0, name: undefined, lsn: '0/1' })).toMatch(
      /^DROP DATABASE cannot be recognized from 0\/1/,
    );
  });
});
