import { stripVTControlCharacters } from 'node:util';
import type { TextSink } from './io.ts';

/** A text for people, wrapped at words if the sink is a terminal; pipes and files get each line whole. */
export function wrapFor({ isTTY, columns }: Pick<TextSink, 'isTTY' | 'columns'>, text: string): string {
  return isTTY ? wrapText(text, columns) : text;
}

/**
 * Wraps lines at words, with further lines below the text of the first: below the last column of a row, else two spaces deeper than its line. A command
 * in backticks, or after a colon at the end of a line, stays in one piece, and so does a word that no line has room for: a terminal wraps them itself,
 * and they can still be copied.
 * @param text may contain colors and links, which take no room.
 * @param width in characters; undefined or 0: unknown, so nothing is wrapped.
 */
export function wrapText(text: string, width: number | undefined): string {
  if (!width) return text;
  return text
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n');
}

/** A terminal that is narrower gets the lines as they are. */
const MIN_ROOM = 20;

/** With the spaces before it: a command, or a word. */
const PIECE = /\s*(?:(?<=: )firedrill .*$|`[^`]*`\S*|\S+)/g;

function wrapLine(line: string, width: number): string {
  if (lengthOf(line) <= width) return line;
  const indent = indentOf(stripVTControlCharacters(line), width);
  if (width - indent < MIN_ROOM) return line;
  const lines: string[] = [];
  let current = '';
  for (const [piece] of line.matchAll(PIECE)) {
    if (current === '' || lengthOf(current + piece) <= width || isLabel(current, indent)) current += piece;
    else {
      lines.push(current);
      current = ' '.repeat(indent) + piece.trimStart();
    }
  }
  return [...lines, current].join('\n');
}

/** Nothing is wrapped right after the indentation or the label, since that would leave a line without text. */
function isLabel(current: string, indent: number): boolean {
  return lengthOf(current.trimEnd()) < indent;
}

/** Where the text of a line begins, after its mark and columns if it has some in the left half. */
function indentOf(line: string, width: number): number {
  const own = line.search(/\S/);
  const gaps = [...line.slice(0, Math.floor(width / 2)).matchAll(/(?<=\S) {2,}(?=\S)/g)];
  const last = gaps.at(-1);
  return last ? last.index + last[0].length : own + 2;
}

function lengthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
