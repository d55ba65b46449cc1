import type { QueryResult } from '../engines/query-result.ts';
import { evaluate } from './evaluate.ts';
import type { EvaluateContext, Finding } from './expectations/expectation-kind.ts';
import type { Expectation } from './expectations/registry.ts';

/**
 * Evaluates what a program printed or answered against an expectation, like the result of a query with one column: no output is no row, `rows` compares line by
 * line, and every other expectation sees the whole output as one value.
 */
export function evaluateOutput(expect: Expectation, output: string, context: EvaluateContext): Finding {
  const text = output.replace(/[\r\n]+$/, '');
  const lines = text.split(/\r?\n/);
  const values = text === '' ? [] : expect.kind === 'rows' ? lines : [text];
  const { passed, actual } = evaluateLines(expect, values, context);
  return { passed, actual: text === '' ? 'no output' : actual };
}

/** Evaluates several values against an expectation, like the result of a query with one column. */
export function evaluateLines(expect: Expectation, values: readonly string[], context: EvaluateContext): Finding {
  const result: QueryResult = { columns: ['output'], rows: values.map((value) => [value]), truncated: false };
  const { passed, actual } = evaluate(expect, result, context);
  return { passed, actual };
}
