import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Cell, QueryResult } from '../../src/engines/query-result.ts';
import { evaluate, isAboveZero } from '../../src/verify/evaluate.ts';
import type { Expectation } from '../../src/verify/expectations/registry.ts';

const takenAt = new Date('2026-11-21T03:00:00Z');

function result(...rows: Cell[][]): QueryResult {
  return { columns: (rows[0] ?? [null]).map((_, index) => `c${index + 1}`), rows, truncated: false };
}

function passes(expectation: Expectation, cell: Cell): boolean {
  return evaluate(expectation, result([cell]), { takenAt }).passed;
}

function actual(expectation: Expectation, ...rows: Cell[][]): string {
  const evaluation = evaluate(expectation, result(...rows), { takenAt });
  return `${evaluation.passed ? 'passed' : 'failed'}: expected ${evaluation.expected}, got ${evaluation.actual}`;
}

const ANY: readonly Expectation[] = [
  { kind: 'equals', value: 1 },
  { kind: 'min', value: 1 },
  { kind: 'max', value: 1 },
  { kind: 'between', low: 1, high: 2 },
  { kind: 'matches', pattern: '' },
  { kind: 'oneOf', values: [null, 1] },
  { kind: 'newerThan', ageMs: 1 },
  { kind: 'rows', rows: [[1]] },
  { kind: 'rows', rows: [] },
  { kind: 'notEmpty' },
];

describe('the shape of a result', () => {
  test.each(ANY)('no rows fails $kind', (expectation) => {
    expect(evaluate(expectation, { columns: ['x'], rows: [], truncated: false }, { takenAt })).toMatchObject({
      passed: false,
      actual: 'no row',
    });
  });

  test('empty expects no row, and any row fails it', () => {
    expect(evaluate({ kind: 'empty' }, { columns: ['x'], rows: [], truncated: false }, { takenAt }).passed).toBe(true);
    expect(actual({ kind: 'empty' }, ['secret'], ['other'])).toBe('failed: expected no row, got 2 rows');
    const many = { ...result([1], [2]), truncated: true };
    expect(evaluate({ kind: 'empty' }, many, { takenAt }).actual).toBe('2 rows or more');
  });

  test('notEmpty expects a row with a value, and shows no data', () => {
    expect(actual({ kind: 'notEmpty' }, ['secret'])).toBe('passed: expected at least one row, got 1 row');
    expect(actual({ kind: 'notEmpty' }, [null, null])).toBe(
      'failed: expected at least one row, got 1 row, with no value in it',
    );
    expect(actual({ kind: 'notEmpty' }, [null, 0])).toMatch(/^passed/);
  });

  test('several rows fail when one value is expected, without their data', () => {
    expect(actual({ kind: 'equals', value: 'a' }, ['a'], ['secret'])).toBe(
      "failed: expected 'a', got 2 rows instead of one value",
    );
  });

  test('several columns where one value is expected make the check malformed', () => {
    for (const expectation of ANY.slice(0, 7)) {
      expect(() => evaluate(expectation, result([1, 2]), { takenAt })).toThrow(
        expect.objectContaining({ code: 'check-malformed', message: expect.stringContaining('2 columns') }),
      );
    }
  });

  test('null fails unless it is listed as expected', () => {
    for (const expectation of ANY.slice(0, 5)) expect(passes(expectation, null)).toBe(false);
    expect(passes({ kind: 'newerThan', ageMs: 1e15 }, null)).toBe(false);
    expect(passes({ kind: 'equals', value: null }, null)).toBe(true);
    expect(passes({ kind: 'equals', value: null }, 0)).toBe(false);
    expect(passes({ kind: 'equals', value: null }, 'null')).toBe(false);
    expect(passes({ kind: 'oneOf', values: [1, null] }, null)).toBe(true);
  });
});

it.each<[Expectation, boolean]>([
  [{ kind: 'min', value: 1 }, true],
  [{ kind: 'min', value: 0 }, false],
  [{ kind: 'min', value: '2026-01-01' }, false],
  [{ kind: 'between', low: 0.5, high: 9 }, true],
  [{ kind: 'between', low: -1, high: 9 }, false],
  [{ kind: 'equals', value: 200 }, false],
  [{ kind: 'equals', value: 'PONG' }, false],
  [{ kind: 'max', value: 9 }, false],
  [{ kind: 'notEmpty' }, false],
])(
  'recognizes expectations of at least a number above 0, and does not take constants for counts: %j',
  (expectation, expected) => {
    expect(isAboveZero(expectation)).toBe(expected);
  },
);

describe('numbers', () => {
  test('are compared digit by digit, never as floating point', () => {
    expect(passes({ kind: 'equals', value: '9007199254740993' }, '9007199254740993')).toBe(true);
    expect(passes({ kind: 'equals', value: '9007199254740993' }, 9007199254740993n)).toBe(true);
    expect(passes({ kind: 'equals', value: '9007199254740992' }, 9007199254740993n)).toBe(false);
    expect(passes({ kind: 'min', value: '9007199254740993' }, '9007199254740992')).toBe(false);
    expect(passes({ kind: 'equals', value: 10 }, '10.00')).toBe(true);
    expect(passes({ kind: 'equals', value: 0.1 }, '0.100')).toBe(true);
    expect(passes({ kind: 'equals', value: 0.1 }, '0.1000000000000000055511151231257827')).toBe(false);
    expect(passes({ kind: 'equals', value: '1e21' }, 10n ** 21n)).toBe(true);
  });

  test('that YAML cannot represent exactly are refused', () => {
    const value = Number('9007199254740993');
    for (const expectation of [{ kind: 'equals', value } as const, { kind: 'min', value } as const]) {
      expect(() => passes(expectation, 5)).toThrow(expect.objectContaining({ code: 'check-malformed' }));
    }
  });

  test('a value that is not a number meets no bound', () => {
    for (const cell of [
      'NaN',
      'Infinity',
      '-Infinity',
      Number.NaN,
      Number.POSITIVE_INFINITY,
      'many',
      '',
      ' 5',
      '1,000',
      true,
    ]) {
      expect(passes({ kind: 'min', value: 1 }, cell), String(cell)).toBe(false);
      expect(passes({ kind: 'max', value: 10_000 }, cell), String(cell)).toBe(false);
      expect(passes({ kind: 'between', low: 0, high: 10_000 }, cell), String(cell)).toBe(false);
    }
    expect(actual({ kind: 'min', value: 1 }, ['NaN'])).toBe(
      "failed: expected at least 1, got 'NaN', which cannot be compared with that",
    );
    expect(passes({ kind: 'equals', value: 'NaN' }, Number.NaN)).toBe(true);
  });

  test('bounds include the bound itself', () => {
    expect(actual({ kind: 'min', value: 599 }, [599n])).toBe('passed: expected at least 599, got 599');
    expect(actual({ kind: 'min', value: 599 }, [598n])).toBe('failed: expected at least 599, got 598');
    expect(passes({ kind: 'max', value: 5 }, 5)).toBe(true);
    expect(passes({ kind: 'max', value: 5 }, '5.0000000000000000001')).toBe(false);
    expect(passes({ kind: 'between', low: -1, high: '2.5' }, '2.5')).toBe(true);
    expect(passes({ kind: 'between', low: -1, high: '2.5' }, -1)).toBe(true);
    expect(passes({ kind: 'between', low: -1, high: '2.5' }, '2.51')).toBe(false);
    expect(passes({ kind: 'between', low: -1, high: '2.5' }, '-1.01')).toBe(false);
  });

  test('of any size compare like integers', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), (cell, bound) => {
        expect(passes({ kind: 'min', value: String(bound) }, String(cell))).toBe(cell >= bound);
        expect(passes({ kind: 'max', value: String(bound) }, cell)).toBe(cell <= bound);
        expect(passes({ kind: 'equals', value: String(bound) }, cell)).toBe(cell === bound);
      }),
    );
  });

  test('a double equals its own text', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }), (value) => {
        expect(passes({ kind: 'equals', value }, String(value))).toBe(true);
        expect(passes({ kind: 'between', low: value, high: value }, value)).toBe(true);
      }),
    );
  });

  test('a bound that is neither a number nor an instant is refused', () => {
    expect(() => passes({ kind: 'min', value: 'lots' }, 5)).toThrow(
      expect.objectContaining({ code: 'check-malformed', message: "'lots' is neither a number nor an instant" }),
    );
  });
});

describe('texts and booleans', () => {
  test('a text equals only itself', () => {
    expect(passes({ kind: 'equals', value: '007' }, '7')).toBe(false);
    expect(passes({ kind: 'equals', value: '007' }, '007')).toBe(true);
    expect(passes({ kind: 'equals', value: 'PG' }, 'pg')).toBe(false);
    expect(passes({ kind: 'oneOf', values: ['PG', 'G'] }, 'G')).toBe(true);
    expect(passes({ kind: 'oneOf', values: [] }, 'G')).toBe(false);
  });

  test('booleans also match 1, 0, t and f', () => {
    for (const cell of [true, 1, 1n, 't', 'true']) expect(passes({ kind: 'equals', value: true }, cell)).toBe(true);
    for (const cell of [false, 0, 'f', 'false']) expect(passes({ kind: 'equals', value: false }, cell)).toBe(true);
    for (const cell of [2, 'yes', '', false]) expect(passes({ kind: 'equals', value: true }, cell)).toBe(false);
  });

  test('a pattern matches anywhere in the text', () => {
    expect(passes({ kind: 'matches', pattern: '^17\\.' }, '17.11')).toBe(true);
    expect(passes({ kind: 'matches', pattern: '^17\\.' }, 17.5)).toBe(true);
    expect(actual({ kind: 'matches', pattern: '^17\\.' }, ['16.2'])).toBe(
      'failed: expected text that matches /^17\\./, got 16.2',
    );
    expect(actual({ kind: 'matches', pattern: 'x' }, ['x'.repeat(10_001)])).toContain(
      'got a text of 10,001 characters, more than the 10,000 that are matched',
    );
    expect(() => passes({ kind: 'matches', pattern: '(' }, 'x')).toThrow(
      expect.objectContaining({ code: 'check-malformed' }),
    );
  });

  test('a pattern with catastrophic backtracking is aborted', () => {
    expect(() => passes({ kind: 'matches', pattern: '^(a+)+$' }, `${'a'.repeat(50)}b`)).toThrow(
      expect.objectContaining({ code: 'check-malformed', message: expect.stringContaining('more than 1000 ms') }),
    );
  });

  test('output is shortened and contains no control sequences', () => {
    expect(actual({ kind: 'equals', value: 'x' }, ['a\u001b[2J\nb\u202ec\u009b'])).toBe(
      "failed: expected 'x', got 'a\\u001b[2J\\nb\\u202ec\\u009b'",
    );
    const long = actual({ kind: 'equals', value: 'x' }, ['y'.repeat(5000)]);
    expect(long).toBe(`failed: expected 'x', got '${'y'.repeat(200)}… (5,000 characters)'`);
  });
});

describe('instants', () => {
  test('are equal and bound each other in any format', () => {
    expect(passes({ kind: 'equals', value: '2026-11-20' }, new Date('2026-11-20T00:00:00Z'))).toBe(true);
    expect(passes({ kind: 'equals', value: '2026-11-20T01:00:00+01:00' }, '2026-11-20 00:00:00')).toBe(true);
    expect(passes({ kind: 'equals', value: '2026-11-20 00:00:00.000001' }, '2026-11-20 00:00:00.000002')).toBe(false);
    expect(passes({ kind: 'min', value: '2026-11-20' }, '2026-11-20 00:00:00+00')).toBe(true);
    expect(passes({ kind: 'min', value: '2026-11-20' }, '2026-11-19 23:59:59.999999')).toBe(false);
    expect(passes({ kind: 'max', value: '2026-11-20' }, new Date('2026-11-20T00:00:00.001Z'))).toBe(false);
    expect(passes({ kind: 'between', low: '2026-01-01', high: '2026-12-31' }, '2026-06-15')).toBe(true);
    expect(passes({ kind: 'min', value: '2026-11-20' }, 5)).toBe(false);
  });

  test('newerThan counts back from the time when the backup was taken', () => {
    const expectation = { kind: 'newerThan', ageMs: 26 * 3_600_000 } as const;
    expect(passes(expectation, '2026-11-20 01:00:00')).toBe(true);
    expect(passes(expectation, '2026-11-20 00:59:59.999')).toBe(false);
    expect(passes(expectation, new Date('2026-11-21T02:59:00Z'))).toBe(true);
    expect(actual(expectation, ['2026-11-18 03:00:00'])).toBe(
      "failed: expected at most 26 h older than the backup of 2026-11-21T03:00:00.000Z, got '2026-11-18 03:00:00', 3 d older",
    );
  });

  test('newerThan tolerates clock skew and time zones, but not data from far in the future', () => {
    const expectation = { kind: 'newerThan', ageMs: 1000 } as const;
    expect(passes(expectation, '2026-11-22 17:00:00')).toBe(true);
    expect(actual(expectation, ['2036-11-21 03:00:00'])).toContain(
      "got '2036-11-21 03:00:00', 3653 d after the backup was taken",
    );
  });

  test('a date that does not exist proves nothing', () => {
    const cells = [
      '0000-00-00',
      '2026-02-31',
      '2026-13-01',
      '2026-11-20 25:00:00',
      'infinity',
      '1',
      '2026-01-01 BC',
      1.8e12,
    ];
    for (const cell of cells) expect(passes({ kind: 'newerThan', ageMs: 1e15 }, cell), String(cell)).toBe(false);
    expect(passes({ kind: 'newerThan', ageMs: 1e15 }, new Date(Number.NaN))).toBe(false);
  });
});

describe('rows', () => {
  const rows = [
    ['PG', 194],
    ['G', 178],
  ] as const;

  test('are equal in order, shape and value', () => {
    expect(actual({ kind: 'rows', rows }, ['PG', 194n], ['G', '178'])).toBe(
      'passed: expected 2 rows as listed, got the same',
    );
    expect(actual({ kind: 'rows', rows: [[null]] }, [null])).toBe('passed: expected 1 row as listed, got the same');
  });

  test('show only the first difference', () => {
    expect(actual({ kind: 'rows', rows }, ['PG', 194], ['R', 'secret'])).toContain(
      "got 'R' instead of 'G' in row 2, c1",
    );
    expect(actual({ kind: 'rows', rows }, ['PG', 194])).toContain('got 1 row instead of 2');
    expect(actual({ kind: 'rows', rows }, ['PG', 194], ['G', 178], ['R', 1])).toContain(
      'got more than the 2 rows listed',
    );
    expect(actual({ kind: 'rows', rows }, ['PG', 194, 1], ['G', 178, 1])).toContain(
      'got 3 columns in row 1 instead of 2',
    );
    expect(evaluate({ kind: 'rows', rows: [[1]] }, { ...result([1]), truncated: true }, { takenAt }).passed).toBe(
      false,
    );
  });
});
