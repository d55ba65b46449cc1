import { describe, expect, it } from 'vitest';
import { pointInTimeCheck } from '../../../src/verify/kinds/point-in-time/point-in-time-check.ts';
import { fakeContext } from '../fake-pool.ts';

const parse = (before: string, after: string) => {
  const file = pointInTimeCheck.schema.parse({ name: 'both sides', pointInTime: { before, after } });
  const check = pointInTimeCheck.resolve(file, () => undefined);
  if (!check) throw new Error('not a check');
  return check;
};
const run = (rows: Readonly<Record<string, number>>) =>
  pointInTimeCheck.run(
    parse('earlier', 'later'),
    fakeContext(async (sql) => ({
      columns: ['n'],
      rows: Array.from({ length: rows[sql] ?? 0 }, () => [1n]),
      truncated: false,
    })),
  );

describe('rows on both sides of a point in time', () => {
  it.each([
    ['those from before it alone', { earlier: 1, later: 0 }, true, 'rows from before the point, none from after it'],
    ['none from before it', { earlier: 0, later: 0 }, false, 'no rows from before the point, none from after it'],
    ['some from after it', { earlier: 1, later: 1 }, false, 'rows from before the point, rows from after it'],
  ])('are %s', async (_what, rows, passed, actual) => {
    expect(await run(rows)).toMatchObject({ passed, actual });
  });

  it('are not checked by a count, which always returns a row', () => {
    expect(pointInTimeCheck.findVacuous?.(parse('select 1 from a', 'select COUNT (*) from a'))).toMatchObject({
      path: ['pointInTime', 'after'],
    });
    expect(pointInTimeCheck.findVacuous?.(parse('select count(*) from a', 'select 1'))).toMatchObject({
      path: ['pointInTime', 'before'],
    });
    expect(pointInTimeCheck.findVacuous?.(parse('select count(*), n from a group by n', 'select 1'))).toBeUndefined();
  });
});
