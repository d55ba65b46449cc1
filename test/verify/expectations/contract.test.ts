import { describe, expect, it } from 'vitest';
import type { Cell, QueryResult } from '../../../src/engines/query-result.ts';
import { describeExpectation, evaluate, rowsNeeded } from '../../../src/verify/evaluate.ts';
import {
  EXPECTATION_KEYS,
  type Expectation,
  type ExpectationKey,
  kindOf,
} from '../../../src/verify/expectations/registry.ts';

const takenAt = new Date('2026-11-21T03:00:00Z');

/** Results that meet and miss an expectation of each kind, written as in a drill file. A kind without an entry does not compile. */
const EXAMPLES: { readonly [K in ExpectationKey]: { expect: Expectation<K>; meets: Cell[][]; misses: Cell[][] } } = {
  equals: { expect: { kind: 'equals', value: 3 }, meets: [[3]], misses: [[4]] },
  min: { expect: { kind: 'min', value: 3 }, meets: [[3]], misses: [[2]] },
  max: { expect: { kind: 'max', value: 3 }, meets: [[3]], misses: [[4]] },
  between: { expect: { kind: 'between', low: 1, high: 3 }, meets: [[2]], misses: [[0]] },
  matches: { expect: { kind: 'matches', pattern: '^a' }, meets: [['abc']], misses: [['bc']] },
  oneOf: { expect: { kind: 'oneOf', values: ['a', 'b'] }, meets: [['b']], misses: [['c']] },
  newerThan: {
    expect: { kind: 'newerThan', ageMs: 3_600_000 },
    meets: [[new Date('2026-11-21T02:30:00Z')]],
    misses: [[new Date('2026-11-21T01:30:00Z')]],
  },
  rows: { expect: { kind: 'rows', rows: [[1, 'a']] }, meets: [[1, 'a']], misses: [[1, 'b']] },
  empty: { expect: { kind: 'empty' }, meets: [], misses: [[1]] },
  notEmpty: { expect: { kind: 'notEmpty' }, meets: [[1]], misses: [] },
};

describe.each(EXPECTATION_KEYS)('the expectation %s', (key) => {
  const { expect: expectation, meets, misses } = EXAMPLES[key];

  it('can pass and can fail', () => {
    expect(evaluate(expectation, resultOf(meets), { takenAt }).passed).toBe(true);
    expect(evaluate(expectation, resultOf(misses), { takenAt }).passed).toBe(false);
  });

  it('describes itself, and needs no more rows than it asks for', () => {
    expect(describeExpectation(expectation, { takenAt })).not.toBe('');
    expect(rowsNeeded(expectation)).toBeGreaterThan(Math.max(meets.length, 0));
  });

  it('fails without rows unless it allows that', () => {
    expect(evaluate(expectation, resultOf([]), { takenAt }).passed).toBe(kindOf(expectation).allowsNoRow ?? false);
  });
});

function resultOf(rows: Cell[][]): QueryResult {
  return { columns: (rows[0] ?? ['x']).map((_, index) => `c${index}`), rows, truncated: false };
}
