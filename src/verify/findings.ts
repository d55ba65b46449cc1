import { toPrintable } from '../support/printable.ts';
import { formatCount } from '../support/quantities.ts';
import type { Finding } from './expectations/expectation-kind.ts';

const NAMED = 3;

/**
 * The finding of a check that inspects many things: it fails if there are problems, and otherwise passes with `fine`. @param notes shown as details after the
 * problems.
 */
export function findingOf(
  problems: readonly string[],
  fine: string,
  notes: readonly string[] = [],
): Finding & { readonly details: readonly string[] } {
  const details = (problems.length > NAMED ? [...problems, ...notes] : notes).map(toWholePrintable);
  if (problems.length === 0) return { passed: true, actual: toWholePrintable(fine), details };
  const named = problems.slice(0, NAMED).map((problem) => toPrintable(problem, 200));
  const rest = problems.length > NAMED ? ` (and ${formatCount(problems.length - NAMED)} more)` : '';
  return { passed: false, actual: `${named.join('; ')}${rest}`, details };
}

/** Lists of names may be long, and any name may contain a line break. */
function toWholePrintable(text: string): string {
  return toPrintable(text, Number.POSITIVE_INFINITY);
}

/** `1 table`, `1,204 tables`. */
export function countOf(count: number | bigint, one: string, many = `${one}s`): string {
  return count === 1 || count === 1n ? `1 ${one}` : `${formatBig(count)} ${many}`;
}

export function formatBig(count: number | bigint): string {
  return typeof count === 'number' ? formatCount(count) : String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 row has`, `2 rows have`. */
export function rowsThat(count: bigint, one: string, many: string): string {
  return `${countOf(count, 'row')} ${count === 1n ? one : many}`;
}
