import { equalsScalar } from '../compare-values.ts';
import { showValue } from '../show-value.ts';
import { defineExpectation } from './expectation-kind.ts';
import { type Scalar, scalarSchema } from './scalar.ts';
import { singleValue } from './single-value.ts';

interface Equals {
  readonly kind: 'equals';
  readonly value: Scalar;
}

export const equals = defineExpectation({
  key: 'equals',
  schema: scalarSchema.describe('The first value of the first row is this.'),
  resolve: (value: Scalar): Equals => ({ kind: 'equals', value }),
  describe: ({ value }) => showValue(value),
  ...singleValue<Equals>((cell, { value }) => (equalsScalar(cell, value) ? undefined : showValue(cell))),
});
