import { expect, test } from 'vitest';
import type { SchemaObject } from '../../../src/engines/schema-object.ts';
import { schemaCheck } from '../../../src/verify/kinds/schema/schema-check.ts';
import { fakeCatalog, fakeContext, fakeSnapshots } from '../fake-pool.ts';

function object(kind: SchemaObject['kind'], name: string, more: Partial<SchemaObject> = {}): SchemaObject {
  return { kind, name, table: undefined, definition: '', body: undefined, ...more };
}

const SHOP = [
  object('table', 'public.orders'),
  object('column', 'public.orders.id', { table: 'public.orders', definition: 'bigint' }),
];
const TRIGGER = object('trigger', 'public.orders.audit', { table: 'public.orders', definition: 'runs public.audit' });

/** Runs the check on one schema after the other; each run is compared with the first. */
async function runs(file: Record<string, unknown>, ...schemas: readonly (readonly SchemaObject[])[]) {
  const check = schemaCheck.resolve(schemaCheck.schema.parse({ name: 'schema', ...file }), () => undefined);
  if (!check) throw new Error('not a check');
  const snapshots = fakeSnapshots();
  const warnings: string[] = [];
  const found: Awaited<ReturnType<typeof schemaCheck.run>>[] = [];
  for (const schemaObjects of schemas) {
    const [first] = found;
    const at = new Date('2026-11-20T03:00:00Z');
    const record = first && { name: 'schema', durationMs: 1, ...first };
    const previous = async () => (record ? [{ runId: 'run-1', startedAt: at, takenAt: at, record }] : []);
    const onWarning = (text: string) => warnings.push(text);
    const context = { catalog: fakeCatalog({ schemaObjects }), snapshots, previous, onWarning };
    found.push(
      await schemaCheck.run(
        check,
        fakeContext(async () => Promise.reject(new Error('no query')), context),
      ),
    );
  }
  return { last: found.at(-1), warnings };
}

test('the first run sets the baseline, and says so', async () => {
  const { last } = await runs({ schema: 'locked' }, SHOP);
  expect(last).toMatchObject({
    passed: true,
    expected: 'no change since the last good run',
    actual: 'learned 2 objects: there is no good run to compare with',
  });
});

test('the same schema passes', async () => {
  const { last } = await runs({ schema: 'locked' }, SHOP, SHOP.toReversed());
  expect(last).toMatchObject({ passed: true, actual: '2 objects, none changed since run run-1', details: [] });
});

test.each([
  ['locked', false, false],
  ['additive', true, false],
  ['shown', true, true],
])('%s: new objects pass: %s, lost ones pass: %s', async (schema, withNew, withLost) => {
  const more = [...SHOP, object('index', 'public.orders_id')];
  expect((await runs({ schema }, SHOP, more)).last).toMatchObject({
    passed: withNew,
    actual: '1 new since run run-1: + index public.orders_id',
    details: ['+ index public.orders_id'],
  });
  expect((await runs({ schema }, more, SHOP)).last).toMatchObject({
    passed: withLost,
    actual: '1 lost since run run-1: - index public.orders_id',
    details: ['- index public.orders_id'],
  });
});

test.each(['locked', 'additive', 'shown'])('%s: new code is a warning', async (schema) => {
  const { warnings } = await runs({ schema }, SHOP, [...SHOP, TRIGGER]);
  expect(warnings).toStrictEqual(['found code that is new since run run-1: trigger public.orders.audit']);
});

test('lost code is a change but not a warning', async () => {
  const { last, warnings } = await runs({ schema: 'locked' }, [...SHOP, TRIGGER], SHOP);
  expect([last?.passed, warnings]).toStrictEqual([false, []]);
});

test.each(['locked', 'additive', 'shown'])('%s fails without a table', async (schema) => {
  const { last } = await runs({ schema }, [object('schema', 'public')]);
  expect(last).toMatchObject({ passed: false, actual: 'no table' });
});

test('skips excluded tables, with their parts', async () => {
  const scratch = [
    object('table', 'public.tmp_1'),
    object('column', 'public.tmp_1.id', { table: 'public.tmp_1', definition: 'bigint' }),
  ];
  const { last } = await runs({ schema: 'locked', exclude: ['public.tmp_*'] }, SHOP, [...SHOP, ...scratch]);
  expect(last).toMatchObject({ passed: true });
});

test('a recorded schema that the store has lost is an error, not a good run', async () => {
  const check = schemaCheck.resolve(schemaCheck.schema.parse({ name: 's', schema: 'locked' }), () => undefined);
  const record = { name: 's', passed: true, expected: '', actual: '', durationMs: 1, measured: { snapshot: '77' } };
  const at = new Date('2026-11-20T03:00:00Z');
  const previous = async () => [{ runId: 'run-1', startedAt: at, takenAt: at, record }];
  const context = fakeContext(async () => Promise.reject(new Error('no query')), {
    previous,
    catalog: fakeCatalog({ schemaObjects: SHOP }),
  });
  if (!check) throw new Error('not a check');
  await expect(schemaCheck.run(check, context)).rejects.toMatchObject({ code: 'store-failed' });
});
