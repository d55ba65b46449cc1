import { createHash } from 'node:crypto';
import type { Cell, QueryResult } from '../../../engines/query-result.ts';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import { parseDecimal } from '../../decimal.ts';
import type { AllowedChange, KeptRow, KeptValue } from './kept-row.ts';

/** A query to be compared should return counts and sums, not the data itself. */
export const MAX_ROWS = 1000;

export interface MeasureOptions {
  readonly key: readonly string[] | undefined;
  readonly showKeys: boolean;
  readonly change: AllowedChange;
}

/** @throws DrillError `check-malformed` for too many rows, an unknown key column, and rows with the same key. */
export function measureResult({ columns, rows, truncated }: QueryResult, options: MeasureOptions): readonly KeptRow[] {
  if (truncated) throw tooManyRows();
  const keys = keyColumns(columns, options.key);
  const kept = rows.map((row, index): KeptRow => {
    const key = row.filter((_, column) => keys.has(column));
    const values = row.filter((_, column) => !keys.has(column)).map((cell) => keepValue(cell, options.change));
    return [keys.size === 0 ? `row ${index + 1}` : keepKey(key, options.showKeys), values];
  });
  if (new Set(kept.map(([key]) => key)).size < kept.length) throw sameKeys(columns, keys);
  return kept;
}

function keyColumns(columns: readonly string[], wanted: readonly string[] | undefined): ReadonlySet<number> {
  if (wanted === undefined) return new Set(columns.length > 1 ? [0] : []);
  const unknown = wanted.filter((name) => !columns.includes(name));
  if (unknown.length > 0) {
    throw new DrillError('check-malformed', `the query returns no column ${unknown.join(', ')}, which \`key\` names`, {
      hint: `It returns ${toPrintable(columns.join(', '))}.`,
    });
  }
  return new Set(columns.flatMap((name, index) => (wanted.includes(name) ? [index] : [])));
}

function keepKey(cells: readonly Cell[], isShown: boolean): string {
  const text = cells.map(textOf).join(', ');
  return isShown ? toPrintable(text) : hash(text);
}

function keepValue(cell: Cell, change: AllowedChange): KeptValue {
  if (cell === null) return null;
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? `h${hash('invalid')}` : `t${cell.toISOString()}`;
  if (typeof cell === 'number' || typeof cell === 'bigint') return `n${cell}`;
  if (typeof cell === 'string' && isFigure(cell, change)) return `n${cell}`;
  return `h${hash(textOf(cell))}`;
}

/**
 * Servers return decimals as text, so that no digit is lost. Text made of digits may also be data, so it is stored only where it is needed to compute with.
 */
function isFigure(text: string, change: AllowedChange): boolean {
  return parseDecimal(text) !== undefined && (change !== 'none' || /^-?\d+\.\d+$/.test(text));
}

function textOf(cell: Cell): string {
  return cell instanceof Date ? cell.toISOString() : String(cell);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function tooManyRows(): DrillError {
  return new DrillError('check-malformed', `the query returns more than ${formatCount(MAX_ROWS)} rows`, {
    hint: 'Compare counts and sums: group the rows, or aggregate them.',
  });
}

function sameKeys(columns: readonly string[], keys: ReadonlySet<number>): DrillError {
  const names = columns.filter((_, index) => keys.has(index)).join(', ');
  return new DrillError('check-malformed', `several rows have the same ${toPrintable(names)}`, {
    hint: 'Name the columns that tell rows apart under `key`.',
  });
}
