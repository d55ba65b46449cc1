import type { Cell } from '../engines/query-result.ts';
import { MAX_SHOWN_LENGTH, toPrintable } from '../support/printable.ts';
import type { Scalar } from './expectations/scalar.ts';

/** A value from a server or a drill, human-readable: text in quotes, numbers bare, instants in ISO 8601, at most about 200 characters. */
export function showValue(value: Cell | Scalar | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'no value';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid date' : value.toISOString();
  if (typeof value !== 'string') return String(value);
  return /^[+-]?\d+(\.\d+)?$/.test(value) && value.length <= MAX_SHOWN_LENGTH ? value : `'${toPrintable(value)}'`;
}
