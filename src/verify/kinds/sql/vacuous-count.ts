import { explainVacuousCount } from '../../evaluate.ts';
import type { Expectation } from '../../expectations/registry.ts';

/** A count of everything that the rest of the query selects, and nothing else: it gives exactly one row, never below zero. */
const LONE_COUNT =
  /^\s*select\s+count\s*\(\s*(?:\*|\d+|(?:distinct\s+)?[\w."]+)\s*\)(?:\s+(?:as\s+)?"?\w+"?)?\s+from\s/i;
/** With one of these the query may give other than exactly one row. */
const CHANGES_ROWS = /\b(?:group|having|limit|offset|fetch|union|except|intersect)\b/i;

/**
 * Says why a check could not fail, or never pass, where the query alone shows it. It sees plain counts only, and is silent on
 * whatever it does not understand. @returns undefined when there is nothing to say.
 */
export function explainVacuousQuery(sql: string, expect: Expectation): string | undefined {
  if (!LONE_COUNT.test(sql) || CHANGES_ROWS.test(sql)) return undefined;
  return explainVacuousCount(expect);
}
