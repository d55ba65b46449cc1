import { expect, it } from 'vitest';
import { StatedRows } from '../../../../../src/engines/mysql/formats/plain-sql/stated-rows.ts';
import { LoadErrors } from '../../../../../src/engines/sql-dump/load-errors.ts';

/** Errors reported when tables contain this many rows. */
async function reported(comments: readonly string[], counts: Record<string, number>): Promise<readonly string[]> {
  const rows = new StatedRows();
  for (const [index, comment] of comments.entries()) rows.note(comment, 'shop', index + 1);
  const errors = new LoadErrors([]);
  const ask = async (sql: string) => {
    const count = counts[sql.replace('SELECT COUNT(*) FROM ', '')];
    if (count === undefined) throw Object.assign(new Error('no such table'), { errno: 1146 });
    return [[String(count)]];
  };
  await rows.check({ ask }, errors);
  return errors.outcome('shop').errors;
}

const COMMENT = '-- Dumped table `order``s` with 40 row(s)\n--';

it('reports a table with fewer rows than the dump states', async () => {
  const texts = await reported([COMMENT], { '`shop`.`order``s`': 39 });
  expect(texts.join('\n')).toContain('order`s has 39 rows, and the dump says that 40 were dumped');
});

it.each([
  ['the same number of rows', [COMMENT], { '`shop`.`order``s`': 40 }],
  ['more rows', [COMMENT], { '`shop`.`order``s`': 41 }],
  ['a missing table, which was reported before', [COMMENT], {}],
  [
    'the count of the later of two dumps',
    [COMMENT, '-- Dumped table `order``s` with 7 row(s)'],
    { '`shop`.`order``s`': 7 },
  ],
  ['the comment of another tool', ['-- Dumping data for table `order``s`'], { '`shop`.`order``s`': 0 }],
])('accepts %s', async (_, comments, counts) => {
  expect(await reported(comments, counts as Record<string, number>)).toEqual([]);
});
