import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { CatalogHistory } from '../../../../src/engines/postgres/log/catalog-history.ts';
import {
  mappedFilenode,
  PG_CLASS,
  PG_DATABASE,
  PG_INHERITS,
  PG_NAMESPACE,
  readRelation,
} from '../../../../src/engines/postgres/log/catalog-rows.ts';
import { findDroppedTables, findTruncatedTables } from '../../../../src/engines/postgres/log/table-changes.ts';
import {
  DELETE,
  databaseRow,
  deleteMain,
  heapPage,
  INPLACE,
  INSERT,
  insertMain,
  namedRow,
  relationRow,
  rowData,
  UPDATE,
  updateMain,
  walRecord,
} from './catalog-bytes.ts';

const orders = relationRow();
const moved = relationRow({ file: 16500 });
const read = (...records: readonly Buffer[]): CatalogHistory => {
  const history = new CatalogHistory(17);
  for (const [index, record] of records.entries()) history.readRecord(record, `0/${(index + 1).toString(16)}000`);
  return history;
};
const dropped = (history: CatalogHistory) =>
  findDroppedTables(history.changesOf(['7'])).map(({ relation }) => relation.name);
const truncated = (history: CatalogHistory, file = '5/16400') =>
  findTruncatedTables(history.changesOf(['7']), new Set([file])).map(({ relation }) => relation.name);

describe('the catalog as the log is read', () => {
  it('knows the partitioned tables that a partition belongs to, from the backup and from the log', () => {
    const inherits = (oid: number, parent: number): Buffer => {
      const body = Buffer.alloc(16);
      body.writeUInt32LE(oid, 0);
      body.writeUInt32LE(parent, 4);
      return body;
    };
    const history = new CatalogHistory(17);
    const above = relationRow({ oid: 16390, name: 'orders_all', file: 0, kind: 'p' });
    const between = relationRow({ oid: 16391, name: 'orders_2026', file: 0, kind: 'p' });
    const rows = { 1: above, 2: between, 3: orders };
    history.addPages(PG_CLASS, { database: 5, filenode: PG_CLASS }, [heapPage(rows)]);
    history.addPages(PG_INHERITS, { database: 5, filenode: 16600 }, [heapPage({ 1: inherits(16391, 16390) })]);
    const attach = { file: 16600, main: insertMain(2), blocks: [{ block: 0, data: rowData(inherits(16400, 16391)) }] };
    expect(history.partitionedAbove(5, { oid: 16400 })).toEqual([]);
    history.readRecord(walRecord(INSERT, attach), '0/1000');
    expect(history.partitionedAbove(5, { oid: 16400 })).toEqual(['public.orders_2026', 'public.orders_all']);
    const circle = { ...attach, main: insertMain(3), blocks: [{ block: 0, data: rowData(inherits(16390, 16391)) }] };
    history.readRecord(walRecord(INSERT, circle), '0/2000');
    expect(history.partitionedAbove(5, { oid: 16400 }).length).toBeLessThan(20);
  });

  it('recognises a deleted row if it was inserted before, or included with its page', () => {
    const insert = walRecord(INSERT, { xid: 6, main: insertMain(3), blocks: [{ block: 1, data: rowData(orders) }] });
    const remove = walRecord(DELETE, { main: deleteMain(3), blocks: [{ block: 1 }] });
    expect(dropped(read(insert, remove))).toEqual(['orders']);
    const withPage = walRecord(DELETE, { main: deleteMain(3), blocks: [{ block: 1, image: heapPage({ 3: orders }) }] });
    expect(dropped(read(withPage))).toEqual(['orders']);
    expect(dropped(read(remove))).toEqual([]); // the log does not show which row it was
  });

  it('reconstructs a row that repeats parts of the previous one', () => {
    const insert = walRecord(INSERT, { xid: 6, main: insertMain(1), blocks: [{ block: 1, data: rowData(orders) }] });
    const same = { prefix: 80, suffix: 40 };
    const update = walRecord(UPDATE, {
      main: updateMain(1, 2, 0x60),
      blocks: [{ block: 1, data: rowData(moved, same) }],
    });
    expect(truncated(read(insert, update))).toEqual(['orders']);
    expect(truncated(read(insert, update), '5/16401')).toEqual([]); // its file did not change
    expect(truncated(read(update))).toEqual([]);
    const otherPage = walRecord(UPDATE, {
      main: updateMain(1, 2),
      blocks: [{ block: 2, data: rowData(moved) }, { block: 1 }],
    });
    expect(truncated(read(insert, otherPage))).toEqual(['orders']);
  });

  it('knows how many rows a table had at a position, as updated in place by ANALYZE', () => {
    const insert = walRecord(INSERT, { xid: 6, main: insertMain(1), blocks: [{ block: 1, data: rowData(orders) }] });
    const counted = relationRow({ rows: 500 });
    const main = Buffer.alloc(2);
    main.writeUInt16LE(1);
    const analyze = walRecord(INPLACE, { xid: 0, main, blocks: [{ block: 1, data: counted }] });
    const withPage = walRecord(INPLACE, { xid: 0, main, blocks: [{ block: 1, image: heapPage({ 1: counted }) }] });
    for (const history of [read(insert, analyze), read(insert, withPage)]) {
      expect(history.relationIn(5, 16400, '0/1800')?.rows).toBeUndefined();
      expect(history.relationIn(5, 16400, '0/3000')?.rows).toBe(500);
      expect(history.changesOf(['0'])).toEqual([]);
    }
  });

  it('knows which table a file belonged to at a position', () => {
    const insert = walRecord(INSERT, { xid: 6, main: insertMain(1), blocks: [{ block: 1, data: rowData(orders) }] });
    const rename = walRecord(UPDATE, {
      main: updateMain(1, 2),
      blocks: [{ block: 1, data: rowData(relationRow({ name: 'old' })) }],
    });
    const history = read(insert, rename);
    expect(['0/1800', '0/3000', '0/10'].map((lsn) => history.relationIn(5, 16400, lsn)?.name)).toEqual([
      'orders',
      'old',
      'orders',
    ]);
    expect(history.relationIn(5, 1, '0/3000')).toBeUndefined();
  });

  it('takes as many steps for a table that was counted again all week', () => {
    const insert = walRecord(INSERT, { xid: 6, main: insertMain(1), blocks: [{ block: 1, data: rowData(orders) }] });
    const counts = Array.from({ length: 2000 }, (_, index) =>
      walRecord(INPLACE, {
        xid: 0,
        main: Buffer.from([1, 0]),
        blocks: [{ block: 1, data: relationRow({ rows: 1 + index }) }],
      }),
    );
    const history = read(insert, ...counts);
    const parsed = vi.spyOn(Number, 'parseInt');
    expect(history.relationIn(5, 16400, '0/2000')?.rows).toBe(1);
    expect(history.relationIn(5, 16400, '0/3E9FFF')?.rows).toBe(1000);
    expect(parsed).toHaveBeenCalledTimes(4); // both halves of each position, once
    parsed.mockRestore();
  });

  it.each([
    ['a dropped database’s', -2, true],
    ['VACUUM’s', -1, false],
    ['one with a limit', 5, false],
  ])(
    'recognises by the connection limit whether a change in place marks a dropped database: %s',
    (_, limit, isMark) => {
      const row = databaseRow(16385, 'shop', limit);
      const about = { xid: 0, database: 0, file: 1262, main: Buffer.from([2, 0]) };
      const bare = walRecord(INPLACE, { ...about, blocks: [{ block: 0, data: row }] });
      const withPage = walRecord(INPLACE, { ...about, blocks: [{ block: 0, image: heapPage({ 2: row }), data: row }] });
      for (const record of [bare, withPage]) expect(read(record).isMark('0/1000')).toBe(isMark);
      const ofClass = walRecord(INPLACE, { ...about, database: 5, file: 1259, blocks: [{ block: 0, data: row }] });
      expect(read(ofClass).isMark('0/1000')).toBe(false);
    },
  );

  it('takes names from files of the backup, from rows that were not replaced', () => {
    const history = new CatalogHistory(17);
    history.addPages(PG_DATABASE, { database: 0, filenode: 1262 }, [heapPage({ 1: namedRow(5, 'shop') })]);
    history.addPages(PG_CLASS, { database: 5, filenode: 1259 }, [
      heapPage({ 1: relationRow({ name: 'before' }), 2: relationRow({ schema: 16390 }) }, { 1: 2 }),
    ]);
    history.addPages(PG_NAMESPACE, { database: 5, filenode: 2615 }, [heapPage({ 1: namedRow(16390, 'sales') })]);
    const relation = history.relationIn(5, 16400, '0/1');
    expect([history.databaseName(5), relation && history.qualify(5, relation)]).toEqual(['shop', 'sales.orders']);
    expect(history.qualify(5, { name: 'x', schemaOid: 16999 })).toBeUndefined();
    expect(history.qualify(6, { name: 'x', schemaOid: 2200 })).toBe('public.x');
  });

  it('reads pages compressed by the server', () => {
    const page = heapPage({ 3: orders });
    const [holeAt, holeEnd] = [24 + 12, 8192 - 200];
    const whole = Buffer.concat([page.subarray(0, holeAt), page.subarray(holeEnd)]);
    const packed = { info: 0x10, bytes: zstdCompressSync(whole), holeAt, holeBytes: holeEnd - holeAt };
    const remove = walRecord(DELETE, { main: deleteMain(3), blocks: [{ block: 1, packed }] });
    expect(dropped(read(remove))).toEqual(['orders']);
  });

  it('ignores bytes that are not a record', () => {
    const record = walRecord(INSERT, { main: insertMain(1), blocks: [{ block: 1, data: rowData(orders) }] });
    for (let length = 0; length < record.length; length += 1)
      expect(() => read(record.subarray(0, length))).not.toThrow();
    expect(() => read(Buffer.alloc(64, 0xff))).not.toThrow();
  });
});

describe('tables lost in a transaction', () => {
  const change = (kind: 'insert' | 'update' | 'delete', before: Buffer | undefined, after: Buffer | undefined) => ({
    kind,
    database: 5,
    before: before && readRelation(before, 17),
    after: after && readRelation(after, 17),
  });

  it.each([
    ['a temporary table', [change('delete', relationRow({ kept: 't' }), undefined)]],
    ['an index', [change('delete', relationRow({ kind: 'i' }), undefined)]],
    ['a view', [change('delete', relationRow({ kind: 'v', file: 0 }), undefined)]],
    ['a table of its own', [change('insert', undefined, orders), change('delete', orders, undefined)]],
    ['what a rewrite leaves', [change('delete', relationRow({ name: 'pg_temp_16400' }), undefined)]],
  ])('do not include %s', (_what, changes) => expect(findDroppedTables(changes)).toEqual([]));

  it.each([
    ['moves to another tablespace', [change('update', orders, relationRow({ file: 16500, space: 16390 }))]],
    [
      'is an index that is built again',
      [change('update', relationRow({ kind: 'i' }), relationRow({ kind: 'i', file: 16500 }))],
    ],
    [
      'is rewritten',
      [
        change('update', orders, moved),
        change(
          'update',
          relationRow({ oid: 16500, name: 'pg_temp_16400' }),
          relationRow({ oid: 16500, name: 'pg_temp_16400', file: 16400 }),
        ),
      ],
    ],
    ['only gets other columns', [change('update', orders, relationRow({ name: 'other' }))]],
  ])('do not include one that %s', (_what, changes) => {
    expect(findTruncatedTables(changes, new Set(['5/16400']))).toEqual([]);
  });

  it('include partitioned tables, which have no file', () => {
    const parent = relationRow({ kind: 'p', file: 0 });
    expect(findDroppedTables([change('delete', parent, undefined)])).toHaveLength(1);
  });
});

it('finds a table’s file in the relation map', () => {
  const map = Buffer.alloc(64);
  map.writeInt32LE(2, 4);
  for (const [index, value] of [1213, 1213, 1262, 16999].entries()) map.writeUInt32LE(value, 8 + index * 4);
  expect([mappedFilenode(map, 1262), mappedFilenode(Buffer.alloc(0), 1262)]).toEqual([16999, 1262]);
});
