import { describe, expect, it } from 'vitest';
import { EventFinder, KEPT_EVENTS } from '../../../../src/engines/mysql/log/find-events.ts';
import { TableSizes } from '../../../../src/engines/mysql/log/table-sizes.ts';
import type { LogTransaction } from '../../../../src/engines/mysql/log/transaction.ts';
import { TransactionAssembler } from '../../../../src/engines/mysql/log/transaction-assembler.ts';
import { readStatement } from '../../../../src/engines/mysql/log/transaction-statement.ts';
import { heldHeapBytes } from '../../../support/held-memory.ts';

const MINUTE_MICROS = 60_000_000;

/** Transaction with this number; one commits each second. */
function transaction(number: number, changes: Partial<LogTransaction>): LogTransaction {
  return {
    ...{ file: 'binlog.000001', at: number * 100, end: number * 100 + 100, gtid: `0-1-${number}`, serverId: 1 },
    ...{ committedAtMicros: number * 1_000_000, hasMicros: false, outcome: 'committed', xid: undefined },
    ...{ statements: [], rows: [], namesMoreTables: false, conditionalDeletes: 0, conditionalUpdates: 0 },
    ...changes,
  };
}

const table = (name: string) => ({ database: 'shop', table: name });
const LOTS = 100_000;
const names = (prefix: string, length: number) => Array.from({ length }, (_none, index) => prefix + index).join();

/** Largest size of a finder while it reads this many transactions. */
function mostHeld(finder: EventFinder, count: number, make: (number: number) => Partial<LogTransaction>): number {
  let most = 0;
  for (let number = 1; number <= count; number += 1) {
    finder.take(transaction(number, make(number)));
    if (number % 1000 === 0) most = Math.max(most, finder.size);
  }
  return most;
}

describe('a search of a long log', () => {
  it('keeps the newest of many events, and counts those that it dropped', () => {
    const finder = new EventFinder(undefined);
    const most = mostHeld(finder, LOTS, () => ({ statements: [{ does: 'truncate', tables: [table('staging')] }] }));
    expect(most).toBeLessThan(2 * KEPT_EVENTS + 10);
    const { events, dropped } = finder;
    expect(events.at(-1)).toMatchObject({ transaction: { gtid: `0-1-${LOTS}` }, commitsAfter: 1 });
    expect(events.length + dropped).toBe(LOTS);
  });

  it('keeps an event that matches the search, whatever happened since', () => {
    const finder = new EventFinder(undefined, undefined, ({ kind }) => kind === 'drop-database');
    finder.take(transaction(0, { statements: [{ does: 'drop-database', database: 'shop', ifExists: false }] }));
    const most = mostHeld(finder, LOTS, () => ({ statements: [{ does: 'truncate', tables: [table('staging')] }] }));
    expect(most).toBeLessThan(2 * KEPT_EVENTS + 10);
    expect(finder.events[0]).toMatchObject({ kind: 'drop-database', commitsAfter: LOTS + 1 });
    expect(finder.dropped).toBe(0);
  });

  it('keeps only a limited number of names when tables come and go', () => {
    const finder = new EventFinder(undefined);
    const most = mostHeld(finder, LOTS, (number) => ({
      statements: [{ does: 'create-table', tables: [table(`t${number}`)], replaces: false, isEmpty: true }],
    }));
    expect(most).toBeLessThan(25_000);
  });

  it('keeps names, but not the statements that contain them', () => {
    const finder = new EventFinder(undefined);
    const definition = 'x'.repeat(200_000);
    const before = heldHeapBytes();
    mostHeld(finder, 100, (number) => ({
      statements: readStatement(`DROP TABLE a_table_with_a_long_name_${number} /* ${definition}${number} */`, 'shop'),
    }));
    expect(heldHeapBytes() - before).toBeLessThan(5_000_000);
    expect(finder.events).toHaveLength(100);
  });

  it('keeps the first tables of a statement that drops very many and the one that matches the search, and counts the others', () => {
    const wanted = `t${LOTS / 2}`;
    const finder = new EventFinder(undefined, undefined, ({ tables: [first] }) => first?.name === wanted);
    const statements = readStatement(`DROP TABLE ${names('t', LOTS + 10_000)}`, 'shop');
    finder.take(transaction(1, { statements }));
    const [event] = finder.events;
    expect(event?.tables.map(({ name }) => name)).toContain(wanted);
    expect(event).toMatchObject({ tables: { length: 1000 }, moreTables: LOTS + 10_000 - 1000 });
  });

  it('keeps fewer events when each names many tables', () => {
    const finder = new EventFinder(undefined);
    for (let number = 1; number <= 1000; number += 1) {
      const statements = readStatement(`DROP TABLE ${names(`t${number}_`, 500)}`, 'shop');
      finder.take(transaction(number, { statements }));
    }
    const { events, dropped } = finder;
    expect(events.length).toBeLessThanOrEqual(400);
    expect(events.length).toBeGreaterThanOrEqual(200);
    expect(events.length + dropped).toBe(1000);
  });

  it('keeps fewer prepared transactions when each names many tables', () => {
    const finder = new EventFinder(undefined);
    const statements = readStatement(
      `RENAME TABLE ${Array.from({ length: 1000 }, (_none, index) => `t${index} TO u${index}`).join()}`,
      'shop',
    );
    for (let number = 1; number <= 200; number += 1)
      finder.take(transaction(number, { statements, outcome: 'prepared', xid: `x${number}` }));
    for (const number of [1, 200]) finder.take(transaction(1000 + number, { xid: `x${number}` }));
    expect(finder.events).toMatchObject([{ kind: 'rename-table', transaction: { gtid: '0-1-200' } }]);
  });

  it('keeps rows only of the first tables when a transaction changes very many', () => {
    const assembler = new TransactionAssembler('binlog.000001');
    const place = { at: 4, end: 8, seconds: 1, serverId: 1 };
    for (let number = 0; number < 2 * (LOTS + 3); number += 1) {
      const changed = { ...table(`t${number % (LOTS + 3)}`), change: 'delete', rows: 1, isExact: true } as const;
      assembler.take({ ...place, type: 'rows', ...changed });
    }
    const taken = assembler.take({ ...place, type: 'xid' });
    expect(taken).toMatchObject({ rows: { length: LOTS, 0: { rows: 2 } }, namesMoreTables: true });
  });

  it('assumes that a table it has forgotten exists, even in a recreated database', () => {
    const finder = new EventFinder(undefined);
    finder.take(transaction(0, { statements: [{ does: 'drop-database', database: 'shop', ifExists: false }] }));
    mostHeld(finder, LOTS, (number) => ({
      statements: [{ does: 'create-table', tables: [table(`t${number}`)], replaces: false, isEmpty: true }],
    }));
    const dropped = { does: 'drop-table', tables: [table('t1')], ifExists: true } as const;
    finder.take(transaction(LOTS + 1, { statements: [dropped] }));
    expect(finder.events.at(-1)).toMatchObject({ kind: 'drop-table', tables: [{ name: 't1' }] });
  });

  it('forgets deletions from tables that have been quiet since', () => {
    const finder = new EventFinder(undefined);
    const most = mostHeld(finder, LOTS, (number) => ({
      committedAtMicros: number * (MINUTE_MICROS / 100),
      rows: [{ ...table(`day_${Math.floor(number / 5000)}`), change: 'delete', rows: 20, isExact: true }],
    }));
    expect(most).toBeLessThan(12_000);
  });

  it.each([1, 300])(
    'keeps only a limited number of tables in %i databases when rows of many are deleted at once',
    (databases) => {
      const finder = new EventFinder(undefined);
      const most = mostHeld(finder, 2 * LOTS, (number) => ({
        committedAtMicros: MINUTE_MICROS,
        rows: [{ database: `db${number % databases}`, table: `t${number}`, change: 'delete', rows: 20, isExact: true }],
      }));
      expect(most).toBeLessThan(205_000);
    },
  );

  it('keeps only a limited number of batches when rows are deleted endlessly at one instant', () => {
    const finder = new EventFinder(undefined);
    const most = mostHeld(finder, 1.5 * LOTS, (number) => ({
      committedAtMicros: MINUTE_MICROS,
      rows: [{ ...table(`t${number % 100}`), change: 'delete', rows: 10, isExact: true }],
    }));
    expect(most).toBeLessThan(110_000);
  });

  it('keeps the newest of many mass deletes, and one that matches the search', () => {
    const finder = new EventFinder(1000, undefined, ({ tables: [first] }) => first?.name === 'orders');
    for (let number = 0; number <= LOTS; number += 1) {
      const name = number === 0 ? 'orders' : `t${number}`;
      finder.take(transaction(number, { rows: [{ ...table(name), change: 'delete', rows: 1000, isExact: true }] }));
    }
    expect(finder.size).toBeLessThan(2 * KEPT_EVENTS + 30_000);
    expect(finder.events[0]).toMatchObject({ kind: 'mass-delete', tables: [{ name: 'orders', rows: 1000 }] });
    expect(finder.dropped).toBe(0);
  });

  it('keeps the sizes of the most recently named tables', async () => {
    const sizes = new TableSizes(async () => 500);
    let most = 0;
    for (let number = 1; number <= 1.5 * LOTS; number += 1) {
      const changed = { database: `db${number % 300}`, table: `t${number}`, rows: 20, isExact: true } as const;
      const deleted = transaction(number, { rows: [{ ...changed, change: 'delete' }] });
      if (number > 1.5 * LOTS - 10) await sizes.prepare(deleted);
      sizes.note(deleted);
      most = Math.max(most, sizes.size);
    }
    expect(most).toBeLessThanOrEqual(100_001);
    expect(sizes.manyOf({ database: 'db0', table: `t${1.5 * LOTS}` })).toBe(100);
    expect(sizes.manyOf({ database: 'db1', table: 't1' })).toBe(1000);
  });
});
