import type { Work } from '../../sql-dump/quoted-text.ts';
import { found, StatementLexer, type Step, type Token } from '../../sql-dump/statement-lexer.ts';
import {
  delimiterIn,
  isClientCommand,
  isCommandStart,
  MAX_COMMAND_LENGTH,
  mayBeClientCommand,
} from './client-commands.ts';
import { leaveQuoted, type Quoting, type TextRules, WITHIN } from './quoted-text.ts';
import { RowSkipper } from './skip-rows.ts';
import { commentAt, isControlOrSpace, isSpace, isWordByte, lineFrom, MAX_NOTE_LENGTH, stopBytes } from './sql-marks.ts';

const SEMICOLON = Buffer.from(';');
const QUOTE = 39;
const BACKSLASH = 92;

/** `--` and `#` alone carry no text. */
const MIN_NOTE_LENGTH = 4;

/** In bytes: the text of a longer comment is not retained. */
const LONG_COMMENT_BYTES = 65_536;

/** Reads SQL as the programs `mysql` and `mariadb` do. */
export class SqlLexer extends StatementLexer<Quoting> {
  private readonly rules: TextRules;
  private readonly hasMariadbComments: boolean;
  /** Where the comment that is being read begins. */
  private commentStart = 0;
  private delimiter = Buffer.from(';');
  /** 1 for bytes that have a meaning between quotes. */
  private stops = new Uint8Array(256);
  /** Single-byte text and the usual delimiter: rows can be skipped fast. */
  private isOrdinary = true;
  private skipper: { readonly source: Work; readonly rows: RowSkipper } | undefined;
  private isAtLineStart = true;
  private hasReturn = false;
  /** Line ends between statements. Dump tools write no carriage returns there; they are added on the way. */
  readonly lineEnds = { plain: 0, withReturn: 0 };

  constructor(rules: TextRules, hasMariadbComments: boolean) {
    super();
    this.rules = rules;
    this.hasMariadbComments = hasMariadbComments;
    this.noteRules();
  }

  override shift(byteCount: number): void {
    super.shift(byteCount);
    this.commentStart -= byteCount;
  }

  /** A comment between statements is reported in full, unless it is long; at the end of a line, a carriage return matters. */
  override get keepFrom(): number {
    const { mode, start, position, commentStart } = this;
    if (start >= 0 || mode === 'plain') return super.keepFrom;
    if (mode === 'block' && position - commentStart <= LONG_COMMENT_BYTES) return commentStart;
    return Math.max(commentStart, position - 1);
  }

  /** Called when the rules for text or the delimiter have changed. */
  noteRules(): void {
    this.stops = stopBytes(this.delimiter, this.rules.multibyte !== undefined);
    this.isOrdinary = !this.rules.multibyte && this.delimiter.equals(SEMICOLON);
  }

  protected override readPlain(work: Work, final: boolean): Step {
    return this.start < 0 ? this.begin(work.bytes, final) : this.readOn(work, final);
  }

  protected override leaveQuoted(work: Work, quoting: Quoting): Step {
    const end = leaveQuoted(quoting, work, this.position, this.rules);
    this.position = end < 0 ? -1 - end : end;
    if (end < 0) return 'more';
    this.isAtLineStart = quoting === 'line';
    this.hasReturn = this.isAtLineStart && work.bytes[end - 1] === 13;
    this.mode = 'plain';
    const isNote = quoting === 'block' && this.start < 0 && this.commentStart >= 0;
    return isNote && end - this.commentStart <= MAX_NOTE_LENGTH
      ? found('comment', this.commentStart, end, end)
      : undefined;
  }

  /** Finds the beginning of a statement. */
  private begin(work: Buffer, final: boolean): Step {
    const at = this.position;
    const byte = work[at] as number;
    if (byte === 0) return this.zeros(work);
    if (isSpace(byte)) {
      this.isAtLineStart = byte === 10 || (byte === 13 && this.isAtLineStart);
      if (byte === 10) this.lineEnds[this.hasReturn ? 'withReturn' : 'plain'] += 1;
      this.hasReturn = byte === 13;
      this.position = at + 1;
      return undefined;
    }
    this.hasReturn = false;
    if (byte === this.delimiter[0]) {
      const step = this.delimiterAt(work, at, final);
      if (step) return step === 'here' ? this.endStatement(at, at + this.delimiter.length) : step;
    }
    if (byte === 45 && at + 1 >= work.length && !final) return 'more';
    if (byte === 35 || (byte === 45 && work[at + 1] === 45)) return this.leadingComment(work, byte, final);
    if (isWordByte(byte)) return this.firstWord(work, final);
    if (byte === 45 || byte === 35 || byte === 47 || byte === 92) return this.special(work, byte, final);
    this.start = at;
    return undefined;
  }

  /** A comment on a line of its own may describe the dump. MariaDB's client treats two dashes as a comment here, whatever follows. */
  private leadingComment(work: Buffer, byte: number, final: boolean): Step {
    const from = this.position;
    const newline = work.indexOf(10, from);
    if (newline < 0 && !final && work.length - from < MAX_NOTE_LENGTH) return 'more';
    const isComment = byte === 35 || this.hasMariadbComments || isControlOrSpace(work[from + 2] ?? 10);
    if (!isComment) return this.special(work, byte, final);
    const lineEnd = newline < 0 ? work.length : newline;
    const end = Math.min(lineEnd, from + MAX_NOTE_LENGTH);
    if (!this.isAtLineStart || lineEnd - from < MIN_NOTE_LENGTH) return this.enter('line', byte === 35 ? 1 : 2);
    this.position = end;
    this.hasReturn = work[end - 1] === 13;
    if (end < lineEnd || newline < 0) this.enter('line', 0);
    return found('comment', from, end, end);
  }

  private firstWord(work: Buffer, final: boolean): Step {
    const from = this.position;
    if (!isCommandStart(work[from] as number)) {
      this.start = from;
      this.position = from + 1;
      return undefined;
    }
    let to = from;
    while (to < work.length && to - from <= MAX_COMMAND_LENGTH && isWordByte(work[to] as number)) to += 1;
    if (to === work.length && !final) return 'more';
    const word = work.toString('latin1', from, to).toLowerCase();
    if (word === 'use' || word === 'delimiter' || mayBeClientCommand(word)) {
      const line = lineFrom(work, to, final);
      if (!line) return 'more';
      const step = this.lineCommand(word, line.text, line.end);
      if (step) return step === 'done' ? undefined : step;
    }
    this.start = from;
    this.position = to;
    return undefined;
  }

  /** A command that needs no delimiter, because the end of the line ends it. @returns undefined if it is a statement rather than a command. */
  private lineCommand(word: string, rest: string, lineEnd: number): Token | 'done' | undefined {
    const from = this.position;
    this.hasReturn = rest.endsWith('\r');
    const delimiterAt = rest.indexOf(this.delimiter.toString('latin1'));
    if (word === 'use') {
      if (delimiterAt >= 0 || rest.includes('\\g') || rest.trim() === '') return undefined;
      this.position = lineEnd;
      return found('statement', from, from + 3 + rest.trimEnd().length, lineEnd);
    }
    if (word === 'delimiter') {
      const delimiter = delimiterIn(rest);
      if (delimiter === undefined) return this.clientCommand(from, lineEnd);
      this.delimiter = Buffer.from(delimiter, 'latin1');
      this.noteRules();
      this.position = lineEnd;
      return 'done';
    }
    const isCommand = isClientCommand(word, delimiterAt < 0 ? rest : rest.slice(0, delimiterAt));
    return isCommand ? this.clientCommand(from, lineEnd) : undefined;
  }

  /** Continues inside a statement. */
  private readOn(source: Work, final: boolean): Step {
    const { bytes: work } = source;
    const { stops } = this;
    const { length } = work;
    let at = this.position;
    if (this.isOrdinary) {
      at = this.skipperOf(source).skip(at, this.rules.escapesInString ? BACKSLASH : QUOTE, stops);
      if (at < 0) {
        this.mode = 'string';
        this.position = -1 - at;
        return undefined;
      }
    }
    while (at < length && stops[work[at] as number] === 0) at += 1;
    this.position = at;
    return at < length ? this.special(work, work[at] as number, final) : undefined;
  }

  private skipperOf(source: Work): RowSkipper {
    if (this.skipper?.source !== source) this.skipper = { source, rows: new RowSkipper(source) };
    return this.skipper.rows;
  }

  /** Checks in the client's order: a backslash first, then the delimiter, then comments and quotes. */
  private special(work: Buffer, byte: number, final: boolean): Step {
    const at = this.position;
    if (byte === 92) return this.backslash(work, final);
    if (byte === this.delimiter[0]) {
      const step = this.delimiterAt(work, at, final);
      if (step) return step === 'here' ? this.endStatement(at, at + this.delimiter.length) : step;
    }
    if (byte === 45 || byte === 47) return this.commentOrOperator(work, final);
    if (byte >= 128 && this.rules.multibyte) {
      const size = this.rules.multibyte.length(work, at) || (final ? 1 : 0);
      if (size === 0) return 'more';
      return this.goOn(size);
    }
    if (byte === 35) return this.enter('line', 1);
    this.goOn(1);
    if (byte === 39) this.mode = 'string';
    else if (byte === 34) this.mode = 'doubleQuoted';
    else if (byte === 96) this.mode = 'quotedName';
    return undefined;
  }

  private delimiterAt(work: Buffer, at: number, final: boolean): 'here' | 'more' | undefined {
    const size = this.delimiter.length;
    if (at + size > work.length && !final) return 'more';
    return size === 1 || work.subarray(at, at + size).equals(this.delimiter) ? 'here' : undefined;
  }

  private commentOrOperator(work: Buffer, final: boolean): Step {
    const what = commentAt(work, this.position, final, this.hasMariadbComments);
    if (what === 'more') return 'more';
    return what === 'line' || what === 'block' ? this.enter(what, 2) : this.goOn(what === 'code' ? 2 : 1);
  }

  private backslash(work: Buffer, final: boolean): Step {
    const at = this.position;
    if (at + 1 >= work.length && !final) return 'more';
    const letter = work[at + 1];
    if (letter === 78) return this.goOn(2); // \N is NULL
    if (letter === 103 || letter === 71) return this.endStatement(at, at + 2); // \g \G
    const line = lineFrom(work, at, final);
    return line ? this.clientCommand(at, line.end) : 'more';
  }

  private enter(comment: 'line' | 'block', size: number): undefined {
    this.mode = comment;
    this.commentStart = this.position;
    this.position += size;
    this.isAtLineStart = false;
    return undefined;
  }

  private goOn(size: number): undefined {
    if (this.start < 0) this.start = this.position;
    this.position += size;
    return undefined;
  }

  private endStatement(textEnd: number, end: number): Token | undefined {
    const { start } = this;
    this.position = end;
    this.isAtLineStart = false;
    this.start = -1;
    return start < 0 ? undefined : found('statement', start, textEnd, end);
  }

  /** Drops the part of the statement that was read before it: no load continues after a client command inside a statement. */
  private clientCommand(from: number, end: number): Token {
    const within = this.start < 0 ? '' : WITHIN.plain;
    this.position = end;
    this.isAtLineStart = false;
    this.start = -1;
    return { ...found('command', from, end, end), within };
  }

  /** The last statement needs no delimiter: the client sends it. */
  protected override finish(work: Buffer): Token | undefined {
    const { start, mode } = this;
    this.position = work.length;
    this.start = -1;
    this.mode = 'plain';
    if (mode === 'plain' || mode === 'line') {
      let textEnd = work.length;
      while (textEnd > start && isControlOrSpace(work[textEnd - 1] as number)) textEnd -= 1;
      if (start < 0 || (textEnd === start && !this.isLong)) return undefined;
      return { ...found('statement', start, textEnd, work.length), isUndelimited: true };
    }
    const begin = start < 0 ? this.commentStart : start;
    return { ...found('unfinished', begin, work.length, work.length), within: WITHIN[mode] };
  }
}
