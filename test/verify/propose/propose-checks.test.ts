import { expect, test } from 'vitest';
import type { CatalogColumn, CatalogTable } from '../../../src/engines/catalog.ts';
import { proposeChecks } from '../../../src/verify/propose/propose-checks.ts';
import { FROM_DUMP, fakeCatalog, fakePool, resultOf } from '../fake-pool.ts';

const TAKEN_AT = new Date('2026-11-28T03:00:00Z');

function table(name: string, bytes: number, more: Partial<CatalogTable> = {}): CatalogTable {
  return {
    ...{ schema: 'public', name, kind: 'table', estimatedRows: undefined, bytes },
    ...{ partitionOf: undefined, isExtension: false, transient: undefined },
    ...more,
  };
}

function column(of: string, name: string, more: Partial<CatalogColumn>): CatalogColumn {
  const where = { schema: 'public', name: of };
  return { table: where, name, position: 1, type: '', nullable: false, integers: undefined, time: undefined, ...more };
}

const OPTIONS = {
  databases: ['shop'],
  place: { file: '', checkLines: [] },
  takenAt: TAKEN_AT,
  restore: FROM_DUMP,
  neighbours: { name: '', read: async () => undefined },
  rpoMs: undefined,
  clock: { now: () => TAKEN_AT, monotonicMs: () => 0 },
  signal: new AbortController().signal,
};

const RANGE = { min: 1n, max: 2n ** 31n - 1n };

test('proposes the largest tables with a margin for fewer rows, and what the schema guarantees', async () => {
  const catalog = fakeCatalog({
    tables: [
      table('orders', 9000),
      table('audit', 5000, { schema: 'log' }),
      table('empty', 4000),
      table('odd.name*', 9999),
      table('v', 0, { kind: 'view' }),
      table('orders_1', 1, { partitionOf: { schema: 'public', name: 'orders' } }),
    ],
    columns: [column('orders', 'id', { integers: RANGE })],
    keys: [{ table: { schema: 'public', name: 'orders' }, name: 'pk', kind: 'primary', columns: ['id'] }],
    foreignKeys: [
      {
        ...{
          table: { schema: 'public', name: 'orders' },
          name: 'fk',
          references: { schema: 'public', name: 'orders' },
        },
        ...{ columns: [], isMatchFull: false, isValidated: true, hasParent: true },
      },
    ],
  });
  const rows: Record<string, number> = { orders: 12_839, audit: 7, empty: 0 };
  const pool = fakePool(async (sql) => resultOf([rows[/"(\w+)"$/.exec(sql)?.[1] ?? ''] ?? 0]), { catalog });
  expect(await proposeChecks(pool, OPTIONS)).toEqual([
    {
      name: 'the largest tables are all there',
      tables: [
        { table: 'orders', minRows: 10_000 },
        { table: 'log.audit', minRows: 5 },
      ],
    },
    { name: 'the schema keeps its promises', integrity: 'all' },
    { name: 'ids do not run out', headroom: 'all' },
  ]);
});

test('names the database of the checks for all but the first database', async () => {
  const pool = fakePool(async () => resultOf([100]), { catalog: fakeCatalog({ tables: [table('t', 1)] }) });
  const drafts = await proposeChecks(pool, { ...OPTIONS, databases: ['shop', 'crm'] });
  expect(drafts.map(({ name, database }) => [name, database])).toEqual([
    ['the largest tables are all there', undefined],
    ['the largest tables are all there (crm)', 'crm'],
  ]);
});

test('proposes nothing for a copy without rows', async () => {
  const pool = fakePool(async () => resultOf([0]), { catalog: fakeCatalog({ tables: [table('t', 1)] }) });
  expect(await proposeChecks(pool, OPTIONS)).toEqual([]);
});

test.each(['x\ny', 'x\r', 's${HOME}'])('proposes nothing for %j, which a drill file cannot name', async (odd) => {
  const tables = [table(odd, 9), table('odd', 9, { schema: odd }), table('t', 1)];
  const columns = [column('t', odd, { time: 'absolute' })];
  const pool = fakePool(async () => resultOf([100]), { catalog: fakeCatalog({ tables, columns }) });
  expect(await proposeChecks(pool, { ...OPTIONS, databases: ['shop', odd] })).toEqual([
    { name: 'the largest tables are all there', tables: [{ table: 't', minRows: 80 }] },
  ]);
});

test.each<readonly [ageHours: number, within: string | undefined]>([
  [17, '26h'],
  [25.9, '3d'],
  [72, '11d'],
  [200, undefined],
])('leaves a margin when the newest time is %d hours old: %s', async (ageHours, within) => {
  const columns = [column('t', 'made', { time: 'absolute' })];
  const catalog = fakeCatalog({ tables: [table('t', 1)], columns });
  const newest = new Date(TAKEN_AT.getTime() - ageHours * 3_600_000).toISOString();
  const pool = fakePool(async (sql) => resultOf([/MAX/.test(sql) ? newest : 100]), { catalog });
  const drafts = await proposeChecks(pool, OPTIONS);
  expect(drafts.find(({ freshness }) => freshness)?.within).toBe(within);
});
