import { expect, it } from 'vitest';
import { filterTables } from '../../../src/verify/fingerprint/table-filter.ts';

it.each<[string, readonly string[] | undefined, readonly string[], string, boolean]>([
  ['everything by default', undefined, [], 'public.orders', true],
  ['a name with its schema', ['public.orders'], [], 'public.orders', true],
  ['a name in every schema', ['orders'], [], 'archive.orders', true],
  ['the whole name only', ['order'], [], 'public.orders', false],
  ['a pattern', ['public.*'], [], 'archive.orders', false],
  ['a pattern without a schema', undefined, ['audit_*'], 'public.audit_2026', false],
  ['what is not excluded', undefined, ['audit_*'], 'public.orders', true],
  ['exclusion before inclusion', ['public.*'], ['public.audit'], 'public.audit', false],
  ['characters of expressions as they are', ['a+b(c)[d]'], [], 's.a+b(c)[d]', true],
  ['names of databases without schemas', ['film_*'], [], 'film_actor', true],
  ['names with line breaks', ['a*b'], [], 'public.a\nb', true],
])('matches %s', (_what, tables, exclude, name, isTaken) => {
  expect(filterTables({ tables, exclude })(name)).toBe(isTaken);
});
