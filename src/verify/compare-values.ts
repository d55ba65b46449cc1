import type { Cell } from '../engines/query-result.ts';
import { DrillError } from '../support/errors.ts';
import { compareDecimals, type Decimal, parseDecimal } from './decimal.ts';
import type { Scalar } from './expectations/scalar.ts';
import { type InstantMicros, instantOfDate, parseInstant } from './instant.ts';
import { showValue } from './show-value.ts';

/**
 * Whether the cell equals the value in the drill file. Numbers are compared as exact decimals (`10.00` equals 10), booleans also as 1 and 0 for servers without
 * a boolean type, instants as instants, and text as text: a *text* value equals a text cell only literally, so `007` is not `7`.
 */
export function equalsScalar(cell: Cell, expected: Scalar): boolean {
  if (cell === null || expected === null) return cell === expected;
  if (typeof expected === 'boolean') return asBoolean(cell) === expected;
  if (typeof expected === 'number') return equalDecimals(asDecimal(cell), exactNumber(expected));
  if (cell instanceof Date) return instantOfDate(cell) !== undefined && instantOfDate(cell) === parseInstant(expected);
  if (typeof cell === 'string') return cell === expected || equalInstants(cell, expected);
  if (typeof cell === 'boolean') return String(cell) === expected;
  return String(cell) === expected || equalDecimals(asDecimal(cell), parseDecimal(expected));
}

/**
 * Compares a cell with a bound: a number, or an instant in ISO 8601.
 * @returns below 0, 0 or above 0; undefined when the cell is of another kind (`NaN`, infinity, null, words), which no bound accepts. Throws `check-malformed`
 * for a bound that is neither a number nor an instant.
 */
export function compareWithBound(cell: Cell, bound: number | string): number | undefined {
  const number = typeof bound === 'number' ? exactNumber(bound) : parseDecimal(bound);
  if (number) {
    const value = asDecimal(cell);
    return value && compareDecimals(value, number);
  }
  const instant = parseInstant(String(bound));
  if (instant === undefined) throw unusableBound(bound);
  const value = asInstant(cell);
  if (value === undefined) return undefined;
  if (value === instant) return 0;
  return value < instant ? -1 : 1;
}

/** @returns undefined when the cell is not an instant. */
export function asInstant(cell: Cell): InstantMicros | undefined {
  if (cell instanceof Date) return instantOfDate(cell);
  return typeof cell === 'string' ? parseInstant(cell) : undefined;
}

function asDecimal(cell: Cell): Decimal | undefined {
  if (typeof cell === 'bigint') return { digits: cell, scale: 0 };
  return typeof cell === 'number' || typeof cell === 'string' ? parseDecimal(String(cell)) : undefined;
}

function asBoolean(cell: Cell): boolean | undefined {
  if (typeof cell === 'boolean') return cell;
  const text = String(cell).toLowerCase();
  if (text === '1' || text === 'true' || text === 't') return true;
  if (text === '0' || text === 'false' || text === 'f') return false;
  return undefined;
}

/** YAML reads 9007199254740993 as 9007199254740992, so comparing with that would prove the wrong thing. */
function exactNumber(value: number): Decimal {
  const decimal = parseDecimal(String(value));
  if (decimal && (!Number.isInteger(value) || Number.isSafeInteger(value))) return decimal;
  throw new DrillError('check-malformed', `the expected number ${value} cannot be represented exactly`, {
    hint: 'Put it in quotes in the drill file: it is then compared digit by digit.',
  });
}

function equalDecimals(a: Decimal | undefined, b: Decimal | undefined): boolean {
  return a !== undefined && b !== undefined && compareDecimals(a, b) === 0;
}

function equalInstants(a: string, b: string): boolean {
  const left = parseInstant(a);
  return left !== undefined && left === parseInstant(b);
}

function unusableBound(bound: number | string): DrillError {
  return new DrillError('check-malformed', `${showValue(bound)} is neither a number nor an instant`, {
    hint: 'min, max and between take numbers or ISO 8601 dates and times, such as 2026-11-20 or 2026-11-20T23:59:00Z.',
  });
}
