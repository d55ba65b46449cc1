import type { QueryResult } from '../engines/query-result.ts';
import { toPrintable } from '../support/printable.ts';
import { formatCount } from '../support/quantities.ts';
import { equalsScalar } from './compare-values.ts';
import type { Scalar } from './expectations/scalar.ts';
import { showValue } from './show-value.ts';

/**
 * Compares a table of values, in order; both must have the same shape.
 * @returns only the first difference in `actual`; the rest of the rows stays in the sandbox.
 */
export function compareRows(
  expected: readonly (readonly Scalar[])[],
  result: QueryResult,
): { readonly passed: boolean; readonly actual: string } {
  const difference = findDifference(expected, result);
  return { passed: difference === undefined, actual: difference ?? 'the same' };
}

function findDifference(expected: readonly (readonly Scalar[])[], result: QueryResult): string | undefined {
  for (const [index, expectedRow] of expected.entries()) {
    const row = result.rows[index];
    if (!row) return `${countRows(result.rows.length)} instead of ${formatCount(expected.length)}`;
    if (row.length !== expectedRow.length)
      return `${row.length} columns in row ${index + 1} instead of ${expectedRow.length}`;
    for (const [column, value] of expectedRow.entries()) {
      const cell = row[column] ?? null;
      if (equalsScalar(cell, value)) continue;
      const name = toPrintable(result.columns[column] ?? `column ${column + 1}`, 60);
      return `${showValue(cell)} instead of ${showValue(value)} in row ${index + 1}, ${name}`;
    }
  }
  if (result.rows.length === expected.length && !result.truncated) return undefined;
  return `more than the ${countRows(expected.length)} listed`;
}

function countRows(count: number): string {
  return count === 1 ? '1 row' : `${formatCount(count)} rows`;
}
