import { expect, test } from 'vitest';
import type { SchemaObject } from '../../../src/engines/schema-object.ts';
import { compareSchemas, describeChange, newCode } from '../../../src/verify/kinds/schema/compare-schemas.ts';
import { readSnapshot, writeSnapshot } from '../../../src/verify/kinds/schema/schema-snapshot.ts';

function object(kind: SchemaObject['kind'], name: string, more: Partial<SchemaObject> = {}): SchemaObject {
  return { kind, name, table: undefined, definition: '', body: undefined, ...more };
}

const table = 'public.orders';
const ORDERS = [
  object('table', table),
  object('column', `${table}.id`, { table, definition: 'bigint not null' }),
  object('column', `${table}.total`, { table, definition: 'numeric(10,2)' }),
  object('index', 'public.orders_total', { table, definition: 'btree (total)' }),
  object('function', 'public.price(bigint)', { definition: 'returns numeric', body: 'select 1' }),
  object('trigger', `${table}.audit`, { table, definition: 'runs public.audit', body: 'create trigger' }),
];

/** Descriptions of the changes, as in a check; both schemas go through the stored snapshot text. */
function changes(before: readonly SchemaObject[], after: readonly SchemaObject[]): readonly string[] {
  return compareSchemas(readSnapshot(writeSnapshot(before)), readSnapshot(writeSnapshot(after))).map(describeChange);
}

test('the same schema gives the same text in any order', () => {
  expect(writeSnapshot(ORDERS.toReversed())).toBe(writeSnapshot(ORDERS));
  expect(changes(ORDERS, ORDERS.toReversed())).toStrictEqual([]);
  expect(readSnapshot(writeSnapshot([]))).toStrictEqual([]);
});

test('code is stored only as a hash', () => {
  expect(writeSnapshot(ORDERS)).not.toContain('select 1');
});

test('lists what is lost, changed and new', () => {
  const after = ORDERS.filter(({ kind }) => kind !== 'index').map((one) => {
    if (one.name === `${table}.total`) return { ...one, definition: 'numeric(12,2)' };
    return one.kind === 'function' ? { ...one, body: 'select 2' } : one;
  });
  expect(changes(ORDERS, [...after, object('extension', 'dblink', { definition: 'version 1.2' })])).toStrictEqual([
    '- index public.orders_total',
    '~ column public.orders.total: numeric(10,2) → numeric(12,2)',
    '~ function public.price(bigint): its code changed',
    '+ extension dblink: version 1.2',
  ]);
});

test('counts the parts of an added or removed table, and names its code', () => {
  const rest = ORDERS.filter(({ kind }) => kind === 'function');
  expect(changes(ORDERS, rest)).toStrictEqual([
    '- table public.orders (with 3 parts)',
    '- trigger public.orders.audit',
  ]);
  expect(changes(rest, ORDERS)).toStrictEqual([
    '+ table public.orders (with 3 parts)',
    '+ trigger public.orders.audit: runs public.audit',
  ]);
});

test('a dot in a name does not make two objects equal', () => {
  const one = object('column', 'a.b.c', { table: 'a.b', definition: 'integer' });
  const other = object('column', 'a.b.c', { table: 'a', definition: 'integer' });
  expect(changes([one], [other])).toStrictEqual(['- column a.b.c', '+ column a.b.c: integer']);
});

test('definitions that differ only past the stored length still differ', () => {
  const long = (end: string) => [object('type', 'public.mood', { definition: `enum ${'x'.repeat(400)}${end}` })];
  expect(changes(long('a'), long('b'))).toHaveLength(1);
});

test('new and changed code is code that would run after a recovery', () => {
  const before = readSnapshot(writeSnapshot(ORDERS));
  const after = readSnapshot(
    writeSnapshot([
      ...ORDERS.map((one) => (one.kind === 'trigger' ? { ...one, body: 'create other trigger' } : one)),
      object('definer', 'root@%'),
      object('view', 'public.v', { body: 'select' }),
    ]),
  );
  const found = newCode(compareSchemas(before, after)).map(({ object: { kind, name } }) => `${kind} ${name}`);
  expect(found).toStrictEqual(['trigger public.orders.audit', 'definer root@%']);
});

test('a schema of 5,000 tables is compared quickly', () => {
  const large = Array.from({ length: 5000 }, (_, at) => [
    object('table', `public.t${at}`),
    ...Array.from({ length: 15 }, (__, column) =>
      object('column', `public.t${at}.c${column}`, { table: `public.t${at}`, definition: 'bigint not null' }),
    ),
  ]).flat();
  expect(changes(large, large.slice(16))).toStrictEqual(['- table public.t0 (with 15 parts)']);
});
