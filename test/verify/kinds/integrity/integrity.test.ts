import { expect, it } from 'vitest';
import { checkSchema } from '../../../../src/config/check-schema.ts';
import type { Catalog, CatalogForeignKey, CatalogSequence } from '../../../../src/engines/catalog.ts';
import type { Cell } from '../../../../src/engines/query-result.ts';
import { integrityCheck } from '../../../../src/verify/kinds/integrity/integrity-check.ts';
import { fakeCatalog, fakeContext, resultOf, tableOf } from '../../fake-pool.ts';

const asked: string[] = [];

async function run(file: Record<string, unknown>, catalog: Catalog, answer: Cell = 0n) {
  asked.length = 0;
  const spec = checkSchema
    .parse({ name: 'x', ...file })
    .resolve({ textOf: () => undefined, report: (_path, message) => expect.fail(message) });
  if (spec?.kind !== 'integrity') throw new Error('not of this kind');
  const warnings: string[] = [];
  const context = fakeContext(
    async (sql) => {
      asked.push(sql);
      return resultOf([answer]);
    },
    { catalog, onWarning: (warning) => warnings.push(warning) },
  );
  return { ...(await integrityCheck.run(spec, context)), warnings };
}

const key: CatalogForeignKey = {
  table: tableOf('line'),
  name: 'line_order',
  references: tableOf('orders'),
  columns: [
    { column: 'shop', references: 'shop', operator: '=', collate: ' COLLATE "x"' },
    { column: 'order_id', references: 'id', operator: 'OPERATOR(public.=)', collate: '' },
  ],
  isMatchFull: false,
  isValidated: true,
  hasParent: true,
};
const sequence: CatalogSequence = {
  schema: 'public',
  name: 'ids',
  column: { table: tableOf('orders'), name: 'id' },
  next: 10n,
  increment: 1n,
  range: { min: 1n, max: 99n },
  cycles: false,
};
const columns = [
  {
    table: tableOf('orders'),
    name: 'id',
    position: 1,
    type: 'int',
    nullable: false,
    integers: sequence.range,
    time: undefined,
  },
];

it('compares as the key does, and counts partly null rows only for MATCH FULL keys', async () => {
  const simple = await run({ integrity: ['foreign-keys'] }, fakeCatalog({ foreignKeys: [key] }), 3n);
  expect(simple).toMatchObject({ passed: false, actual: '3 rows of line have no matching row in orders (line_order)' });
  expect(asked).toEqual([
    'SELECT COUNT(*) FROM ONLY "public"."line" c WHERE (c."shop" IS NOT NULL AND c."order_id" IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM ONLY "public"."orders" p WHERE p."shop" = c."shop" COLLATE "x" AND p."id" OPERATOR(public.=) c."order_id")',
  ]);
  await run({ integrity: ['foreign-keys'] }, fakeCatalog({ foreignKeys: [{ ...key, isMatchFull: true }] }));
  expect(asked[0]).toContain('(c."shop" IS NOT NULL OR c."order_id" IS NOT NULL)');
});

it('reads only the rows that an unvalidated constraint applies to, not those of inheriting tables', async () => {
  const constraint = { table: tableOf('line'), name: 'ni', kind: 'check', condition: 'hurt > 0' } as const;
  const catalog = fakeCatalog({ tables: [tableOf('line')], unvalidated: [constraint] });
  await run({ integrity: ['constraints'] }, catalog);
  expect(asked).toEqual(['SELECT COUNT(*) FROM ONLY "public"."line" WHERE NOT (hurt > 0)']);
});

it('reads the rows of inheriting tables for a reference that the schema does not declare', async () => {
  const table = tableOf('orders');
  const other = tableOf('line');
  const of = (one: typeof table) => columns.map((column) => ({ ...column, table: one }));
  const catalog = fakeCatalog({ tables: [table, other], columns: [...of(table), ...of(other)] });
  await run({ integrity: 'all', references: ['line.id -> orders.id'] }, catalog);
  expect(asked).toEqual([expect.stringContaining('FROM "public"."line" c')]);
});

it('names a key whose table is missing', async () => {
  const catalog = fakeCatalog({ foreignKeys: [{ ...key, hasParent: false }] });
  expect(await run({ integrity: ['foreign-keys'] }, catalog)).toMatchObject({
    passed: false,
    actual: 'line refers to orders, which is missing (line_order)',
  });
});

it.each([
  ['one that is behind', {}, 12n, 'orders.id goes up to 12, but its sequence ids continues at 10'],
  ['one that counts down', { increment: -1n }, 3n, 'orders.id goes down to 3, but its sequence ids continues at 10'],
  ['one that is used up', { next: 100n }, null, 'orders.id: its sequence ids is used up'],
  ['an AUTO_INCREMENT', { name: 'orders' }, 12n, 'orders.id goes up to 12, but its AUTO_INCREMENT continues at 10'],
])('finds %s', async (_what, changes, answer, actual) => {
  const catalog = fakeCatalog({ sequences: [{ ...sequence, ...changes }], columns });
  expect(await run({ integrity: ['sequences'] }, catalog, answer)).toMatchObject({ passed: false, actual });
});

it('passes a sequence that is ahead, and ignores those that cycle', async () => {
  expect(await run({ integrity: ['sequences'] }, fakeCatalog({ sequences: [sequence], columns }), null)).toMatchObject({
    passed: true,
    actual: '1 sequence',
  });
  const cycling = fakeCatalog({ sequences: [{ ...sequence, cycles: true }], columns });
  expect(await run({ integrity: ['sequences'] }, cycling)).toMatchObject({
    passed: false,
    actual: expect.stringContaining('there are no sequences'),
  });
});

const german = { object: 'collation public.german', recorded: '153.1', actual: '153.1' };
const unversioned = { object: 'database shop', recorded: undefined, actual: undefined };

it.each([
  ['equal versions', ['collations'], [german], true, '1 collation compared', []],
  ['another version', ['collations'], [{ ...german, actual: '2' }], false, expect.stringContaining('the server 2'), []],
  ['none', ['collations'], [], false, 'there are no collations that have a version', []],
  [
    'only unknown',
    ['collations'],
    [unversioned],
    false,
    'there are no collations that have a version',
    [notCompared()],
  ],
  ['one unknown', ['collations'], [german, unversioned], true, '1 collation compared', [notCompared()]],
  ['all, nothing of users', 'all', [german], false, expect.stringContaining('nothing to check'), []],
])('says which collations it compared: %s', async (_what, integrity, collationVersions, passed, actual, details) => {
  expect(await run({ integrity }, fakeCatalog({ collationVersions }))).toMatchObject({ passed, actual, details });
});

function notCompared(): string {
  return 'database shop was not compared: its collation has no version on this server';
}

it('fails when no collation could be compared, even if another part was checked', async () => {
  const catalog = fakeCatalog({ foreignKeys: [key], collationVersions: [unversioned] });
  expect(await run({ integrity: ['foreign-keys', 'collations'] }, catalog)).toMatchObject({
    passed: false,
    actual: 'there are no collations that have a version',
  });
});

it('passes if all constraints are validated, but not without tables', async () => {
  const validated = await run({ integrity: ['constraints'] }, fakeCatalog({ tables: [tableOf('line')] }));
  expect(validated).toMatchObject({ passed: true, actual: '0 unvalidated constraints' });
  const empty = await run({ integrity: ['constraints'] }, fakeCatalog());
  expect(empty).toMatchObject({ passed: false, actual: 'there are no tables' });
});

it('fails when there is nothing to check, and warns about exceptions that match nothing', async () => {
  expect(await run({ integrity: 'all', except: ['gone'] }, fakeCatalog())).toMatchObject({
    passed: false,
    actual: 'nothing to check: no keys, sequences or indexes',
    warnings: ['excepts gone, which does not exist'],
  });
});

it('refuses a malformed reference', () => {
  const messages: string[] = [];
  for (const reference of ['a -> b.c', 'a.b', 'a(b, c) -> d(e)', 'a.b -> c.d -> e.f', 'a() -> b()']) {
    checkSchema
      .parse({ name: 'x', integrity: 'all', references: [reference] })
      .resolve({ textOf: () => undefined, report: (path, message) => messages.push(`${path.join('.')} ${message}`) });
  }
  expect(messages).toHaveLength(5);
  expect(messages[0]).toMatch(/^references "a -> b\.c" is not a reference; write one such as/);
});
