import { explainVacuousCount } from '../../evaluate.ts';
import type { Expectation } from '../../expectations/registry.ts';

/** Matches a query that only counts everything that it selects: it returns exactly one row, never below zero. */
const LONE_COUNT =
  /^\s*select\s+count\s*\(\s*(?:\*|\d+|(?:distinct\s+)?[\w."]+)\s*\)(?:\s+(?:as\s+)?"?\w+"?)?\s+from\s/i;
/** With any of these, the query may return zero rows or several. */
const CHANGES_ROWS = /\b(?:group|having|limit|offset|fetch|union|except|intersect)\b/i;

/**
 * Says why a check could not fail, or never pass, if the query alone shows it. It recognises only plain counts, and says nothing about anything else. @returns
 * undefined when there is no such problem.
 */
export function explainVacuousQuery(sql: string, expect: Expectation): string | undefined {
  if (!LONE_COUNT.test(sql) || CHANGES_ROWS.test(sql)) return undefined;
  return explainVacuousCount(expect);
}
