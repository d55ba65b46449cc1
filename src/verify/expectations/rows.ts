import { z } from 'zod';
import { formatCount } from '../../support/quantities.ts';
import { compareRows } from '../compare-rows.ts';
import { defineExpectation } from './expectation-kind.ts';
import { type Scalar, scalarSchema } from './scalar.ts';

interface Rows {
  readonly kind: 'rows';
  readonly rows: readonly (readonly Scalar[])[];
}

const schema = z
  .array(z.union([z.array(scalarSchema), scalarSchema], { error: 'must be a row: a list of values, or one value' }), {
    error: 'must be a list of rows',
  })
  .superRefine((table, context) => {
    const widths = new Set(table.map((row) => (Array.isArray(row) ? row.length : 1)));
    if (table.length === 0)
      context.addIssue({ code: 'custom', message: 'has no row; to expect none write { empty: true }' });
    else if (widths.has(0)) context.addIssue({ code: 'custom', message: 'has a row without a value' });
    else if (widths.size > 1)
      context.addIssue({ code: 'custom', message: 'has rows of different lengths; every row has the same columns' });
  });

export const rows = defineExpectation({
  key: 'rows',
  schema: schema.describe(
    'The result is exactly these rows in this order: a list of lists, or of values for one column.',
  ),
  resolve: (table: readonly (Scalar | readonly Scalar[])[]): Rows => ({
    kind: 'rows',
    rows: table.map((row) => (isRow(row) ? row : [row])),
  }),
  describe: (spec) => (spec.rows.length === 1 ? '1 row as listed' : `${formatCount(spec.rows.length)} rows as listed`),
  rowsNeeded: (spec) => spec.rows.length + 1,
  evaluate: (spec, result) => compareRows(spec.rows, result),
});

function isRow(row: Scalar | readonly Scalar[]): row is readonly Scalar[] {
  return Array.isArray(row);
}
