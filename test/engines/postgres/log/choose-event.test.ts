import { describe, expect, it } from 'vitest';
import type { DestructiveEvent } from '../../../../src/engines/format.ts';
import {
  chooseEvent,
  describeEarlier,
  describeEvent,
  describeLoss,
  describeOthers,
  expectedDatabase,
} from '../../../../src/engines/postgres/log/choose-event.ts';
import type { EventTable, LogEvent } from '../../../../src/engines/postgres/log/log-event.ts';

const event = (
  kind: DestructiveEvent,
  lsn: string,
  database: string | undefined,
  ...tables: readonly (string | undefined)[]
): LogEvent => ({
  kind,
  xid: '773',
  committedAt: new Date('2026-11-27T03:10:00.250Z'),
  lsn,
  stopLsn: lsn,
  database: { oid: 16385, name: database },
  tables: tables.map((name): EventTable => ({ name, filenode: 16400, rows: undefined })),
  commitsAfter: 3,
});
const choose = (events: readonly LogEvent[], kind: DestructiveEvent, object?: string, database?: string) =>
  chooseEvent(events, { event: kind, object, database }).lsn;

describe('the event to stop before', () => {
  const dropOf = (lsn: string, database: string | undefined) => event('drop-database', lsn, database);
  const lost = (lsn: string, database: string, ...tables: readonly (string | undefined)[]) =>
    event('drop-table', lsn, database, ...tables);

  it('is the last one with that name, or the last of all', () => {
    const drops = [dropOf('0/1', 'shop'), dropOf('0/2', 'crm'), dropOf('0/3', 'shop'), lost('0/4', 'shop', 'public.a')];
    expect(choose(drops, 'drop-database', 'shop')).toBe('0/3');
    expect(choose(drops, 'drop-database', 'crm')).toBe('0/2');
    expect(choose(drops, 'drop-database')).toBe('0/3');
  });

  it('is found by the name of any of its tables, with or without the database', () => {
    const events = [
      lost('0/1', 'shop', 'public.a', 'public.b'),
      lost('0/2', 'crm', 'public.b'),
      lost('0/3', 'crm', 'sales.b'),
    ];
    expect(choose(events, 'drop-table', 'public.a')).toBe('0/1');
    expect(choose(events, 'drop-table', 'public.b')).toBe('0/2');
    expect(choose(events, 'drop-table', 'shop.public.b')).toBe('0/1');
  });

  it('is found by the partitioned table that was emptied, unless a partition of it was dropped', () => {
    const partition: EventTable = { name: 'public.a_1', partOf: ['public.a'], filenode: 16400, rows: 5 };
    const of = (kind: DestructiveEvent) => [{ ...event(kind, '0/1', 'shop'), tables: [partition] }];
    expect(choose(of('mass-delete'), 'mass-delete', 'public.a')).toBe('0/1');
    expect(choose(of('truncate'), 'truncate', 'shop.public.a')).toBe('0/1');
    expect(() => choose(of('drop-table'), 'drop-table', 'public.a')).toThrow(/no DROP TABLE of public.a/);
  });

  it('is the one in the drill’s own database when the name exists in several', () => {
    const events = [lost('0/1', 'shop', 'public.a'), lost('0/2', 'crm', 'public.a')];
    expect(choose(events, 'drop-table', 'public.a', 'shop')).toBe('0/1');
    expect(choose(events, 'drop-table', 'crm.public.a', 'shop')).toBe('0/2');
    expect(choose(events, 'drop-table', undefined, 'shop')).toBe('0/1');
  });

  it('may lack a known name if it is the only one', () => {
    expect(choose([dropOf('0/1', 'shop'), dropOf('0/2', undefined)], 'drop-database', 'new')).toBe('0/2');
    expect(() =>
      choose([lost('0/1', 'shop', undefined), lost('0/2', 'shop', undefined)], 'drop-table', 'public.a', 'shop'),
    ).toThrow(
      expect.objectContaining({
        code: 'target-ambiguous',
        message: 'the log holds 2 DROP TABLE without a name, and each may be that of public.a in shop',
        hint: expect.stringContaining('"before lsn=0/2"'),
      }),
    );
  });

  it('is never in another database, unless the object names it', () => {
    const events = [lost('0/1', 'crm', 'public.a'), lost('0/2', 'crm', undefined)];
    expect(() => choose(events, 'drop-table', 'public.a', 'shop')).toThrow(/no DROP TABLE of public\.a in shop$/);
    expect(() => choose(events, 'drop-table', undefined, 'shop')).toThrow(/no DROP TABLE in shop$/);
    expect(() => choose([dropOf('0/1', 'crm')], 'drop-database', undefined, 'shop')).toThrow(/DATABASE of shop$/);
    expect(choose(events, 'drop-table', 'crm.public.b', 'shop')).toBe('0/2');
  });

  it('is the last one when the drill names no database, even after one in an unknown database', () => {
    expect(
      choose([event('drop-table', '0/1', undefined, 'public.a'), lost('0/2', 'shop', 'public.a')], 'drop-table'),
    ).toBe('0/2');
  });

  it('must have happened in the intended database', () => {
    const unknown = event('drop-table', '0/1', undefined, undefined);
    const about = (object: string | undefined) =>
      expectedDatabase(unknown, { event: 'drop-table', object, database: 'shop' });
    expect([about(undefined), about('public.a'), about('crm.public.a')]).toEqual(['shop', 'shop', undefined]);
    expect(
      expectedDatabase(dropOf('0/1', undefined), { event: 'drop-database', object: 'new', database: 'shop' }),
    ).toBe('new');
  });

  it('is reported with those of other tables and databases when the target has no name', () => {
    const drops = [dropOf('0/1', 'shop'), dropOf('0/2', 'crm'), dropOf('0/3', 'shop')];
    const wanted = { event: 'drop-database', object: undefined, database: undefined } as const;
    const [, , last] = drops;
    expect(last && describeOthers(drops, last, wanted)).toMatch(/others were: DROP DATABASE crm, [^;]* at 0\/2$/);
    expect(last && describeOthers(drops, last, { ...wanted, object: 'shop' })).toBeUndefined();
    expect(last && describeOthers(drops.slice(2), last, wanted)).toBeUndefined();
  });

  it('is reported with earlier ones of the same table', () => {
    const deletes = ['0/1', '0/2', '0/3'].map((lsn) => event('mass-delete', lsn, 'shop', 'public.a'));
    const [first, , last] = deletes;
    if (!first || !last) throw new Error('three events');
    expect(describeEarlier(deletes, last)).toMatch(/at 0\/1; DELETE .* at 0\/2; to stop before .*"before lsn=0\/1"$/);
    expect(describeEarlier(deletes, first)).toBeUndefined();
    const other = { ...event('truncate', '0/0', 'shop'), tables: [{ name: 'public.b', filenode: 1, rows: undefined }] };
    expect(describeEarlier([other, last], last)).toBeUndefined();
  });

  it('is reported as missing with the events that were found', () => {
    const events = [dropOf('0/1', 'shop'), lost('0/2', 'shop', 'public.a')];
    expect(() => choose(events, 'drop-database', 'orders')).toThrow(
      expect.objectContaining({
        code: 'target-not-reached',
        message: 'the log since the backup holds no DROP DATABASE of orders',
        details: ['DROP DATABASE shop, transaction 773, committed 27 Nov 2026, 03:10:00.250 UTC, at 0/1'],
      }),
    );
    expect(() => choose([], 'truncate')).toThrow(/holds no TRUNCATE$/);
  });
});

it('is described by its statement, its tables and other lost transactions', () => {
  const many = event(
    'drop-table',
    '0/1',
    undefined,
    'public.a',
    'public.b',
    'public.c',
    'public.d',
    'public.e',
    'public.f',
    undefined,
  );
  expect(describeEvent(many)).toMatch(
    /^DROP TABLE public\.a, .*, public\.e, 2 more tables in the database with OID 16385, transaction/,
  );
  const deleted = {
    ...event('mass-delete', '0/1', 'shop'),
    tables: [{ name: undefined, filenode: 16400, rows: 5000 }],
  };
  expect(describeEvent(deleted)).toMatch(/^DELETE of 5,000 rows of the table with file 16400 in shop/);
  expect([1, 2, 3].map((commitsAfter) => describeLoss({ commitsAfter }))).toEqual([
    'no other transaction committed since',
    '1 other transaction committed since, and is not in the copy',
    '2 other transactions committed since, and are not in the copy',
  ]);
});

describe('deletions of rows', () => {
  const deleted = (rows: number, tableRows?: number, name = 'public.orders'): LogEvent => ({
    ...event('mass-delete', '0/1', 'shop'),
    tables: [{ name, filenode: 16400, rows, tableRows }],
  });

  it('are described with the size of the table, and as batches', () => {
    const batches = { count: 30, until: new Date('2026-11-27T03:19:00.000Z') };
    expect(describeEvent({ ...deleted(1500, 5000), batches })).toBe(
      'DELETE of 1,500 rows of public.orders (of about 5,000) in shop, transaction 773, committed 27 Nov 2026, 03:10:00.250 UTC, at 0/1, the first of 30 transactions, the last committed 27 Nov 2026, 03:19 UTC',
    );
    expect(describeLoss({ commitsAfter: 31, batches })).toMatch(/^1 other transaction committed since/);
  });

  it('from several tables are ambiguous, unless the target names one', () => {
    const of = (lsn: string, name: string, filenode: number): LogEvent => ({
      ...event('mass-delete', lsn, 'shop'),
      tables: [{ name, filenode, rows: 5000 }],
    });
    const accident = of('0/1', 'public.orders', 16400);
    const purge = of('0/2', 'public.visits', 16410);
    expect(() => choose([accident, purge], 'mass-delete', undefined, 'shop')).toThrow(
      expect.objectContaining({
        code: 'target-ambiguous',
        message:
          'the log since the backup holds deletions of many rows of several tables in shop, and the target names none of them',
        hint: expect.stringContaining('`--to "before mass-delete shop.public.visits"`'),
        details: [expect.stringContaining('public.orders'), expect.stringContaining('public.visits')],
      }),
    );
    expect(() => choose([accident, of('0/2', 'public.$(reboot)', 16410)], 'mass-delete', undefined, 'shop')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("`--to 'before mass-delete shop.public.$(reboot)'`") }),
    );
    expect(choose([accident, purge], 'mass-delete', 'public.orders', 'shop')).toBe('0/1');
    expect(choose([purge, { ...purge, lsn: '0/3' }], 'mass-delete')).toBe('0/3');
  });

  it('that were too small are listed when none was large enough', () => {
    const wanted = { event: 'mass-delete', object: 'public.orders', database: 'shop' } as const;
    const choosing = () => chooseEvent([], wanted, [deleted(40, 9000), deleted(700, 9000, 'public.other')]);
    expect(choosing).toThrow('holds no DELETE of many rows of public.orders in shop, but smaller ones');
    const thrown = ((): unknown => {
      try {
        return choosing();
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toMatchObject({
      code: 'target-not-reached',
      hint: expect.stringContaining('--to "before mass-delete public.orders min 40"'),
      details: [expect.stringContaining('40 rows of public.orders (of about 9,000)')],
    });
  });
});
