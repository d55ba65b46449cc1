import { styleText } from 'node:util';
import { toPrintable } from '../support/printable.ts';
import type { Io, TextSink } from './io.ts';

type Format = Parameters<typeof styleText>[0];
export type Paint = (format: Format, text: string) => string;

/** Colours only on a terminal, and never against NO_COLOR or TERM=dumb; FORCE_COLOR insists. See no-color.org. */
export function painter(io: Pick<Io, 'env'>, sink: TextSink): Paint {
  const { NO_COLOR, FORCE_COLOR, TERM } = io.env;
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== '0';
  const wanted = forced || (!NO_COLOR && TERM !== 'dumb' && sink.isTTY === true);
  return wanted ? (format, text) => styleText(format, text, { validateStream: false }) : (_format, text) => text;
}

/** Text from outside (names, keys, messages of servers) without what could steer a terminal; line breaks stay. */
export function printable(text: string): string {
  return text
    .split('\n')
    .map((line) => toPrintable(line, 4000))
    .join('\n');
}

/** Lines of cells as columns of equal width; the last column is not padded. Widths are those of the text, not of its colours. */
export function formatTable(
  rows: readonly (readonly string[])[],
  paint: (row: number, column: number, text: string) => string,
): string {
  const widths = new Map<number, number>();
  for (const row of rows)
    for (const [column, cell] of row.entries()) {
      widths.set(column, Math.max(widths.get(column) ?? 0, cell.length));
    }
  return rows
    .map((row, index) =>
      row
        .map((cell, column) => {
          const padding = column === row.length - 1 ? '' : ' '.repeat((widths.get(column) ?? 0) - cell.length);
          return paint(index, column, cell) + padding;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
