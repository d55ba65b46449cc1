import { describe, expect, it } from 'vitest';
import type { DigestRow, DigestTable } from '../../../src/engines/fingerprint.ts';
import { compareColumns, compareRows } from '../../../src/verify/fingerprint/compare.ts';
import { describeDifferences, summarize } from '../../../src/verify/fingerprint/describe.ts';
import { addUp } from '../../../src/verify/fingerprint/digest-tables.ts';
import type { TableFingerprint } from '../../../src/verify/fingerprint/manifest.ts';

const HASH = '0123456789abcdef0123456789abcdef';

function part(bucket: number, rows: number, hash = HASH, email = rows): DigestRow {
  return { bucket, rows: BigInt(rows), hash, filled: { email: BigInt(email) } };
}

/** The fingerprint of the source: keys from 1 on, ten in each bucket. */
function source(parts: readonly DigestRow[]): TableFingerprint {
  return {
    name: 'public.customer',
    columns: [
      ['id', 'integer'],
      ['email', 'text'],
    ],
    ...addUp(parts),
    key: { column: 'id', min: '1', max: '40' },
    buckets: {
      width: '10',
      count: 4,
      rows: parts.map(({ bucket, rows, hash }) => [bucket, String(rows), hash.slice(0, 16)]),
    },
  };
}

function copy(...columns: readonly (readonly [string, string])[]): DigestTable {
  return {
    name: 'public.customer',
    sql: 'customer',
    columns: columns.map(([name, type]) => ({ name, type, nullable: true, expression: name })),
    integerKey: undefined,
    bytes: 0,
  };
}

const WHOLE = [part(0, 10), part(1, 10), part(2, 10), part(3, 10)];

describe('rows of a table', () => {
  it('are equal when all parts are equal, in any order', () => {
    expect(compareRows(source(WHOLE), WHOLE.toReversed())).toBeUndefined();
  });

  it.each<[string, DigestRow[], string, string[]]>([
    [
      'lost',
      [part(0, 10), part(1, 7, 'f'.repeat(32)), part(2, 10), part(3, 10)],
      'lacks 3 rows',
      ['11 to 20: lacks 3 rows'],
    ],
    [
      'lost one',
      [part(0, 10), part(1, 9, 'f'.repeat(32)), part(2, 10), part(3, 10)],
      'lacks 1 row',
      ['11 to 20: lacks 1 row'],
    ],
    ['all lost', [], 'lacks 40 rows', ['1 to 40: lacks 40 rows']],
    ['added after the last key', [...WHOLE, part(4, 2)], 'has 2 rows too many', ['from 41: has 2 rows too many']],
    ['added before the first key', [part(-1, 1), ...WHOLE], 'has 1 row too many', ['below 1: has 1 row too many']],
    [
      'with a changed value',
      [part(0, 10), part(1, 10), part(2, 10, 'f'.repeat(32)), part(3, 10)],
      'has as many rows, with other values',
      ['21 to 30: other values'],
    ],
    [
      'with a column that is NULL in some',
      [part(0, 10, 'f'.repeat(32), 4), ...WHOLE.slice(1)],
      'has email NULL in 6 rows more',
      ['1 to 10: other values'],
    ],
    [
      'with a column that is filled in one more',
      [part(0, 10, 'f'.repeat(32), 11), ...WHOLE.slice(1)],
      'has email filled in 1 row more',
      ['1 to 10: other values'],
    ],
  ])('%s: reports the difference and its location', (_how, parts, sentence, ranges) => {
    const difference = compareRows(source(WHOLE), parts);
    const differences = difference ? [difference] : [];
    expect(summarize(differences, 21)).toBe(`1 of 21 tables differs: public.customer ${sentence}`);
    const lines = [`public.customer: ${sentence}`, ...ranges.map((range) => `  keys ${range}`)];
    expect(describeDifferences(differences, true)).toEqual(lines);
    expect(describeDifferences(differences, false)).toEqual(lines.slice(0, 1));
  });

  it('differ even if only the second halves of their hash sums differ', () => {
    const other = [part(0, 10, `${HASH.slice(0, 16)}${'f'.repeat(16)}`), ...WHOLE.slice(1)];
    expect(compareRows(source(WHOLE), other)).toMatchObject({ kind: 'rows', surplus: 0n, ranges: [] });
  });
});

describe('columns of a table', () => {
  it('may be in another order', () => {
    expect(compareColumns(source(WHOLE), copy(['email', 'text'], ['id', 'integer']))).toBeUndefined();
  });

  it('are reported when they are missing, new, or of another type', () => {
    const difference = compareColumns(source(WHOLE), copy(['id', 'bigint'], ['mail', 'text']));
    expect(difference && describeDifferences([difference], true)).toEqual([
      'public.customer: id is bigint, not integer, email is missing, mail is new',
    ]);
  });
});

it('names four tables and counts the others', () => {
  const missing = ['a', 'b', 'c', 'd', 'e'].map((table) => ({ kind: 'missing', table, rows: 1n }) as const);
  expect(summarize([...missing, { kind: 'new', table: 'f' }], 9)).toBe(
    '6 of 9 tables differ: a is missing; b is missing; c is missing; d is missing; and 2 more',
  );
});
