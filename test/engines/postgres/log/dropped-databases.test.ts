import { describe, expect, it } from 'vitest';
import { chooseDrop, describeDrop, describeLoss, stopLsnOf } from '../../../../src/engines/postgres/log/choose-drop.ts';
import { databaseFilenode, readDatabaseNames } from '../../../../src/engines/postgres/log/database-names.ts';
import { type DroppedDatabase, DropScanner } from '../../../../src/engines/postgres/log/dropped-databases.ts';

const record = (manager: string, tx: number, lsn: string, description: string): string =>
  `rmgr: ${manager.padEnd(11)} len (rec/tot):     54/   186, tx: ${String(tx).padStart(10)}, lsn: ${lsn}, prev 0/076C2820, desc: ${description}`;
const mark = (lsn: string, tx = 0) => record('Heap', tx, lsn, 'INPLACE off: 5, blkref #0: rel 1664/0/1262 blk 0');
const commit = (tx: number, lsn: string) =>
  record('Transaction', tx, lsn, 'COMMIT 2026-11-27 03:10:00.250000 UTC; inval msgs: catcache 21');
const drop = (tx: number, oid: number, lsn: string) => record('Database', tx, lsn, `DROP dir 1663/${oid} 16384/${oid}`);
const remove = (tx: number, lsn: string) =>
  record('Heap', tx, lsn, 'DELETE xmax: 773, off: 5, blkref #0: rel 1664/0/1262 blk 0');
const scan = (...lines: readonly string[]): readonly DroppedDatabase[] => {
  const scanner = new DropScanner();
  for (const line of lines) scanner.readLine(line);
  return scanner.found;
};

describe('dropped databases in the log', () => {
  it('are found with the mark that comes before them, and what committed since', () => {
    const found = scan(
      commit(770, '0/076C2000'),
      mark('0/076C2858'),
      commit(771, '0/076C2900'),
      remove(773, '0/076C2D28'),
      drop(773, 16385, '0/076C2E30'),
      commit(773, '0/076C2EA0'),
      commit(774, '0/076C2F00'),
    );
    expect(found).toEqual([
      {
        xid: '773',
        oid: 16385,
        markLsn: '0/76C2858',
        firstLsn: '0/76C2D28',
        dropLsn: '0/76C2E30',
        committedAt: new Date('2026-11-27T03:10:00.250Z'),
        commitsAfter: 3,
      },
    ]);
    expect(found.map(stopLsnOf)).toEqual(['0/76C2858']);
    expect(found.map(describeLoss)).toEqual(['2 other transactions committed since, and are not in the copy']);
  });

  it('are found where an older server left no mark, and where the log ends before the commit', () => {
    const found = scan(remove(773, '0/00000028'), drop(773, 16385, '0/00000100'));
    expect(found.map(stopLsnOf)).toEqual(['0/28']);
    expect(found.map(({ committedAt }) => committedAt)).toEqual([undefined]);
  });

  it('are not rows of other tables, nor a row that was only changed', () => {
    const other = record('Heap', 9, '0/1', 'DELETE off: 5, blkref #0: rel 1663/5/1262 blk 0');
    expect(scan(other, mark('0/2'), remove(9, '0/3'), commit(9, '0/4'), 'not a record')).toEqual([]);
  });

  it('are chosen by name, the last one first, and told from others', () => {
    const drops = scan(drop(1, 16385, '0/1'), drop(2, 16386, '0/2'), drop(3, 16385, '0/3'));
    const names = new Map([
      [16385, 'shop'],
      [16386, 'crm'],
    ]);
    expect(chooseDrop({ drops, names }, 'shop').xid).toBe('3');
    expect(chooseDrop({ drops, names }, undefined).xid).toBe('3');
    expect(() => chooseDrop({ drops, names }, 'orders')).toThrow(
      expect.objectContaining({
        code: 'target-not-reached',
        details: drops.map((one) => describeDrop(one, names)),
      }),
    );
    expect(() => chooseDrop({ drops: [], names }, undefined)).toThrow(/holds no DROP DATABASE$/);
  });

  it('may be of a database that the backup does not know, if there is only one', () => {
    const drops = scan(drop(1, 16385, '0/1'), drop(2, 20000, '0/2'));
    const names = new Map([[16385, 'shop']]);
    expect(chooseDrop({ drops, names }, 'new').oid).toBe(20000);
  });
});

describe('the files of pg_database', () => {
  it('are named by the relation map', () => {
    const map = Buffer.alloc(64);
    map.writeInt32LE(2, 4);
    for (const [index, value] of [1213, 1213, 1262, 16999].entries()) map.writeUInt32LE(value, 8 + index * 4);
    expect(databaseFilenode(map)).toBe('16999');
    expect(databaseFilenode(Buffer.alloc(0))).toBe('1262');
  });

  it('hold OIDs and names, and whatever else is in them is no row', () => {
    const page = Buffer.alloc(8192);
    page.writeUInt16LE(24 + 3 * 4, 12);
    const row = (pointer: number, offset: number, oid: number, name: string, flags = 1): void => {
      page.writeUInt32LE(((200 << 17) | (flags << 15) | offset) >>> 0, 24 + pointer * 4);
      page[offset + 22] = 32;
      page.writeUInt32LE(oid, offset + 32);
      page.write(name, offset + 36);
    };
    row(0, 7900, 16385, 'shop');
    row(1, 7600, 16386, 'unused', 0);
    page.writeUInt32LE(((200 << 17) | (1 << 15) | 8190) >>> 0, 24 + 2 * 4);
    expect(readDatabaseNames(page)).toEqual(new Map([[16385, 'shop']]));
    expect(readDatabaseNames(Buffer.alloc(100))).toEqual(new Map());
  });
});
