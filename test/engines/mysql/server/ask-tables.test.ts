import { expect, it } from 'vitest';
import { askTable } from '../../../../src/engines/mysql/server/ask-tables.ts';

const OLD = { name: 'shop.old', from: '`shop`.`old`', isCounted: true };

/** A table whose data file returns `rows` rows while its header, or an index, counts `counted`. */
function sessionOf(rows: number, counted: number) {
  const asked: string[] = [];
  const ask = async (sql: string) => {
    asked.push(sql);
    if (sql.includes('COUNT(*)')) return [[String(counted)]];
    return Array.from({ length: sql.includes('USE INDEX ()') ? rows : counted }, () => ['1']);
  };
  return { asked, ask };
}

it.each([
  ['no row, and counts rows', 0, 3, true, 'its index file counts 3 rows, and its data file has none'],
  ['a row', 1, 3, true, undefined],
  ['no row, and is empty', 0, 0, true, undefined],
  ['no row, of an engine whose count is no header', 0, 3, false, undefined],
])('judges a table that returns %s', async (_, rows, counted, isCounted, why) => {
  const found = await askTable(sessionOf(rows, counted), { ...OLD, isCounted });
  expect(found).toEqual(why === undefined ? undefined : { name: 'shop.old', why });
});

it('counts rows only in a table that returned none', async () => {
  const session = sessionOf(1, 3);
  await askTable(session, OLD);
  expect(session.asked).toEqual(['SELECT 1 FROM `shop`.`old` USE INDEX () LIMIT 1']);
});
