import type { MeasuredValue, PastCheck } from '../../../record/check-record.ts';
import { formatCount } from '../../../support/quantities.ts';
import { formatChange, formatChangeRange } from '../../change-range.ts';
import type { Evaluation } from '../../check-kind.ts';
import { compareDecimals, parseDecimal } from '../../decimal.ts';
import { countOf } from '../../findings.ts';
import type { AllowedChange, KeptRow, KeptValue } from './kept-row.ts';

export function describeAllowed(change: AllowedChange): string {
  if (change === 'none') return 'no change';
  return change === 'growth' ? 'nothing less' : `within ${formatChangeRange(change)}`;
}

/** Compares a result with that of the last good run, row by row. Pure. */
export function compareResults(
  rows: readonly KeptRow[],
  last: PastCheck | undefined,
  change: AllowedChange,
): Omit<Evaluation, 'expected'> {
  const measured = { result: rows };
  const before = last && readRows(last.record.measured?.['result']);
  if (!last || !before) {
    return {
      passed: true,
      actual: `learned ${countOf(rows.length, 'row')}: there is no good run to compare with`,
      measured,
    };
  }
  const lines = findDifferences(before, rows, change);
  const [first] = lines;
  if (first === undefined) {
    return { passed: true, actual: `${describeRows(rows, before)} since run ${last.runId}`, measured };
  }
  const more = lines.length > 1 ? ` (and ${formatCount(lines.length - 1)} more)` : '';
  return {
    passed: false,
    actual: `${first} since run ${last.runId}${more}`,
    details: lines.length > 1 ? lines : [],
    measured,
  };
}

function findDifferences(
  before: readonly KeptRow[],
  after: readonly KeptRow[],
  change: AllowedChange,
): readonly string[] {
  const now = new Map(after);
  const then = new Map(before);
  const gone = before.filter(([key]) => !now.has(key)).map(([key]) => `${nameRow(key)} is gone`);
  const fresh = after.filter(([key]) => !then.has(key)).map(([key]) => `${nameRow(key)} is new`);
  const changed = after.flatMap(([key, values]) => {
    const old = then.get(key);
    if (!old) return [];
    if (old.length !== values.length) return [`${nameRow(key)} has ${values.length} values instead of ${old.length}`];
    const prefix = after.length === 1 && before.length === 1 && key === 'row 1' ? '' : `${nameRow(key)}: `;
    return values.flatMap((value, index) => {
      const was = old[index] ?? null;
      return isAllowed(was, value, change)
        ? []
        : [`${prefix}${show(value)}, ${show(was)} before${describeStep(was, value)}`];
    });
  });
  return [...gone, ...changed, ...(change === 'none' ? fresh : [])];
}

function isAllowed(before: KeptValue, after: KeptValue, change: AllowedChange): boolean {
  if (before === after) return true;
  if (before === null || after === null || before[0] !== after[0]) return false;
  if (before.startsWith('t')) return change === 'growth' && after > before;
  const order = compareNumbers(before, after);
  if (order === undefined) return false;
  if (order === 0) return true;
  if (change === 'none') return false;
  if (change === 'growth') return order < 0;
  const from = Number(before.slice(1));
  const step = Number(after.slice(1)) - from;
  if (from === 0) return step > 0 ? change.high > 0 : change.low < 0;
  return step >= change.low * Math.abs(from) && step <= change.high * Math.abs(from);
}

/** @returns below 0 when the first is less; undefined when one is not a number. */
function compareNumbers(a: string, b: string): number | undefined {
  if (!a.startsWith('n') || !b.startsWith('n')) return undefined;
  const [left, right] = [parseDecimal(a.slice(1)), parseDecimal(b.slice(1))];
  return left && right && compareDecimals(left, right);
}

function describeStep(before: KeptValue, after: KeptValue): string {
  if (!before?.startsWith('n') || !after?.startsWith('n')) return '';
  return ` (${formatChange(Number(before.slice(1)), Number(after.slice(1)))})`;
}

/** Figures are shown; for anything else, only the fact that it differs. */
function show(value: KeptValue): string {
  if (value === null) return 'no value';
  return value.startsWith('h') ? 'another value' : value.slice(1);
}

/** `1204, 1180 before (+2%)` for a single figure, otherwise the number of rows. */
function describeRows(rows: readonly KeptRow[], before: readonly KeptRow[]): string {
  const [only, was] = [onlyValue(rows), onlyValue(before)];
  if (only === undefined || was === undefined || only?.startsWith('h'))
    return `${countOf(rows.length, 'row')}, as allowed`;
  return only === was ? show(only) : `${show(only)}, ${show(was)} before${describeStep(was, only)}`;
}

function onlyValue(rows: readonly KeptRow[]): KeptValue | undefined {
  const [first] = rows;
  return rows.length === 1 && first?.[1].length === 1 ? first[1][0] : undefined;
}

/** Only the beginning of a hashed key is shown: enough to distinguish rows. */
function nameRow(key: string): string {
  if (/^row \d+$/.test(key)) return key;
  return /^[0-9a-f]{16}$/.test(key) ? `row #${key.slice(0, 6)}` : `row ${key}`;
}

/** @returns undefined when a check of another kind had this name. */
function readRows(value: MeasuredValue | undefined): readonly KeptRow[] | undefined {
  return Array.isArray(value) ? (value as readonly KeptRow[]) : undefined;
}
