import {
  delimiterIn,
  isClientCommand,
  isCommandStart,
  LONGEST_COMMAND,
  mayBeClientCommand,
} from './client-commands.ts';
import { leaveQuoted, type Quoting, type TextRules, type Work } from './quoted-text.ts';
import { RowSkipper } from './skip-rows.ts';
import { isCodeComment, isControlOrSpace, isSpace, isWordByte, LONGEST_NOTE, OPENING_BYTES } from './sql-marks.ts';

/** Positions of an item in the current bytes; `textEnd` excludes the delimiter. */
export interface Lexed {
  readonly kind: 'statement' | 'client' | 'comment' | 'zeros' | 'unfinished';
  readonly start: number;
  readonly textEnd: number;
  readonly end: number;
  /** Set for `unfinished`, and for a `client` command in the middle of a statement. */
  readonly within: string;
  /** The input ended before the statement's delimiter. */
  readonly isUndelimited: boolean;
}

/** `more`: the bytes end within a token. undefined: go on, possibly in another mode. */
type Step = Lexed | 'more' | undefined;
type Mode = 'plain' | Quoting;

const SEMICOLON = Buffer.from(';');
const QUOTE = 39;
const BACKSLASH = 92;

const WITHIN: Readonly<Record<Mode, string>> = {
  plain: 'a statement',
  string: 'a quoted string',
  doubleQuoted: 'a quoted string',
  quotedName: 'a quoted name',
  block: 'a comment',
  line: 'a comment',
};

/** Longer lines are not client commands. */
const MAX_LINE_BYTES = 65_536;
/** `--` and `#` alone carry no text. */
const SHORTEST_NOTE = 4;

/**
 * Finds where statements end, as the client programs do. It keeps its position between calls, so that a statement which arrives in many pieces is
 * read once. The caller keeps the bytes from the statement's start on, and reports by {@link shift} how many of them it has dropped.
 */
export class SqlLexer {
  position = 0;
  private readonly rules: TextRules;
  private readonly hasMariadbComments: boolean;
  private mode: Mode = 'plain';
  private start = -1;
  /** Where the comment that is being read begins. */
  private commentStart = 0;
  private delimiter = Buffer.from(';');
  /** 1 for bytes that mean something between quotes. */
  private readonly stops = new Uint8Array(256);
  /** Single-byte text and the usual delimiter: rows can be skipped fast. */
  private isOrdinary = true;
  private skipper: { readonly source: Work; readonly rows: RowSkipper } | undefined;
  private isAtLineStart = true;
  private hasReturn = false;
  /** Line ends between statements. Dump tools write no carriage returns there; they are added on the way. */
  readonly lineEnds = { plain: 0, withReturn: 0 };

  constructor(rules: TextRules, hasMariadbComments: boolean) {
    this.rules = rules;
    this.hasMariadbComments = hasMariadbComments;
    this.noteRules();
  }

  shift(byteCount: number): void {
    this.position -= byteCount;
    this.commentStart -= byteCount;
    if (this.start >= 0) this.start -= byteCount;
  }

  /** Forgets bytes of the statement that is being read, all of them before {@link position}; the next work begins with the rest of the statement. */
  drop(byteCount: number): void {
    this.position -= byteCount;
    this.start = 0;
  }

  get isInStatement(): boolean {
    return this.start >= 0;
  }

  /** The index of the first byte that is still needed. */
  get keepFrom(): number {
    return this.start < 0 ? this.position : this.start;
  }

  /** Called when the rules for text or the delimiter changed. */
  noteRules(): void {
    for (let byte = 0; byte < 256; byte += 1) {
      const isSpecial = `'"\`\\#-/`.includes(String.fromCharCode(byte)) || byte === this.delimiter[0];
      this.stops[byte] = isSpecial || (byte >= 128 && this.rules.multibyte) ? 1 : 0;
    }
    this.isOrdinary = !this.rules.multibyte && this.delimiter.equals(SEMICOLON);
  }

  /** @returns the next complete item; undefined when more bytes are needed, or when the final bytes are used up. */
  next(source: Work, final: boolean): Lexed | undefined {
    const work = source.bytes;
    for (;;) {
      if (this.position >= work.length) return final ? this.finish(work) : undefined;
      if (this.mode !== 'plain') {
        const end = leaveQuoted(this.mode, source, this.position, this.rules);
        this.position = end < 0 ? -1 - end : end;
        if (end < 0) return final ? this.finish(work) : undefined;
        const isBlock = this.mode === 'block';
        this.isAtLineStart = this.mode === 'line';
        this.hasReturn = this.isAtLineStart && work[end - 1] === 13;
        this.mode = 'plain';
        if (isBlock && this.start < 0 && this.commentStart >= 0 && end - this.commentStart <= LONGEST_NOTE)
          return found('comment', this.commentStart, end, end);
      } else {
        const step = this.start < 0 ? this.begin(work, final) : this.readOn(source, final);
        if (step === 'more') return undefined;
        if (step) return step;
      }
    }
  }

  /** Finds where a statement begins. */
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

  private zeros(work: Buffer): Lexed {
    const from = this.position;
    while (this.position < work.length && work[this.position] === 0) this.position += 1;
    return found('zeros', from, this.position, this.position);
  }

  /** A comment on a line of its own may describe the dump. MariaDB's client takes two dashes for a comment here, whatever follows. */
  private leadingComment(work: Buffer, byte: number, final: boolean): Step {
    const from = this.position;
    const newline = work.indexOf(10, from);
    if (newline < 0 && !final && work.length - from < LONGEST_NOTE) return 'more';
    const isComment = byte === 35 || this.hasMariadbComments || isControlOrSpace(work[from + 2] ?? 10);
    if (!isComment) return this.special(work, byte, final);
    const lineEnd = newline < 0 ? work.length : newline;
    const end = Math.min(lineEnd, from + LONGEST_NOTE);
    if (!this.isAtLineStart || lineEnd - from < SHORTEST_NOTE) return this.enter('line', byte === 35 ? 1 : 2);
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
    while (to < work.length && to - from <= LONGEST_COMMAND && isWordByte(work[to] as number)) to += 1;
    if (to === work.length && !final) return 'more';
    const word = work.toString('latin1', from, to).toLowerCase();
    if (word === 'use' || word === 'delimiter' || mayBeClientCommand(word)) {
      const line = this.restOfLine(work, to, final);
      if (!line) return 'more';
      const step = this.lineCommand(word, line.text, line.end);
      if (step) return step === 'done' ? undefined : step;
    }
    this.start = from;
    this.position = to;
    return undefined;
  }

  /** A command that needs no delimiter, since its line ends it. @returns undefined when it is not a command but a statement. */
  private lineCommand(word: string, rest: string, lineEnd: number): Lexed | 'done' | undefined {
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

  /** Continues within a statement. */
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
    if (byte === 45 || byte === 47) return this.commentOrOperator(work, byte, final);
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

  private commentOrOperator(work: Buffer, byte: number, final: boolean): Step {
    const at = this.position;
    const left = work.length - at;
    if (byte === 45) {
      if (left < 3 && !final) return 'more';
      const isComment = work[at + 1] === 45 && (left < 3 || isControlOrSpace(work[at + 2] as number));
      if (!isComment) return this.goOn(1);
      return this.enter('line', 2);
    }
    if (left < 2 && !final) return 'more';
    if (work[at + 1] !== 42) return this.goOn(1);
    if (left < OPENING_BYTES && !final) return 'more';
    const opening = work.toString('latin1', at, at + OPENING_BYTES);
    if (isCodeComment(opening, this.hasMariadbComments)) return this.goOn(2);
    return this.enter('block', 2);
  }

  private backslash(work: Buffer, final: boolean): Step {
    const at = this.position;
    if (at + 1 >= work.length && !final) return 'more';
    const letter = work[at + 1];
    if (letter === 78) return this.goOn(2); // \N is NULL
    if (letter === 103 || letter === 71) return this.endStatement(at, at + 2); // \g \G
    const line = this.restOfLine(work, at, final);
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

  private endStatement(textEnd: number, end: number): Lexed | undefined {
    const { start } = this;
    this.position = end;
    this.isAtLineStart = false;
    this.start = -1;
    return start < 0 ? undefined : found('statement', start, textEnd, end);
  }

  /** Drops the part of a statement that was read before it: no load goes on after a client command within a statement. */
  private clientCommand(from: number, end: number): Lexed {
    const within = this.start < 0 ? '' : WITHIN.plain;
    this.position = end;
    this.isAtLineStart = false;
    this.start = -1;
    return { ...found('client', from, end, end), within };
  }

  private restOfLine(work: Buffer, from: number, final: boolean): { text: string; end: number } | undefined {
    const newline = work.indexOf(10, from);
    if (newline < 0 && !final && work.length - from < MAX_LINE_BYTES) return undefined;
    const end = Math.min(newline < 0 ? work.length : newline, from + MAX_LINE_BYTES);
    return { text: work.toString('latin1', from, end), end };
  }

  /** The last statement needs no delimiter: the client sends it. */
  private finish(work: Buffer): Lexed | undefined {
    const { start, mode } = this;
    this.position = work.length;
    this.start = -1;
    this.mode = 'plain';
    if (mode === 'plain' || mode === 'line') {
      let textEnd = work.length;
      while (textEnd > start && isControlOrSpace(work[textEnd - 1] as number)) textEnd -= 1;
      if (start < 0 || textEnd === start) return undefined;
      return { ...found('statement', start, textEnd, work.length), isUndelimited: true };
    }
    const begin = start < 0 ? this.commentStart : start;
    return { ...found('unfinished', begin, work.length, work.length), within: WITHIN[mode] };
  }
}

function found(kind: Lexed['kind'], start: number, textEnd: number, end: number): Lexed {
  return { kind, start, textEnd, end, within: '', isUndelimited: false };
}
