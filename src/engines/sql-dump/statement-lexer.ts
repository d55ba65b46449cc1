import type { Work } from './quoted-text.ts';

/** What a lexer found, as positions in the current bytes. */
export interface Token {
  readonly kind: 'statement' | TokenKind;
  readonly start: number;
  /** Excludes the delimiter. */
  readonly textEnd: number;
  readonly end: number;
  /** For `unfinished`, and for a `command` in the middle of a statement: what it is within. Else empty. */
  readonly within: string;
  /** The input ended before the statement's delimiter. */
  readonly isUndelimited: boolean;
}

type TokenKind =
  /** A statement whose data follows it, from the next line on. */
  | 'statement-with-data'
  /** A command to the client program. */
  | 'command'
  /** Between statements. */
  | 'comment'
  /** The beginning of a statement that something else breaks off. */
  | 'fragment'
  /** Zero bytes outside any text. */
  | 'zeros'
  /** At the end of the input: what is not complete. */
  | 'unfinished';

/** `more`: the bytes end within a token. undefined: go on, possibly in another mode. */
export type Step = Token | 'more' | undefined;

/**
 * Finds where statements end, as a client program does. It keeps its position between calls, so that a statement which arrives in many pieces is
 * read once. The caller keeps the bytes from {@link keepFrom} on, and reports by {@link shift} how many it has dropped. A dialect reads
 * plain SQL and knows what can interrupt it: text in which only its own end has a meaning.
 */
export abstract class StatementLexer<Quoting extends string = string> {
  position = 0;
  protected mode: 'plain' | Quoting = 'plain';
  /** Where the current statement begins; negative between statements. */
  protected start = -1;
  /** The beginning of the current statement was dropped, see {@link drop}. */
  protected isLong = false;

  get isInStatement(): boolean {
    return this.start >= 0;
  }

  /** The index of the first byte that is still needed. */
  get keepFrom(): number {
    return this.start < 0 ? this.position : this.start;
  }

  shift(byteCount: number): void {
    this.position -= byteCount;
    if (this.start >= 0) this.start -= byteCount;
  }

  /** Forgets bytes of the statement that is being read, all of them before {@link position}; the next work begins with the rest of the statement. */
  drop(byteCount: number): void {
    this.position -= byteCount;
    this.start = 0;
    this.isLong = true;
  }

  /** @returns the next complete token; undefined when more bytes are needed, or when the final bytes are used up. */
  next(work: Work, final: boolean): Token | undefined {
    const token = this.read(work, final);
    if (token) this.isLong = false;
    return token;
  }

  private read(work: Work, final: boolean): Token | undefined {
    for (;;) {
      if (this.position >= work.bytes.length) return final ? this.finish(work.bytes) : undefined;
      const step = this.mode === 'plain' ? this.readPlain(work, final) : this.leaveQuoted(work, this.mode);
      if (step === 'more') return final ? this.finish(work.bytes) : undefined;
      if (step) return step;
    }
  }

  /** Reads plain SQL from {@link position} on. */
  protected abstract readPlain(work: Work, final: boolean): Step;

  /** Reads on to the end of what interrupts plain SQL. */
  protected abstract leaveQuoted(work: Work, quoting: Quoting): Step;

  /** The bytes end here, and so does the input. Called until it returns undefined. */
  protected abstract finish(bytes: Buffer): Token | undefined;

  protected zeros(bytes: Buffer): Token {
    const from = this.position;
    while (this.position < bytes.length && bytes[this.position] === 0) this.position += 1;
    return found('zeros', from, this.position, this.position);
  }
}

export function found(kind: Token['kind'], start: number, textEnd: number, end: number): Token {
  return { kind, start, textEnd, end, within: '', isUndelimited: false };
}
