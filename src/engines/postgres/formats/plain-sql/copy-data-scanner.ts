const TERMINATOR = Buffer.from('\n\\.');
const NEWLINE = 10;
const RETURN = 13;
const DOT = 46;
const BACKSLASH = 92;

/** Data that can be passed on, and, once the terminator was found, the bytes after it. */
export interface ScannedData {
  readonly data: readonly Buffer[];
  readonly rest: Buffer | undefined;
}

/**
 * Finds the end of one COPY block: a line that is exactly `\.`, ended by LF or CRLF. In COPY's text format such a line can only be the end: a backslash in data
 * is doubled. Data is passed on as views of the input; only a few bytes that may start the terminator are held back.
 */
export class CopyDataScanner {
  private held: Buffer | undefined;
  private atLineStart = true;

  scan(chunk: Buffer, final: boolean): ScannedData {
    const bytes = this.held ? Buffer.concat([this.held, chunk]) : chunk;
    this.held = undefined;
    const data: Buffer[] = [];
    let from = 0;
    for (;;) {
      const candidate = this.atLineStart && from === 0 && startsTerminator(bytes) ? 0 : next(bytes, from);
      if (candidate === undefined) break;
      const end = terminatorEnd(bytes, candidate, final);
      if (end === 'unknown') {
        this.hold(bytes, candidate, data);
        return { data, rest: undefined };
      }
      if (end !== undefined) {
        if (candidate > 0) data.push(bytes.subarray(0, candidate));
        return { data, rest: bytes.subarray(end) };
      }
      from = candidate + 2; // a line that merely starts like the terminator
    }
    this.hold(bytes, tailStart(bytes), data);
    return { data, rest: undefined };
  }

  private hold(bytes: Buffer, at: number, data: Buffer[]): void {
    if (at > 0) {
      data.push(bytes.subarray(0, at));
      this.atLineStart = bytes[at - 1] === NEWLINE;
    }
    this.held = at < bytes.length ? Buffer.from(bytes.subarray(at)) : undefined;
  }
}

function startsTerminator(bytes: Buffer): boolean {
  return bytes[0] === BACKSLASH && (bytes.length === 1 || bytes[1] === DOT);
}

/** @returns the position of the next `\.` at the start of a line. */
function next(bytes: Buffer, from: number): number | undefined {
  const found = bytes.indexOf(TERMINATOR, from === 0 ? 0 : from - 1);
  return found < 0 ? undefined : found + 1;
}

/** @returns the index after the terminator's line, undefined if it is not one, `unknown` if the bytes end too early to decide. */
function terminatorEnd(bytes: Buffer, at: number, final: boolean): number | undefined | 'unknown' {
  const after = at + 2;
  if (after >= bytes.length) return final && after === bytes.length ? after : 'unknown';
  if (bytes[after] === NEWLINE) return after + 1;
  if (bytes[after] !== RETURN) return undefined;
  if (after + 1 >= bytes.length) return final ? after + 1 : 'unknown';
  return bytes[after + 1] === NEWLINE ? after + 2 : undefined;
}

/** A last line that is only `\` so far may become the terminator; an empty one need not be held back, since the line start is remembered. */
function tailStart(bytes: Buffer): number {
  const last = bytes.length - 1;
  return bytes[last] === BACKSLASH && bytes[last - 1] === NEWLINE ? last : bytes.length;
}
