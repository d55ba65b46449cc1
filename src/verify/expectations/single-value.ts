import type { Cell, QueryResult } from '../../engines/query-result.ts';
import { DrillError } from '../../support/errors.ts';
import { showValue } from '../show-value.ts';
import { describeRowCount } from './describe-row-count.ts';
import type { EvaluateContext, Finding } from './expectation-kind.ts';

/** One row more than a single value needs, to detect extra rows. */
const ROWS_NEEDED = 2;

/**
 * Shared by all expectations of a single value. Several *rows* fail the check, because data can cause that (a lost unique key); several *columns* are the
 * author's mistake.
 * @param findProblem returns undefined when the value is as expected, else what was found instead.
 */
export function singleValue<Spec>(
  findProblem: (cell: Cell, spec: Spec, context: EvaluateContext) => string | undefined,
): {
  rowsNeeded(spec: Spec): number;
  /** @throws DrillError `check-malformed` when the query returns several columns. */
  evaluate(spec: Spec, result: QueryResult, context: EvaluateContext): Finding;
} {
  return {
    rowsNeeded: () => ROWS_NEEDED,
    evaluate(spec, result, context) {
      if (result.columns.length !== 1) throw severalColumns(result);
      if (result.rows.length > 1) return { passed: false, actual: `${describeRowCount(result)} instead of one value` };
      const cell = result.rows[0]?.[0] ?? null;
      const problem = findProblem(cell, spec, context);
      return { passed: problem === undefined, actual: problem ?? showValue(cell) };
    },
  };
}

function severalColumns(result: QueryResult): DrillError {
  return new DrillError(
    'check-malformed',
    `the query returns ${result.columns.length} columns where one value is expected`,
    {
      hint: 'Select exactly one column, or compare whole rows with `expect: { rows: … }`.',
    },
  );
}
