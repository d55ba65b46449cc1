import { describe, expect, it } from 'vitest';
import { readTsv } from '../../../../src/engines/clickhouse/sql/read-tsv.ts';
import { expectCode } from '../../../support/expect-code.ts';

/** As printed by ClickHouse 26.7. */
const PRINTED = [
  ['i', 'd', 't', 'm', 'day', 'n', 's', 'b', 'f', 'x', 'list', 'u', 'low', 'big', 'some'],
  [
    'Int64',
    'Decimal(18, 2)',
    "DateTime(\\'Europe/Berlin\\')",
    "DateTime64(6, \\'UTC\\')",
    'Date',
    'Nullable(String)',
    'String',
    'Bool',
    'Float64',
    'Float64',
    'Array(UInt8)',
    'UInt8',
    'LowCardinality(Nullable(String))',
    'Int256',
    'Nullable(Int64)',
  ],
  [
    '9007199254740993',
    '1.10',
    '2026-01-02T02:04:05Z',
    '2026-01-02T03:04:05.123456Z',
    '2026-01-01',
    '\\N',
    "a\\tb\\\\c\\n\\0\\'",
    'true',
    '1.5e300',
    'nan',
    '[1,2]',
    '7',
    'z',
    '170141183460469231731687303715884105728000',
    '5',
  ],
];
const text = (rows: readonly (readonly string[])[]): string => rows.map((row) => `${row.join('\t')}\n`).join('');

describe('TabSeparatedWithNamesAndTypes', () => {
  it('preserves every digit of each value', () => {
    expect(readTsv(text(PRINTED), 10).rows).toEqual([
      [
        9007199254740993n,
        '1.10',
        new Date('2026-01-02T02:04:05Z'),
        '2026-01-02T03:04:05.123456Z',
        '2026-01-01',
        null,
        "a\tb\\c\n\0'",
        true,
        1.5e300,
        'nan',
        '[1,2]',
        7,
        'z',
        170141183460469231731687303715884105728000n,
        5,
      ],
    ]);
  });

  it('reports more rows than requested, and truncated text', () => {
    expect(readTsv('n\nUInt8\n1\n2\n3\n', 2)).toMatchObject({ rows: [[1], [2]], truncated: true });
    expect(readTsv('n\nUInt8\n1\n2', 5)).toMatchObject({ rows: [[1]], truncated: true });
    expect(readTsv('n\nUInt8\n1\n', 5)).toMatchObject({ columns: ['n'], rows: [[1]], truncated: false });
  });

  it('refuses the results of two queries, and those in another format', async () => {
    await expectCode('check-malformed', async () => readTsv('a\tb\nUInt8\tUInt8\n1\t2\nc\nUInt8\n1\n', 5));
    await expectCode('check-malformed', async () => readTsv('{"meta":\t1\n}\n', 5));
  });
});
