import { z } from 'zod';
import { equalsScalar } from '../compare-values.ts';
import { showValue } from '../show-value.ts';
import { defineExpectation } from './expectation-kind.ts';
import { type Scalar, scalarSchema } from './scalar.ts';
import { singleValue } from './single-value.ts';

interface OneOf {
  readonly kind: 'oneOf';
  readonly values: readonly Scalar[];
}

export const oneOf = defineExpectation({
  key: 'oneOf',
  schema: z
    .array(scalarSchema, { error: 'must be a list of values' })
    .min(1, { error: 'can never pass: the list is empty' })
    .describe('The value is one of these.'),
  resolve: (values: readonly Scalar[]): OneOf => ({ kind: 'oneOf', values }),
  describe: ({ values }) => `one of ${values.map(showValue).join(', ')}`,
  ...singleValue<OneOf>((cell, { values }) =>
    values.some((value) => equalsScalar(cell, value)) ? undefined : showValue(cell),
  ),
});
