import type { Expectation } from '../config/drill-file.ts';
import type { Cell, QueryResult } from '../engines/engine.ts';
import { DrillError } from '../support/errors.ts';
import { formatCount, formatDuration } from '../support/quantities.ts';
import { compareRows } from './compare-rows.ts';
import { asInstant, compareWithBound, equalsScalar } from './compare-values.ts';
import { MAX_MATCHED_LENGTH, testPattern } from './pattern.ts';
import { showValue } from './show-value.ts';

export interface EvaluateContext {
  /** When the backup was taken. */
  readonly takenAt: Date;
}

export interface Evaluation {
  readonly passed: boolean;
  /** In words: `at least 599`. */
  readonly expected: string;
  /** In words, harmless to print, at most about 200 characters of data: `598`, `no row`. */
  readonly actual: string;
}

type ValueExpectation = Exclude<Expectation, { kind: 'rows' | 'empty' | 'notEmpty' }>;

/**
 * A `takenAt` read from a name may be a date alone (midnight), and a server may keep local time up to 14 hours ahead of UTC: up to two
 * days after it are still plausible. Later than that a value says that clock or data is wrong, and proves no freshness.
 */
const FUTURE_TOLERANCE_MS = 2 * 86_400_000;

/**
 * Does the result of a check's query meet its expectation? Pure.
 *
 * A query that gives no row fails whatever is expected but `empty`. Where a single value is expected, several *rows* fail the check (data
 * can cause that: a lost unique key), several *columns* are the author's mistake. `notEmpty` wants a row that is not all nulls: an
 * aggregate over an empty table gives one row of null.
 *
 * Throws `check-malformed` when the check itself makes no sense: several columns, an unusable bound or pattern.
 */
export function evaluate(expectation: Expectation, result: QueryResult, context: EvaluateContext): Evaluation {
  const expected = describeExpectation(expectation, context);
  if (expectation.kind === 'empty')
    return { passed: result.rows.length === 0, expected, actual: describeCount(result) };
  if (result.rows.length === 0) return { passed: false, expected, actual: 'no row' };
  if (expectation.kind === 'rows') return { expected, ...compareRows(expectation.rows, result) };
  if (expectation.kind === 'notEmpty') return { expected, ...judgeNotEmpty(result) };
  if (result.columns.length !== 1) throw severalColumns(result);
  if (result.rows.length > 1) {
    return { passed: false, expected, actual: `${describeCount(result)} instead of one value` };
  }
  const cell = result.rows[0]?.[0] ?? null;
  const problem = findProblem(expectation, cell, context);
  return { passed: problem === undefined, expected, actual: problem ?? showValue(cell) };
}

/** The expectation in words: `at least 599`. */
export function describeExpectation(expectation: Expectation, context: EvaluateContext): string {
  switch (expectation.kind) {
    case 'equals':
      return showValue(expectation.value);
    case 'min':
      return `at least ${showValue(expectation.value)}`;
    case 'max':
      return `at most ${showValue(expectation.value)}`;
    case 'between':
      return `between ${showValue(expectation.low)} and ${showValue(expectation.high)}`;
    case 'matches':
      return `text that matches /${expectation.pattern}/`;
    case 'oneOf':
      return `one of ${expectation.values.map(showValue).join(', ')}`;
    case 'newerThan':
      return `at most ${formatDuration(expectation.ageMs)} older than the backup of ${context.takenAt.toISOString()}`;
    case 'rows':
      return expectation.rows.length === 1
        ? '1 row as listed'
        : `${formatCount(expectation.rows.length)} rows as listed`;
    case 'empty':
      return 'no row';
    case 'notEmpty':
      return 'at least one row';
  }
}

/** @returns undefined when the value is as expected, else what is there instead. */
function findProblem(expectation: ValueExpectation, cell: Cell, context: EvaluateContext): string | undefined {
  switch (expectation.kind) {
    case 'equals':
      return equalsScalar(cell, expectation.value) ? undefined : showValue(cell);
    case 'oneOf':
      return expectation.values.some((value) => equalsScalar(cell, value)) ? undefined : showValue(cell);
    case 'min':
      return boundProblem(cell, [compareWithBound(cell, expectation.value)], (order) => order >= 0);
    case 'max':
      return boundProblem(cell, [compareWithBound(cell, expectation.value)], (order) => order <= 0);
    case 'between': {
      const toLow = compareWithBound(cell, expectation.low);
      const toHigh = compareWithBound(cell, expectation.high);
      return boundProblem(cell, [toLow, toHigh && -toHigh], (order) => order >= 0);
    }
    case 'matches':
      return patternProblem(cell, expectation.pattern);
    case 'newerThan':
      return freshnessProblem(cell, expectation.ageMs, context.takenAt);
  }
}

function boundProblem(
  cell: Cell,
  orders: readonly (number | undefined)[],
  holds: (order: number) => boolean,
): string | undefined {
  if (orders.includes(undefined))
    return cell === null ? 'null' : `${showValue(cell)}, which cannot be compared with that`;
  return orders.every((order) => order !== undefined && holds(order)) ? undefined : showValue(cell);
}

function patternProblem(cell: Cell, pattern: string): string | undefined {
  if (cell === null) return 'null';
  const text = cell instanceof Date ? showValue(cell) : String(cell);
  if (text.length > MAX_MATCHED_LENGTH) {
    return `a text of ${formatCount(text.length)} characters, more than the ${formatCount(MAX_MATCHED_LENGTH)} that are matched`;
  }
  return testPattern(pattern, text) ? undefined : showValue(cell);
}

function freshnessProblem(cell: Cell, ageMs: number, takenAt: Date): string | undefined {
  if (cell === null) return 'null';
  const instant = asInstant(cell);
  if (instant === undefined) return `${showValue(cell)}, which is no instant`;
  const ageOfValueMs = takenAt.getTime() - Number(instant / 1000n);
  if (ageOfValueMs < -FUTURE_TOLERANCE_MS) {
    return `${showValue(cell)}, ${formatDuration(-ageOfValueMs)} after the backup was taken`;
  }
  return ageOfValueMs <= ageMs ? undefined : `${showValue(cell)}, ${formatDuration(ageOfValueMs)} older`;
}

function judgeNotEmpty(result: QueryResult): Pick<Evaluation, 'passed' | 'actual'> {
  const passed = result.rows.some((row) => row.some((cell) => cell !== null));
  return { passed, actual: passed ? describeCount(result) : `${describeCount(result)}, holding nothing but null` };
}

function describeCount(result: QueryResult): string {
  const count = result.rows.length;
  if (count === 0) return 'no row';
  const words = count === 1 ? '1 row' : `${formatCount(count)} rows`;
  return result.truncated ? `${words} or more` : words;
}

function severalColumns(result: QueryResult): DrillError {
  return new DrillError(
    'check-malformed',
    `the query gives ${result.columns.length} columns where one value is expected`,
    {
      hint: 'Select exactly one column, or compare whole rows with `expect: { rows: … }`.',
    },
  );
}
