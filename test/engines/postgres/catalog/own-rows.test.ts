import { expect, it } from 'vitest';
import { postgresCatalog } from '../../../../src/engines/postgres/catalog/postgres-catalog.ts';

it.each([
  ['r', 'ONLY "a"."b ""c"'],
  ['p', '"a"."b ""c"'],
  ['f', 'ONLY "a"."b ""c"'],
])('reads the rows of a relation of kind %s to which its own keys apply', async (kind, sql) => {
  const row = ['a', 'b "c', kind, null, null, null, null, false];
  const catalog = postgresCatalog(async () => ({ columns: row.map(String), rows: [row], truncated: false }), 18, 'me');
  expect(await catalog.ownRows({ schema: 'a', name: 'b "c' })).toBe(sql);
});
