import type { Work } from '../../../sql-dump/quoted-text.ts';
import { found, StatementLexer, type Step, type Token } from '../../../sql-dump/statement-lexer.ts';
import { type Quoting as QuotedKind, QuotedText } from './quoted-text.ts';
import { isIdentifierByte, isIdentifierStart, isWhitespace, NewlineSearch } from './sql-bytes.ts';
import { StatementShape } from './statement-shape.ts';

type Quoting = QuotedKind | 'copyLine';

const WITHIN: Readonly<Record<'plain' | Quoting, string>> = {
  plain: 'a statement',
  string: 'a quoted string',
  escapeString: 'a quoted string',
  quotedName: 'a quoted name',
  dollar: 'a dollar-quoted string',
  block: 'a comment',
  line: 'a comment',
  copyLine: 'a COPY statement',
};

/** The comment at the start of a dump: if a statement is still open there, it was cut short. */
const HEADER = /^-- PostgreSQL database (?:cluster )?dump\s*$/;
/** A longer comment is not a marker of pg_dump, and is skipped without waiting for its end. */
const MARKER_BYTES = 200;
const MAX_META_BYTES = 65_536;

/** Reads SQL as psql does. */
export class SqlLexer extends StatementLexer<Quoting> {
  private readonly quoted = new QuotedText();
  /** The last token was an E'' string, which may continue in another piece after white space. */
  private afterEscapeString = false;
  private standardStrings = true;
  private readonly shape = new StatementShape();
  private ended: { textEnd: number; end: number } | undefined;

  override shift(byteCount: number): void {
    super.shift(byteCount);
    if (this.ended) this.ended = { textEnd: this.ended.textEnd - byteCount, end: this.ended.end - byteCount };
  }

  /** psql asks the server how to read backslashes in plain strings; dumps of old servers set it. */
  noteSetting(statement: Buffer): void {
    if (statement.length > 100 || (statement[0] !== 83 && statement[0] !== 115)) return;
    const value = /^SET\s+(?:SESSION\s+)?standard_conforming_strings\s*(?:=|\sTO\s)\s*'?(on|off)/i.exec(
      statement.toString('latin1'),
    )?.[1];
    if (value) this.standardStrings = value.toLowerCase() === 'on';
  }

  /** Continues in plain SQL, possibly into another mode. */
  protected override readPlain({ bytes: work }: Work, final: boolean): Step {
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

  /** `$tag$` starts a string; a lone `$` or `$1` has no meaning. */
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
  private lineComment(work: Buffer, final: boolean): Step {
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
    return found('comment', from, this.position, this.position);
  }

  /** Reports that what started before this position is unterminated. */
  private breakOff(at: number): Token {
    const { start } = this;
    this.position = at;
    this.start = -1;
    return found('fragment', start, at, at);
  }

  /** A command extends to the end of its line. Within a statement, psql would run it or change the statement; pg_dump never writes that. */
  private metaCommand(work: Buffer, final: boolean): Token | 'more' {
    const from = this.position;
    const end = NewlineSearch.from(work, from);
    if (end === undefined && !final && work.length - from < MAX_META_BYTES) return 'more';
    this.position = Math.min(end ?? work.length, from + MAX_META_BYTES);
    this.start = -1;
    return found('command', from, this.position, this.position);
  }

  /** A statement whose beginning was dropped cannot be a COPY: those are short. */
  private endStatement(work: Buffer, at: number): Token | undefined {
    if (!this.isLong && StatementShape.isCopyFromStdin(work, this.start, at)) {
      this.ended = { textEnd: at, end: at + 1 };
      this.mode = 'copyLine';
      return undefined;
    }
    const { start } = this;
    this.start = -1;
    return found('statement', start, at, at + 1);
  }

  protected override leaveQuoted(work: Work, quoting: Quoting): Step {
    if (quoting === 'copyLine') return this.endCopyLine(work.bytes);
    const end = this.quoted.leave(quoting, work, this.position);
    this.position = end < 0 ? -1 - end : end;
    if (end < 0) return 'more';
    this.mode = 'plain';
    if (quoting === 'escapeString') this.afterEscapeString = true;
    return undefined;
  }

  /** COPY data starts on the line after the statement. */
  private endCopyLine(work: Buffer): Step {
    const { start } = this;
    const newline = work.indexOf(10, this.position);
    this.position = newline < 0 ? work.length : newline + 1;
    if (newline < 0) return 'more';
    const textEnd = this.ended?.textEnd ?? 0;
    this.start = -1;
    this.ended = undefined;
    this.mode = 'plain';
    return found(this.isLong ? 'fragment' : 'statement-with-data', start, textEnd, this.position);
  }

  protected override finish(work: Buffer): Token | undefined {
    const { start } = this;
    const mode = this.mode === 'line' ? 'plain' : this.mode; // the end of the input ends a single-line comment
    this.position = work.length;
    this.start = -1;
    this.mode = 'plain';
    if (mode === 'plain' && start < 0) return undefined;
    if (mode === 'plain' && this.shape.mayEnd)
      return { ...found('statement', start, work.length, work.length), isUndelimited: true };
    return { ...found('unfinished', start, work.length, work.length), within: WITHIN[mode] };
  }
}
