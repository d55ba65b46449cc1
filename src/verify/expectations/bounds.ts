import { z } from 'zod';
import type { Cell } from '../../engines/query-result.ts';
import { compareWithBound } from '../compare-values.ts';
import { showValue } from '../show-value.ts';
import { defineExpectation } from './expectation-kind.ts';
import { explainInexactNumber } from './scalar.ts';
import { singleValue } from './single-value.ts';

/** A number, or an instant in ISO 8601. */
type Bound = number | string;

interface Min {
  readonly kind: 'min';
  readonly value: Bound;
}

interface Max {
  readonly kind: 'max';
  readonly value: Bound;
}

interface Between {
  readonly kind: 'between';
  readonly low: Bound;
  readonly high: Bound;
}

const INFINITY = Number.POSITIVE_INFINITY;
const lowerBound = boundSchema(-INFINITY, INFINITY);
const upperBound = boundSchema(INFINITY, -INFINITY);

export const min = defineExpectation({
  key: 'min',
  schema: lowerBound.describe('The value is at least this.'),
  resolve: (value: Bound): Min => ({ kind: 'min', value }),
  describe: ({ value }) => `at least ${showValue(value)}`,
  ...singleValue<Min>((cell, { value }) => boundProblem(cell, [compareWithBound(cell, value)], (order) => order >= 0)),
  explainVacuousCount: ({ value }) =>
    value !== '' && Number(value) <= 0 ? 'cannot fail: a count is never below 0; write { min: 1 } or more' : undefined,
  isAboveZero: ({ value }) => typeof value === 'number' && value > 0,
});

export const max = defineExpectation({
  key: 'max',
  schema: upperBound.describe('The value is at most this.'),
  resolve: (value: Bound): Max => ({ kind: 'max', value }),
  describe: ({ value }) => `at most ${showValue(value)}`,
  ...singleValue<Max>((cell, { value }) => boundProblem(cell, [compareWithBound(cell, value)], (order) => order <= 0)),
  explainVacuousCount: ({ value }) => (Number(value) < 0 ? 'can never pass: a count is never below 0' : undefined),
});

const limits = z
  .tuple([lowerBound, upperBound], {
    error: ({ code }) =>
      code === 'invalid_type' ? 'must be a list of two: [low, high]' : 'takes two values: [low, high]',
  })
  .superRefine(([low, high], context) => {
    if (typeof low !== typeof high)
      context.addIssue({ code: 'custom', message: 'has a number and a text; both limits must be of one kind' });
    else if (low > high)
      context.addIssue({
        code: 'custom',
        message: `can never pass: ${low} is more than ${high}; write the lower one first`,
      });
  });

export const between = defineExpectation({
  key: 'between',
  schema: limits.describe('The value is at least the first and at most the second.'),
  resolve: ([low, high]: readonly [Bound, Bound]): Between => ({ kind: 'between', low, high }),
  describe: ({ low, high }) => `between ${showValue(low)} and ${showValue(high)}`,
  ...singleValue<Between>((cell, { low, high }) => {
    const toLow = compareWithBound(cell, low);
    const toHigh = compareWithBound(cell, high);
    return boundProblem(cell, [toLow, toHigh && -toHigh], (order) => order >= 0);
  }),
  isAboveZero: ({ low }) => typeof low === 'number' && low > 0,
});

function boundSchema(neverFails: number, neverPasses: number) {
  const expected = 'must be a number, or text such as a date';
  return z
    .union([z.number(), z.string()], {
      error: ({ input }) => {
        if (input === neverFails) return `cannot fail: everything is within ${neverFails}`;
        return input === neverPasses ? `can never pass: nothing is within ${neverPasses}` : expected;
      },
    })
    .superRefine((value, context) => {
      const message = value === '' ? `is empty; ${expected}` : explainInexactNumber(value);
      if (message) context.addIssue({ code: 'custom', message });
    });
}

/** @param orders how the value compares with each bound; undefined where it is of another kind. */
function boundProblem(
  cell: Cell,
  orders: readonly (number | undefined)[],
  holds: (order: number) => boolean,
): string | undefined {
  if (orders.includes(undefined))
    return cell === null ? 'no value' : `${showValue(cell)}, which cannot be compared with that`;
  return orders.every((order) => order !== undefined && holds(order)) ? undefined : showValue(cell);
}
