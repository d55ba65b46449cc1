import { expect, it } from 'vitest';
import { checkSchema } from '../../../../src/config/check-schema.ts';
import type { Catalog, CatalogColumn, CatalogForeignKey, CatalogSequence } from '../../../../src/engines/catalog.ts';
import type { Cell } from '../../../../src/engines/query-result.ts';
import type { PastCheck } from '../../../../src/record/check-record.ts';
import { headroomCheck } from '../../../../src/verify/kinds/headroom/headroom-check.ts';
import { fakeCatalog, fakeContext, resultOf, tableOf } from '../../fake-pool.ts';

const INT = { min: -(2n ** 31n), max: 2n ** 31n - 1n };
const BIGINT = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
const column = (table: string, name: string, integers = INT): CatalogColumn => ({
  table: tableOf(table),
  name,
  position: 1,
  type: integers === INT ? 'integer' : 'bigint',
  nullable: false,
  integers,
  time: undefined,
});
const sequence: CatalogSequence = {
  schema: 'public',
  name: 'orders_id_seq',
  column: { table: tableOf('orders'), name: 'id' },
  next: 1_000_000_001n,
  increment: 1n,
  range: { min: 1n, max: BIGINT.max },
  cycles: false,
};
const line: CatalogForeignKey = {
  table: tableOf('line'),
  name: 'fk',
  references: tableOf('orders'),
  columns: [{ column: 'order_id', references: 'id', operator: '=', collate: '' }],
  isMatchFull: false,
  isValidated: true,
  hasParent: true,
};

/** A measurement of the drill when its backup was this many days older. */
function past(days: number, used: number, name = 'orders.id'): PastCheck {
  const takenAt = new Date(Date.parse('2026-11-21T03:00:00Z') - days * 86_400_000);
  const record = {
    name: 'x',
    passed: true,
    expected: '',
    actual: '',
    durationMs: 1,
    measured: { used: [[name, String(used)]] },
  };
  return { runId: `${days} days ago`, startedAt: takenAt, takenAt, record };
}

async function run(file: Record<string, unknown>, catalog: Catalog, answer: Cell, earlier: readonly PastCheck[] = []) {
  const spec = checkSchema
    .parse({ name: 'x', headroom: 'all', ...file })
    .resolve({ textOf: () => undefined, report: (_path, message) => expect.fail(message) });
  if (spec?.kind !== 'headroom') throw new Error('not of this kind');
  return headroomCheck.run(
    spec,
    fakeContext(async () => resultOf([answer]), { catalog, previous: async () => earlier }),
  );
}

const orders = fakeCatalog({ tables: [tableOf('orders')], columns: [column('orders', 'id')], sequences: [sequence] });

it('limits a wide sequence to the type of its narrow column', async () => {
  expect(await run({}, orders, 900_000_000)).toMatchObject({
    passed: true,
    actual: '1 column, at most 46.5 % used (orders.id)',
    measured: { used: [['orders.id', '1000000000']] },
  });
  expect(await run({ maxUsed: '40%' }, orders, 900_000_000)).toMatchObject({
    passed: false,
    actual: 'orders.id: 46.5 % of integer used',
  });
  expect(await run({}, orders, 2_147_483_647)).toMatchObject({
    passed: false,
    actual: 'orders.id: 100 % of integer used',
  });
});

it('says when the numbers run out at their current rate, and fails if that is within the horizon', async () => {
  const earlier = [past(0.1, 999_990_000), past(2, 990_000_000), past(10, 900_000_000)];
  const sentence = 'orders.id: 46.5 % of integer used, 10,000,000 a day, runs out on 15 Mar 2027 (in 114 d 18 h)';
  expect(await run({ horizon: '100d' }, orders, 1, earlier)).toMatchObject({ passed: true, details: [sentence] });
  expect(await run({ horizon: '365d' }, orders, 1, earlier)).toMatchObject({ passed: false, actual: sentence });
});

it('has no rate from a backup of the same day or a column that started over', async () => {
  const note = '; no rate yet: needs backups a day apart';
  expect(await run({ horizon: '365d' }, orders, 1, [past(0.5, 1)])).toMatchObject({
    passed: true,
    actual: expect.stringContaining(note),
  });
  expect(await run({ horizon: '365d' }, orders, 1, [past(5, 2_000_000_000)])).toMatchObject({ passed: true });
});

it('checks columns that refer to a key, by their own type', async () => {
  const catalog = fakeCatalog({
    tables: [tableOf('orders'), tableOf('line')],
    columns: [column('orders', 'id', BIGINT), column('line', 'order_id')],
    sequences: [sequence],
    foreignKeys: [line],
  });
  expect(await run({}, catalog, 2_000_000_000)).toMatchObject({
    passed: false,
    actual: 'line.order_id: 93.1 % of integer used',
  });
  expect(await run({ except: ['line.order_id'] }, catalog, 2_000_000_000)).toMatchObject({ passed: true });
});

it('counts down if the sequence does', async () => {
  const down = { ...sequence, next: -1_900_000_001n, increment: -1n, range: { min: INT.min, max: -1n } };
  const catalog = fakeCatalog({ tables: [tableOf('orders')], columns: [column('orders', 'id')], sequences: [down] });
  expect(await run({}, catalog, -5)).toMatchObject({ passed: false, actual: 'orders.id: 88.4 % of integer used' });
});

it('fails when there is nothing to check or a named table is missing', async () => {
  expect(await run({}, fakeCatalog(), 1)).toMatchObject({
    passed: false,
    actual: 'there are no keys of whole numbers',
  });
  expect(await run({ headroom: ['orders', 'gone', 'x*'] }, orders, 1)).toMatchObject({
    passed: false,
    actual: 'gone is missing; no table matches x*',
  });
  const cycling = fakeCatalog({
    tables: [tableOf('orders')],
    columns: [column('orders', 'id')],
    sequences: [{ ...sequence, cycles: true }],
    keys: [{ table: tableOf('orders'), name: 'pk', kind: 'primary', columns: ['id'] }],
  });
  expect(await run({}, cycling, 1)).toMatchObject({ passed: false });
});
