import { describe, expect, it } from 'vitest';
import { EventFinder } from '../../../../src/engines/mysql/log/find-events.ts';
import { TableSizes } from '../../../../src/engines/mysql/log/table-sizes.ts';
import { LogBuilder } from './log-builder.ts';
import { transactionsOf } from './recorded-logs.ts';

const START = 1_795_900_000;

/**
 * @param steps table, event code of the rows (or statement), number of rows, and second. @param inBackup rows of each
 * table; undefined: unknown.
 */
async function found(
  steps: readonly (readonly [
    table: string,
    code: 30 | 32 | 'TRUNCATE' | 'CREATE TABLE IF NOT EXISTS' | 'RENAME TABLE' | 'DROP DATABASE',
    rows: number,
    seconds: number,
  ])[],
  inBackup: Readonly<Record<string, number>> | undefined,
  minRows?: number,
) {
  const log = new LogBuilder();
  for (const [table, code, rows, at] of steps) {
    const seconds = START + at;
    log.anonymous({ seconds });
    if (typeof code === 'string') log.query(`${code} ${table}`, { seconds });
    else log.query('BEGIN', { seconds }).table(9, 'shop', table).rows(code, 9, rows).commit({ seconds });
  }
  const asked: string[] = [];
  const sizes = new TableSizes(async ({ table }) => {
    asked.push(table);
    return inBackup?.[table];
  });
  const finder = new EventFinder(minRows, inBackup && sizes);
  for (const transaction of await transactionsOf(log.bytes)) {
    await finder.prepare?.(transaction);
    finder.take(transaction);
  }
  const deletions = finder.events.filter(({ kind }) => kind === 'mass-delete');
  return { asked, rows: deletions.map(({ tables: [table] }) => `${table?.rows} of ${table?.name}`) };
}

describe('the number of deleted rows that counts as many', () => {
  it('is a tenth of the table, but at least 100, when the size in the backup is known', async () => {
    const steps = [
      ['small', 32, 99, 0],
      ['small', 32, 100, 3000],
      ['middle', 32, 499, 0],
      ['middle', 32, 500, 3000],
    ] as const;
    expect((await found(steps, { small: 300, middle: 5499 })).rows).toEqual(['100 of small', '500 of middle']);
    expect((await found(steps, undefined)).rows).toEqual([]);
    expect((await found(steps, { small: 300, middle: 5000 }, 400)).rows).toEqual(['499 of middle', '500 of middle']);
  });

  it('is 1000 for larger tables', async () => {
    expect((await found([['a', 32, 1000, 0]], { a: 1e9 })).rows).toEqual(['1000 of a']);
    expect((await found([['a', 32, 999, 0]], { a: 1e9 })).rows).toEqual([]);
  });

  it('applies to batches', async () => {
    const steps = [0, 60, 120, 180].map((at) => ['a', 32, 60, at] as const);
    expect((await found(steps, { a: 2000 })).rows).toEqual(['240 of a']);
  });

  it('includes rows added by the log, and applies to tables newer than the backup', async () => {
    expect(
      (
        await found(
          [
            ['a', 30, 4000, 0],
            ['a', 32, 400, 10],
          ],
          { a: 1000 },
        )
      ).rows,
    ).toEqual([]);
    expect(
      (
        await found(
          [
            ['new', 30, 900, 0],
            ['new', 32, 120, 10],
          ],
          {},
        )
      ).rows,
    ).toEqual(['120 of new']);
    const emptied = [
      ['a', 'TRUNCATE', 0, 0],
      ['a', 30, 200, 1],
      ['a', 32, 150, 2],
    ] as const;
    expect((await found(emptied, { a: 1e6 })).rows).toEqual(['150 of a']);
  });

  it('assumes a table newer than the backup once its database was dropped', async () => {
    const again = [
      ['a', 30, 5000, 0],
      ['shop', 'DROP DATABASE', 0, 1],
      ['a', 'CREATE TABLE IF NOT EXISTS', 0, 2],
      ['a', 30, 300, 3],
      ['a', 32, 150, 4],
    ] as const;
    expect(await found(again, { a: 1e6 })).toEqual({ asked: [], rows: ['150 of a'] });
    const other = again.map((step) => (step[1] === 'DROP DATABASE' ? (['sho', 'DROP DATABASE', 0, 1] as const) : step));
    expect(await found(other, { a: 1e6 })).toEqual({ asked: ['a'], rows: [] });
  });

  it('uses the size of a table that was moved away before its database was dropped', async () => {
    const moved = [
      ['a TO archive.a', 'RENAME TABLE', 0, 0],
      ['shop', 'DROP DATABASE', 0, 1],
      ['archive.a TO b', 'RENAME TABLE', 0, 2],
      ['b', 32, 150, 3],
    ] as const;
    expect(await found(moved, { a: 5000 })).toEqual({ asked: ['a'], rows: [] });
  });

  it('uses the size of the existing table when CREATE TABLE IF NOT EXISTS finds one', async () => {
    const steps = [
      ['a', 'CREATE TABLE IF NOT EXISTS', 0, 0],
      ['a', 32, 900, 10],
    ] as const;
    expect((await found(steps, { a: 2000 })).rows).toEqual(['900 of a']);
  });

  it('uses the size of a table under any name that it has had', async () => {
    const swapped = [
      ['a', 30, 1000, 0],
      ['a TO old, b TO a, old TO b', 'RENAME TABLE', 0, 1],
      ['b', 32, 300, 2],
      ['a', 32, 300, 3],
    ] as const;
    expect(await found(swapped, { a: 1500, b: 5000 })).toEqual({ asked: ['a', 'b'], rows: ['300 of b'] });
  });

  it('is requested once per table, and only when a deletion may be large enough', async () => {
    const steps = [
      ['a', 32, 50, 0],
      ['a', 32, 50, 9000],
      ['b', 32, 3, 0],
      ['c', 32, 5000, 0],
      ['d', 30, 50, 0],
    ] as const;
    expect((await found(steps, { a: 1e5 })).asked).toEqual(['a']);
  });
});
