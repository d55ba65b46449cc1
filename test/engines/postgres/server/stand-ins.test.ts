import { describe, expect, it } from 'vitest';
import { type StandIn, standInsFor } from '../../../../src/engines/postgres/server/stand-ins.ts';

const COUNT: StandIn = { kind: 'function', name: 'count', signature: 'public.count(integer)' };
const EQUALS: StandIn = { kind: 'operator', name: '=', signature: 'public.=(text, integer)' };
const LIKE: StandIn = { kind: 'operator', name: '~~', signature: 'public.~~(text, integer)' };
const ALL = [COUNT, EQUALS, LIKE];

describe('a check that may use a stand-in for a built-in', () => {
  it.each([
    ['select count(id) from t', [COUNT]],
    ['select COUNT (id) from t', [COUNT]],
    ['select "count"(id) from t', [COUNT]],
    ['select id from t where a = 7', [EQUALS]],
    ['select id from t where a in (7, 8)', [EQUALS]],
    ['select id from t join u using (id)', [EQUALS]],
    ['select nullif(a, 7) from t', [EQUALS]],
    ["select id from t where a like 7 and 'count(' <> '='", [LIKE]],
  ])('is warned about it: %s', (sql, reached) => {
    expect(standInsFor(sql, ALL)).toEqual(
      reached.map(({ signature }) => expect.stringContaining(`may use ${signature} of the restored data`)),
    );
  });

  it.each([
    'select pg_catalog.count(id) from t',
    'select row_count(id), max(a) from t where a <= 7',
    "select 'count(1) = 2' from t -- = count(\n",
    'select $x$ count(1) = $x$, /* a = b */ id from counts',
  ])('is distinguished from one that cannot: %s', (sql) => {
    expect(standInsFor(sql, ALL)).toEqual([]);
  });

  it('yields one warning per name', () => {
    const other = { ...COUNT, signature: 'public.count(text)' };
    expect(standInsFor('select count(id) from t', [COUNT, other])).toEqual([
      'may use public.count(integer), public.count(text) of the restored data in place of the server’s own function count',
    ]);
  });
});
