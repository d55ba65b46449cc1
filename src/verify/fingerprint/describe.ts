import { toPrintable } from '../../support/printable.ts';
import { formatCount } from '../../support/quantities.ts';
import type { Difference, RangeDifference } from './compare.ts';

/** Maximum number of tables in the sentence, and of ranges shown for a table. */
const MAX_NAMED = 4;
const MAX_RANGES = 8;

/** `2 of 21 tables differ: public.rental lacks 160 rows; public.customer has other values in email`. */
export function summarize(differences: readonly Difference[], compared: number): string {
  const named = differences
    .slice(0, MAX_NAMED)
    .map(({ table, ...rest }) => `${toPrintable(table, 100)} ${sayShort({ table, ...rest } as Difference)}`);
  const more = differences.length > MAX_NAMED ? `; and ${formatCount(differences.length - MAX_NAMED)} more` : '';
  const of = compared === 1 ? '1 table' : `${formatCount(compared)} tables`;
  return `${formatCount(differences.length)} of ${of} ${differences.length === 1 ? 'differs' : 'differ'}: ${named.join('; ')}${more}`;
}

/** One line for each table, with the ranges of keys when `locate` asks for them. */
export function describeDifferences(differences: readonly Difference[], locate: boolean): readonly string[] {
  return differences.flatMap((difference) => {
    const line = `${toPrintable(difference.table, 100)}: ${sayWhole(difference)}`;
    return locate && difference.kind === 'rows' && difference.ranges.length > 0
      ? [line, ...describeRanges(difference.ranges)]
      : [line];
  });
}

function sayShort(difference: Difference): string {
  switch (difference.kind) {
    case 'missing':
      return 'is missing';
    case 'new':
      return 'is not in the source';
    case 'columns':
      return 'has other columns';
    case 'rows':
      return difference.surplus === 0n ? sayContent(difference.filled) : saySurplus(difference.surplus);
  }
}

function sayWhole(difference: Difference): string {
  if (difference.kind === 'missing') return `is missing; the source has ${formatRows(difference.rows)} in it`;
  if (difference.kind === 'columns') return difference.columns.map((text) => toPrintable(text, 200)).join(', ');
  return sayShort(difference);
}

/** More rows may have changed as well: the digest cannot show that. */
function saySurplus(surplus: bigint): string {
  return surplus < 0n ? `lacks ${formatRows(-surplus)}` : `has ${formatRows(surplus)} too many`;
}

function sayContent(filled: ReadonlyMap<string, bigint>): string {
  if (filled.size === 0) return 'has as many rows, with other values';
  return [...filled]
    .slice(0, MAX_NAMED)
    .map(([column, difference]) => {
      const values = `${formatCount(Number(difference < 0n ? -difference : difference))} ${difference === 1n || difference === -1n ? 'row' : 'rows'}`;
      const name = toPrintable(column, 100);
      return difference < 0n ? `has ${name} NULL in ${values} more` : `has ${name} filled in ${values} more`;
    })
    .join(', ');
}

function describeRanges(ranges: readonly RangeDifference[]): readonly string[] {
  const lines = ranges.slice(0, MAX_RANGES).map(({ from, to, surplus }) => {
    const keys =
      from === undefined
        ? `below ${to === undefined ? '' : to + 1n}`
        : to === undefined
          ? `from ${from}`
          : `${from} to ${to}`;
    return `  keys ${keys}: ${surplus === 0n ? 'other values' : saySurplus(surplus)}`;
  });
  const left = ranges.length - MAX_RANGES;
  return left > 0 ? [...lines, `  and ${formatCount(left)} more ranges of keys`] : lines;
}

function formatRows(rows: bigint): string {
  return rows === 1n ? '1 row' : `${formatCount(Number(rows))} rows`;
}
