import type pg from 'pg';
import { expect, it } from 'vitest';
import { describeShort, isRemarkable } from '../../../../src/engines/postgres/recovery/find-short-files.ts';
import { askInTurn, usesIndex } from '../../../../src/engines/postgres/server/ask-indexes.ts';

it.each([
  [100, 99, false],
  [100, 51, false],
  [100, 50, true],
  [2, 1, true],
  [2000, 1488, false],
  [2000, 1487, true],
])('with %i pages counted, %i pages deserve a warning: %s', (counted, pages, is) =>
  expect(isRemarkable({ counted, pages })).toBe(is),
);

it('reports how many pages exist, and how many there were', () => {
  expect(describeShort({ name: 'public.log', counted: 2400, pages: 1 }, 'shop')).toBe(
    'public.log in shop has 1 page, and the server had counted 2,400: its end may be missing from the backup, and no index could confirm it',
  );
});

it('recognises a plan that uses an index only if rows are read through it', () => {
  const plan = (scan: object) => [
    { Plan: { 'Node Type': 'Aggregate', Plans: [{ 'Node Type': 'Subquery Scan', Plans: [scan] }] } },
  ];
  expect(usesIndex(plan({ 'Node Type': 'Index Scan', 'Index Name': 'orders_pkey' }), 'orders_pkey')).toBe(true);
  expect(usesIndex(plan({ 'Node Type': 'Index Only Scan', 'Index Name': 'orders_pkey' }), 'orders_pkey')).toBe(false);
  expect(usesIndex(plan({ 'Node Type': 'Index Scan', 'Index Name': 'other' }), 'orders_pkey')).toBe(false);
  expect(usesIndex(plan({ 'Node Type': 'Seq Scan' }), 'orders_pkey')).toBe(false);
});

it('stops reading through indexes after a few timeouts', async () => {
  let statements = 0;
  const query = async (): Promise<never> => {
    statements += 1;
    throw Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' });
  };
  const tables = Array.from({ length: 100 }, () => ({ name: 'a', table: 'a', index: 'a_pkey', column: 'id' }));
  const answers = await askInTurn({ query } as unknown as pg.Client, tables);
  expect(answers).toEqual(Array.from({ length: 100 }, () => 'unknown'));
  expect(statements).toBe(3);
});
