import type { QueryResult } from '../engines/query-result.ts';
import type { Evaluation } from './check-kind.ts';
import type { EvaluateContext } from './expectations/expectation-kind.ts';
import { type Expectation, type ExpectationKey, kindOf } from './expectations/registry.ts';

/**
 * Evaluates a query's result against the check's expectation. Pure. A result without rows fails every expectation but `empty`.
 * @throws DrillError `check-malformed` when the check itself makes no sense: several columns, an unusable bound or pattern.
 */
export function evaluate<K extends ExpectationKey>(
  expectation: Expectation<K>,
  result: QueryResult,
  context: EvaluateContext,
): Evaluation {
  const kind = kindOf(expectation);
  const expected = kind.describe(expectation, context);
  if (result.rows.length === 0 && !kind.allowsNoRow) return { passed: false, expected, actual: 'no row' };
  return { expected, ...kind.evaluate(expectation, result, context) };
}

/** The expectation in words: `at least 599`. */
export function describeExpectation<K extends ExpectationKey>(
  expectation: Expectation<K>,
  context: EvaluateContext,
): string {
  return kindOf(expectation).describe(expectation, context);
}

/** How many rows of the result are needed to evaluate the expectation. */
export function rowsNeeded<K extends ExpectationKey>(expectation: Expectation<K>): number {
  return kindOf(expectation).rowsNeeded(expectation);
}

/** Why the expectation could not fail, or never pass, if the query is a plain count. @returns undefined when there is no such problem. */
export function explainVacuousCount<K extends ExpectationKey>(expectation: Expectation<K>): string | undefined {
  return kindOf(expectation).explainVacuousCount?.(expectation);
}

/** Whether the expectation requires a number above 0, or more. */
export function isAboveZero<K extends ExpectationKey>(expectation: Expectation<K>): boolean {
  return kindOf(expectation).isAboveZero?.(expectation) ?? false;
}
