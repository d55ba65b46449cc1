import { QuotedText, type Quoting } from './quoted-text.ts';
import { isIdentifierByte, isIdentifierStart, isWhitespace, NewlineSearch } from './sql-bytes.ts';
import { StatementShape } from './statement-shape.ts';

export type Lexed =
  | {
      readonly kind: 'statement' | 'copy' | 'meta' | 'comment' | 'fragment' | 'zeros';
      readonly start: number;
      readonly textEnd: number;
      readonly end: number;
    }
  | {
      readonly kind: 'unfinished';
      readonly within: string;
      readonly start: number;
      readonly textEnd: number;
      readonly end: number;
    };

type Mode = 'plain' | Quoting | 'copyLine';

const WITHIN: Record<Mode, string> = {
  plain: 'a statement',
  string: 'a quoted string',
  escapeString: 'a quoted string',
  quotedName: 'a quoted name',
  dollar: 'a dollar-quoted string',
  block: 'a comment',
  line: 'a comment',
  copyLine: 'a COPY statement',
};

/** The comment that a dump begins with: an open statement before it was cut short. */
const HEADER = /^-- PostgreSQL database (?:cluster )?dump\s*$/;
/** A longer comment is not a marker of pg_dump, and is skipped without waiting for its end. */
const MARKER_BYTES = 200;
const MAX_META_BYTES = 65_536;

/**
 * Finds where statements end. It keeps its position between calls, so that a statement which arrives in many pieces is read once. The caller keeps
 * the bytes from the statement's start on, and reports by {@link shift} how many of them it has dropped.
 */
export class SqlLexer {
  position = 0;
  private mode: Mode = 'plain';
  private start = -1;
  private readonly quoted = new QuotedText();
  /** The last token was an E'' string: another piece of it may follow after white space. */
  private afterEscapeString = false;
  private standardStrings = true;
  private readonly shape = new StatementShape();
  /** The statement's beginning was dropped; a COPY statement never gets so long. */
  private isLong = false;
  private ended: { textEnd: number; end: number } | undefined;

  /** Whether the bytes before {@link position} belong to no statement that has begun. */
  get isBetween(): boolean {
    return this.start < 0 && (this.mode === 'plain' || this.mode === 'line' || this.mode === 'block');
  }

  /** Where the current statement begins in the work. */
  get beginning(): number {
    return Math.max(0, this.start);
  }

  shift(byteCount: number): void {
    this.position -= byteCount;
    if (this.start >= 0) this.start -= byteCount;
    if (this.ended) this.ended = { textEnd: this.ended.textEnd - byteCount, end: this.ended.end - byteCount };
  }

  /** Forgets bytes of the statement that is being read, all of them before {@link position}; the next work begins with the rest of the statement. */
  drop(byteCount: number): void {
    this.position -= byteCount;
    this.start = 0;
    this.isLong = true;
  }

  /** psql asks the server how backslashes in plain strings are read; dumps of old servers set it. */
  noteSetting(statement: Buffer): void {
    if (statement.length > 100 || (statement[0] !== 83 && statement[0] !== 115)) return;
    const value = /^SET\s+(?:SESSION\s+)?standard_conforming_strings\s*(?:=|\sTO\s)\s*'?(on|off)/i.exec(
      statement.toString('latin1'),
    )?.[1];
    if (value) this.standardStrings = value.toLowerCase() === 'on';
  }

  /** @returns the next complete item; undefined when more bytes are needed, or when the final bytes are used up. */
  next(work: Buffer, final: boolean): Lexed | undefined {
    for (;;) {
      if (this.mode === 'copyLine') return this.endCopyLine(work, final);
      if (this.position >= work.length) return final ? this.finish(work) : undefined;
      if (this.mode !== 'plain') {
        if (this.leaveQuoted(work, this.mode)) continue;
        return final ? this.finish(work) : undefined;
      }
      const step = this.readPlain(work, final);
      if (step === 'more') return undefined;
      if (step) return step;
    }
  }

  /** Continues in plain SQL. @returns what was found, `more` when the bytes end within a token, undefined to go on (possibly in another mode). */
  private readPlain(work: Buffer, final: boolean): Lexed | 'more' | undefined {
    const { length } = work;
    while (this.position < length) {
      const at = this.position;
      const byte = work[at] as number;
      if (isWhitespace(byte)) {
        this.position = at + 1;
        continue;
      }
      const isPair = byte === 45 || byte === 47; // - /
      if (isPair && at + 1 >= length && !final) return 'more';
      if (isPair && work[at + 1] === (byte === 45 ? 45 : 42))
        return byte === 45 ? this.lineComment(work, final) : this.blockComment();
      if (byte === 92) return this.start < 0 ? this.metaCommand(work, final) : this.breakOff(at);
      if (byte === 0) return this.start < 0 ? this.zeros(work) : this.breakOff(at);
      if (this.start < 0) {
        if (byte === 59) {
          this.position = at + 1;
          continue; // an empty statement
        }
        this.start = at;
        this.isLong = false;
        this.shape.reset();
      }
      if (isIdentifierStart(byte)) {
        const step = this.word(work, final);
        if (step) return step === 'go' ? undefined : step;
        continue;
      }
      if (byte === 39) {
        this.mode = !this.standardStrings || this.afterEscapeString ? 'escapeString' : 'string';
        this.position = at + 1;
        return undefined;
      }
      this.afterEscapeString = false;
      if (byte === 34) {
        this.mode = 'quotedName';
        this.position = at + 1;
        return undefined;
      }
      if (byte === 36) {
        const step = this.dollar(work, final);
        if (step) return step === 'go' ? undefined : step;
        continue;
      }
      this.position = at + 1;
      if (byte === 59 && this.shape.mayEnd) return this.endStatement(work, at);
      if (byte === 40) this.shape.open();
      else if (byte === 41) this.shape.close();
    }
    return undefined;
  }

  private word(work: Buffer, final: boolean): 'more' | 'go' | undefined {
    const from = this.position;
    let to = from + 1;
    while (to < work.length && isIdentifierByte(work[to] as number)) to += 1;
    if (to === work.length && !final) return 'more';
    this.afterEscapeString = false;
    if (to === from + 1 && work[to] === 39 && (work[from] === 69 || work[from] === 101)) {
      this.mode = 'escapeString';
      this.position = to + 1;
      return 'go';
    }
    this.position = to;
    this.shape.word(work, from, to);
    return undefined;
  }

  /** `$tag$` begins a string; a lone `$` or `$1` means nothing. */
  private dollar(work: Buffer, final: boolean): 'more' | 'go' | undefined {
    const from = this.position;
    let to = from + 1;
    if (to < work.length && isIdentifierStart(work[to] as number)) {
      while (to < work.length && work[to] !== 36 && isIdentifierByte(work[to] as number)) to += 1;
    }
    if (to >= work.length && !final) return 'more';
    if (work[to] !== 36) {
      this.position = from + 1;
      return undefined;
    }
    this.quoted.delimiter = Buffer.from(work.subarray(from, to + 1));
    this.mode = 'dollar';
    this.position = to + 1;
    return 'go';
  }

  private blockComment(): undefined {
    this.mode = 'block';
    this.quoted.commentDepth = 1;
    this.position += 2;
    return undefined;
  }

  /** A comment between statements may be a dump's end marker. */
  private lineComment(work: Buffer, final: boolean): Lexed | 'more' | undefined {
    const from = this.position;
    const end = NewlineSearch.from(work, from);
    if (end === undefined && !final && work.length - from < MARKER_BYTES) return 'more';
    if (end === undefined && !final) {
      this.mode = 'line';
      return undefined;
    }
    if (
      this.start >= 0 &&
      HEADER.test(work.toString('latin1', from, Math.min(end ?? work.length, from + MARKER_BYTES)))
    )
      return this.breakOff(from);
    this.position = end ?? work.length;
    if (this.start >= 0 || this.position - from > MARKER_BYTES) return undefined;
    return { kind: 'comment', start: from, textEnd: this.position, end: this.position };
  }

  /** Reports that what began before this position has no end. */
  private breakOff(at: number): Lexed {
    const found = { kind: 'fragment', start: this.start, textEnd: at, end: at } as const;
    this.position = at;
    this.start = -1;
    return found;
  }

  private zeros(work: Buffer): Lexed {
    const from = this.position;
    while (this.position < work.length && work[this.position] === 0) this.position += 1;
    return { kind: 'zeros', start: from, textEnd: this.position, end: this.position };
  }

  /** A command extends to the end of its line. Within a statement psql would run it or change the statement; pg_dump never writes that. */
  private metaCommand(work: Buffer, final: boolean): Lexed | 'more' {
    const from = this.position;
    const end = NewlineSearch.from(work, from);
    if (end === undefined && !final && work.length - from < MAX_META_BYTES) return 'more';
    this.position = Math.min(end ?? work.length, from + MAX_META_BYTES);
    this.start = -1;
    return { kind: 'meta', start: from, textEnd: this.position, end: this.position };
  }

  private endStatement(work: Buffer, at: number): Lexed | undefined {
    if (!this.isLong && StatementShape.isCopyFromStdin(work, this.start, at)) {
      this.ended = { textEnd: at, end: at + 1 };
      this.mode = 'copyLine';
      return undefined;
    }
    const found = { kind: 'statement', start: this.start, textEnd: at, end: at + 1 } as const;
    this.start = -1;
    return found;
  }

  /** COPY data begins on the line after the statement. */
  private endCopyLine(work: Buffer, final: boolean): Lexed | undefined {
    const textEnd = this.ended?.textEnd ?? 0;
    while (this.position < work.length) {
      const byte = work[this.position];
      this.position += 1;
      if (byte === 10) {
        const found = { kind: 'copy', start: this.start, textEnd, end: this.position } as const;
        this.start = -1;
        this.ended = undefined;
        this.mode = 'plain';
        return found;
      }
    }
    return final ? this.finish(work) : undefined;
  }

  private finish(work: Buffer): Lexed | undefined {
    const { start, mode } = this;
    this.position = work.length;
    this.start = -1;
    if (mode === 'plain' && (start < 0 || this.shape.mayEnd)) {
      return start < 0 ? undefined : { kind: 'statement', start, textEnd: work.length, end: work.length };
    }
    this.mode = 'plain';
    if (mode === 'line') return undefined;
    return { kind: 'unfinished', within: WITHIN[mode], start, textEnd: work.length, end: work.length };
  }

  /** @returns false when the bytes end before the quoted text does. */
  private leaveQuoted(work: Buffer, quoting: Quoting): boolean {
    const end = this.quoted.leave(quoting, work, this.position);
    this.position = end < 0 ? -1 - end : end;
    if (end < 0) return false;
    this.mode = 'plain';
    if (quoting === 'escapeString') this.afterEscapeString = true;
    return true;
  }
}
