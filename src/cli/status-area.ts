import { toTerminalText } from '../support/printable.ts';
import type { Paint } from './style.ts';

/** The output of a status area. */
export interface DrawingStream {
  write(text: string): unknown;
  readonly columns?: number | undefined;
}

/** A line of a status area: truncated to the terminal's width before it is colored. */
export interface StatusLine {
  readonly text: string;
  readonly format?: Parameters<Paint>[0];
}

const DEFAULT_COLUMNS = 80;

/**
 * Some lines at the end of the output that are redrawn in place, with everything else printed above them. Texts must already be printable. Nothing is drawn if
 * nothing changed; the cursor stays below the last line.
 */
export class StatusArea {
  readonly #stream: DrawingStream;
  readonly #paint: Paint;
  readonly #own: RegExp | undefined;
  #lines: readonly StatusLine[] = [];
  #drawn: readonly string[] = [];

  /** @param own control sequences that printed lines may contain besides colors. */
  constructor(stream: DrawingStream, paint: Paint, own?: RegExp) {
    this.#stream = stream;
    this.#own = own;
    this.#paint = paint;
  }

  /** How many characters fit on a line: the last column is left free, since some terminals wrap there. A terminal that does not know its width reports 0. */
  get columns(): number {
    return Math.max(0, (this.#stream.columns || DEFAULT_COLUMNS) - 1);
  }

  draw(lines: readonly StatusLine[]): void {
    this.#lines = lines;
    const cut = this.#render();
    if (cut.join('\n') === this.#drawn.join('\n')) return;
    this.#stream.write(this.#erasure() + cut.map((line) => `${line}\n`).join(''));
    this.#drawn = cut;
  }

  /** Prints lines that stay, above the area. */
  print(lines: readonly string[]): void {
    if (lines.length === 0) return;
    const cut = this.#render();
    const kept = [...lines.map((line) => toTerminalText(line, this.#own)), ...cut];
    this.#stream.write(this.#erasure() + kept.map((line) => `${line}\n`).join(''));
    this.#drawn = cut;
  }

  clear(): void {
    this.draw([]);
  }

  #render(): readonly string[] {
    return this.#lines.map(({ text, format }) => {
      const cut = cutTo(text, this.columns);
      return format === undefined ? cut : this.#paint(format, cut);
    });
  }

  /** Moves to the area's first line and clears from there. Source: ECMA-48, CUU and ED. */
  #erasure(): string {
    return this.#drawn.length === 0 ? '' : `\u001b[${this.#drawn.length}A\u001b[0J`;
  }
}

/** Truncates a text without color codes to a width, with an ellipsis. */
function cutTo(text: string, width: number): string {
  if (text.length <= width) return text;
  return width < 1 ? '' : `${text.slice(0, width - 1)}…`;
}
