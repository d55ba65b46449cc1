import { expect, test } from 'vitest';
import type { CatalogTable } from '../../../src/engines/catalog.ts';
import type { PastCheck } from '../../../src/record/check-record.ts';
import { DrillError } from '../../../src/support/errors.ts';
import { rowsCheck } from '../../../src/verify/kinds/rows/rows-check.ts';
import { type Answer, fakeCatalog, fakeContext, resultOf } from '../fake-pool.ts';

const DAY_MS = 86_400_000;

function table(name: string, more: Partial<CatalogTable> = {}): CatalogTable {
  return {
    schema: 'public',
    name,
    kind: 'table',
    estimatedRows: undefined,
    bytes: 8192,
    partitionOf: undefined,
    isExtension: false,
    transient: undefined,
    ...more,
  };
}

/** Answers counts; a table without one is damaged, and every query on it fails. */
function counting(counts: Readonly<Record<string, number>>): Answer {
  return async (sql) => {
    const found = [...sql.matchAll(/SELECT (\d+), COUNT\(\*\) FROM "(\w+)"\."(\w+)"/g)].map(
      ([, index, , name = '']) => {
        const count = counts[name];
        if (count === undefined) throw new DrillError('wrong-data', 'invalid page in block 7');
        return [Number(index), String(count)];
      },
    );
    return resultOf(...found);
  };
}

function pastRun(rows: Readonly<Record<string, number>>, daysAgo = 1): PastCheck {
  const at = new Date(Date.parse('2026-11-21T03:00:00Z') - daysAgo * DAY_MS);
  const record = { name: 'rows', passed: true, expected: '', actual: '', durationMs: 1, measured: { rows } };
  return { runId: `run-${daysAgo}`, startedAt: at, takenAt: at, record };
}

async function run(
  file: Record<string, unknown>,
  counts: Readonly<Record<string, number>>,
  past: readonly PastCheck[] = [],
  tables: readonly CatalogTable[] = Object.keys(counts).map((name) => table(name)),
) {
  const check = rowsCheck.resolve(
    rowsCheck.schema.parse({ name: 'rows', rows: '-10%..+25%', ...file }),
    () => undefined,
  );
  if (!check) throw new Error('not a check');
  const catalog = fakeCatalog({ tables });
  return rowsCheck.run(check, fakeContext(counting(counts), { catalog, previous: async () => past }));
}

test('the first run sets the baseline, and says so', async () => {
  expect(await run({}, { orders: 5000, payment: 1 })).toStrictEqual({
    expected: 'rows of each table within -10%..+25% of the last good runs',
    passed: true,
    actual: 'learned 5,001 rows in 2 tables: there is no good run to compare with',
    measured: { rows: { 'public.orders': 5000, 'public.payment': 1 } },
  });
});

test.each([
  ['a drop', { orders: 3200, payment: 1 }, 'public.orders had 5,000 rows, now 3,200 (-36%)'],
  ['an emptied table', { orders: 5000, payment: 0 }, 'public.payment had 1 row, now 0 (-100%)'],
  ['growth beyond bounds', { orders: 9000, payment: 1 }, 'public.orders had 5,000 rows, now 9,000 (+80%)'],
  ['a lost table', { payment: 1 }, 'public.orders had 5,000 rows, and is gone'],
  ['two of them', { orders: 0, payment: 0 }, 'public.orders had 5,000 rows, now 0 (-100%) (and 1 more)'],
])('%s is wrong data, reported with table and counts before and after', async (_what, counts, actual) => {
  const found = await run({}, counts, [pastRun({ 'public.orders': 5000, 'public.payment': 1 })]);
  expect(found).toMatchObject({ passed: false, actual });
});

test('small changes, new tables and dropped empty ones pass', async () => {
  const past = [pastRun({ 'public.orders': 5000, 'public.payment': 1, 'public.gone': 0 })];
  const found = await run({}, { orders: 5100, payment: 900, fresh: 7 }, past);
  expect(found).toMatchObject({ passed: true, actual: '6,007 rows in 3 tables, 1 new' });
});

test('good runs from before `since` do not excuse a drop', async () => {
  const past = [
    ...Array.from({ length: 20 }, (_, day) => pastRun({ 'public.orders': 5000 }, day + 1)),
    pastRun({ 'public.orders': 900 }, 21),
    pastRun({ 'public.orders': 5000 }, 22),
  ];
  expect(await run({}, { orders: 900 }, past)).toMatchObject({ passed: false });
  expect(await run({ since: '60d' }, { orders: 900 }, past)).toMatchObject({ passed: true });
});

test('a damaged table is named, and does not hide the others', async () => {
  const tables = [table('orders'), table('payment'), table('broken')];
  const past = [pastRun({ 'public.orders': 5000, 'public.payment': 100, 'public.broken': 4 })];
  const found = await run({}, { orders: 5000, payment: 3 }, past, tables);
  expect(found).toMatchObject({
    passed: false,
    details: ['public.broken: invalid page in block 7', 'public.payment had 100 rows, now 3 (-97%)'],
  });
});

test('partitions count towards their table; views, extensions and in-memory tables do not count', async () => {
  const partitionOf = { schema: 'public', name: 'events' };
  const tables = [
    table('events', { kind: 'partitioned' }),
    table('events_1', { partitionOf }),
    table('v', { kind: 'view' }),
    table('spatial_ref_sys', { isExtension: true }),
    table('cache', { transient: 'MEMORY' }),
  ];
  expect((await run({}, { events: 12 }, [], tables)).measured).toStrictEqual({ rows: { 'public.events': 12 } });
});

test('selects tables by patterns', async () => {
  const counts = { orders: 1, orders_archive: 2, tmp_1: 3 };
  const chosen = async (file: Record<string, unknown>) =>
    Object.keys((await run(file, counts)).measured?.['rows'] ?? {});
  expect(await chosen({ include: ['orders*'] })).toStrictEqual(['public.orders', 'public.orders_archive']);
  expect(await chosen({ exclude: ['public.tmp_*'] })).toStrictEqual(['public.orders', 'public.orders_archive']);
  await expect(run({ include: ['order'] }, counts)).rejects.toMatchObject({
    code: 'wrong-data',
    message: 'there is no table order',
  });
});

test('a database without tables fails', async () => {
  expect(await run({}, {})).toMatchObject({ passed: false, actual: 'no table' });
});
