import { toPrintable } from '../../../support/printable.ts';
import { describeExpectation, evaluate } from '../../evaluate.ts';
import { evaluateOutput } from '../../evaluate-output.ts';
import type { EvaluateContext, Finding } from '../../expectations/expectation-kind.ts';
import type { Expectation } from '../../expectations/registry.ts';
import type { Answer } from './ask-path.ts';

/** What an answer is compared with. */
export interface ExpectedAnswer {
  readonly status: number;
  /** Expectation for the body as one text; undefined: any. */
  readonly expect: Expectation | undefined;
  /** Expectations for values in a JSON body, by their JSON pointers (RFC 6901). */
  readonly json: readonly (readonly [pointer: string, expectation: Expectation])[];
}

export function describeExpected({ status, expect, json }: ExpectedAnswer, context: EvaluateContext): string {
  const body = expect === undefined ? [] : [`body ${describeExpectation(expect, context)}`];
  const values = json.map(([pointer, one]) => `${pointer} ${describeExpectation(one, context)}`);
  return [`status ${status}`, ...body, ...values].join(', ');
}

/** @returns the first thing that is not as expected. */
export function judgeAnswer({ status, body }: Answer, wanted: ExpectedAnswer, context: EvaluateContext): Finding {
  if (status !== wanted.status) return { passed: false, actual: `status ${status}` };
  if (wanted.expect !== undefined) {
    const found = evaluateOutput(wanted.expect, body, context);
    if (!found.passed) return { passed: false, actual: `status ${status}, body ${found.actual}` };
  }
  if (wanted.json.length === 0) return { passed: true, actual: `status ${status}` };
  const parsed = parse(body);
  if (parsed === undefined) return { passed: false, actual: `status ${status}, and the body is not JSON` };
  for (const [pointer, expectation] of wanted.json) {
    const value = valueAt(parsed.value, pointer);
    const rows =
      value === undefined ? [] : [[typeof value === 'object' && value !== null ? JSON.stringify(value) : value]];
    const found = evaluate(expectation, { columns: [pointer], rows, truncated: false }, context);
    if (found.passed) continue;
    const actual = value === undefined ? 'missing' : found.actual;
    return { passed: false, actual: `status ${status}, ${toPrintable(pointer, 100)} ${actual}` };
  }
  return { passed: true, actual: `status ${status}` };
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

function parse(text: string): { readonly value: Json } | undefined {
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return undefined; // the caller reports it
  }
}

/** RFC 6901. @returns undefined if there is no such value. */
function valueAt(value: Json, pointer: string): Json | undefined {
  let found: Json | undefined = value;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Readonly<Record<string, Json>>)[key];
  }
  return found;
}
