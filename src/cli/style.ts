import { styleText } from 'node:util';
import { toPrintable } from '../support/printable.ts';
import type { Io, TextSink } from './io.ts';

type Format = Parameters<typeof styleText>[0];
export type Paint = (format: Format, text: string) => string;

/** Colors only on a terminal, and never with NO_COLOR or TERM=dumb; FORCE_COLOR forces them. See no-color.org. */
export function painter(io: Pick<Io, 'env'>, sink: TextSink): Paint {
  const { NO_COLOR, FORCE_COLOR, TERM } = io.env;
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== '0';
  const wanted = forced || (!NO_COLOR && TERM !== 'dumb' && sink.isTTY === true);
  return wanted ? (format, text) => styleText(format, text, { validateStream: false }) : (_format, text) => text;
}

/** Untrusted text (names, keys, messages of servers) without characters that could control a terminal; line breaks are kept. */
export function printable(text: string): string {
  return text
    .split('\n')
    .map((line) => toPrintable(line, 4000))
    .join('\n');
}

/**
 * Formats rows as columns of equal width. The last column is not padded, and is truncated where a terminal would wrap it. Widths ignore color codes.
 * @param maxWidth of a line; undefined: unlimited (files and pipes get everything).
 */
export function formatTable(
  rows: readonly (readonly string[])[],
  paint: (row: number, column: number, text: string) => string,
  maxWidth?: number,
): string {
  const widths = new Map<number, number>();
  const shown = rows.map((row) => row.map((cell) => toPrintable(cell, Number.POSITIVE_INFINITY)));
  for (const row of shown) {
    for (const [column, cell] of row.entries()) widths.set(column, Math.max(widths.get(column) ?? 0, cell.length));
  }
  const widthBefore = (column: number) =>
    [...widths].reduce((sum, [other, width]) => (other < column ? sum + width + GAP.length : sum), 0);
  const formatCell = (row: number, column: number, cell: string, isLast: boolean) => {
    if (!isLast) return paint(row, column, cell) + ' '.repeat((widths.get(column) ?? 0) - cell.length);
    const room = maxWidth === undefined ? cell.length : Math.max(20, maxWidth - widthBefore(column));
    return paint(row, column, cell.length > room ? `${cell.slice(0, room - 1)}…` : cell);
  };
  return shown
    .map((row, index) =>
      row
        .map((cell, column) => formatCell(index, column, cell, column === row.length - 1))
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}

const GAP = '  ';
