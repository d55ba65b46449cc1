import { z } from 'zod';
import { describeRowCount } from './describe-row-count.ts';
import { defineExpectation } from './expectation-kind.ts';

interface Empty {
  readonly kind: 'empty';
}

interface NotEmpty {
  readonly kind: 'notEmpty';
}

/** Row counts are exact up to this number; beyond it, `or more` is shown. */
const ROWS_COUNTED = 100;

const schema = z.literal(true, { error: 'must be true' });

export const empty = defineExpectation({
  key: 'empty',
  schema: schema.describe('The query returns no rows.'),
  canStandAlone: true,
  allowsNoRow: true,
  resolve: (): Empty => ({ kind: 'empty' }),
  describe: () => 'no row',
  rowsNeeded: () => ROWS_COUNTED,
  evaluate: (_, result) => ({ passed: result.rows.length === 0, actual: describeRowCount(result) }),
  explainVacuousCount: () => 'can never pass: a count always returns one row; write { equals: 0 } instead',
});

/** Requires a row that is not all nulls, because an aggregate over an empty table returns one row of nulls. */
export const notEmpty = defineExpectation({
  key: 'notEmpty',
  schema: schema.describe('The query returns at least one row.'),
  canStandAlone: true,
  resolve: (): NotEmpty => ({ kind: 'notEmpty' }),
  describe: () => 'at least one row',
  rowsNeeded: () => ROWS_COUNTED,
  evaluate(_, result) {
    const passed = result.rows.some((row) => row.some((cell) => cell !== null));
    return {
      passed,
      actual: passed ? describeRowCount(result) : `${describeRowCount(result)}, with no value in it`,
    };
  },
  explainVacuousCount: () => 'cannot fail: a count always returns one row; write { min: 1 } instead',
});
