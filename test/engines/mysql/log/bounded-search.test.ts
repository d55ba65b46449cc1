import { describe, expect, it } from 'vitest';
import { EventFinder, KEPT_EVENTS } from '../../../../src/engines/mysql/log/find-events.ts';
import type { LogTransaction } from '../../../../src/engines/mysql/log/transaction.ts';

const MINUTE_MICROS = 60_000_000;

/** The transaction of that number, one a second. */
function transaction(number: number, changes: Partial<LogTransaction>): LogTransaction {
  return {
    ...{ file: 'binlog.000001', at: number * 100, end: number * 100 + 100, gtid: `0-1-${number}`, serverId: 1 },
    ...{ committedAtMicros: number * 1_000_000, hasMicros: false, outcome: 'committed', xid: undefined },
    ...{ statements: [], rows: [], conditionalDeletes: 0, conditionalUpdates: 0 },
    ...changes,
  };
}

const table = (name: string) => ({ database: 'shop', table: name });
const LOTS = 5 * KEPT_EVENTS;

/** What a finder holds at most while it reads so many transactions. */
function mostHeld(finder: EventFinder, count: number, make: (number: number) => Partial<LogTransaction>): number {
  let most = 0;
  for (let number = 1; number <= count; number += 1) {
    finder.take(transaction(number, make(number)));
    if (number % 1000 === 0) most = Math.max(most, finder.size);
  }
  return most;
}

describe('a search of a long log', () => {
  it('holds the newest of many events, and says how many it left out', () => {
    const finder = new EventFinder(undefined);
    const most = mostHeld(finder, LOTS, () => ({ statements: [{ does: 'truncate', tables: [table('staging')] }] }));
    expect(most).toBeLessThan(2 * KEPT_EVENTS + 10);
    const { events, dropped } = finder;
    expect(events.at(-1)).toMatchObject({ transaction: { gtid: `0-1-${LOTS}` }, commitsAfter: 1 });
    expect(events.length + dropped).toBe(LOTS);
  });

  it('holds an event that is looked for, whatever happened since', () => {
    const finder = new EventFinder(undefined, undefined, ({ kind }) => kind === 'drop-database');
    finder.take(transaction(0, { statements: [{ does: 'drop-database', database: 'shop', ifExists: false }] }));
    const most = mostHeld(finder, LOTS, () => ({ statements: [{ does: 'truncate', tables: [table('staging')] }] }));
    expect(most).toBeLessThan(2 * KEPT_EVENTS + 10);
    expect(finder.events[0]).toMatchObject({ kind: 'drop-database', commitsAfter: LOTS + 1 });
    expect(finder.dropped).toBe(0);
  });

  it('holds few of the names of tables that come and go', () => {
    const finder = new EventFinder(undefined);
    const most = mostHeld(finder, LOTS, (number) => ({
      statements: [{ does: 'create-table', tables: [table(`t${number}`)], replaces: false, isEmpty: true }],
    }));
    expect(most).toBeLessThan(25_000);
  });

  it('takes a table that it no longer knows of to be there, in a database that was made anew, too', () => {
    const finder = new EventFinder(undefined);
    finder.take(transaction(0, { statements: [{ does: 'drop-database', database: 'shop', ifExists: false }] }));
    mostHeld(finder, LOTS, (number) => ({
      statements: [{ does: 'create-table', tables: [table(`t${number}`)], replaces: false, isEmpty: true }],
    }));
    const dropped = { does: 'drop-table', tables: [table('t1')], ifExists: true } as const;
    finder.take(transaction(LOTS + 1, { statements: [dropped] }));
    expect(finder.events.at(-1)).toMatchObject({ kind: 'drop-table', tables: [{ name: 't1' }] });
  });

  it('forgets what was deleted from tables that are quiet since', () => {
    const finder = new EventFinder(undefined);
    const most = mostHeld(finder, LOTS, (number) => ({
      committedAtMicros: number * (MINUTE_MICROS / 100),
      rows: [{ ...table(`day_${Math.floor(number / 5000)}`), change: 'delete', rows: 20, isExact: true }],
    }));
    expect(most).toBeLessThan(12_000);
  });
});
