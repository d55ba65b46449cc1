import type { Work } from './quoted-text.ts';

/** A token found by a lexer, as positions in the current bytes. */
export interface Token {
  readonly kind: 'statement' | TokenKind;
  readonly start: number;
  /** Excludes the delimiter. */
  readonly textEnd: number;
  readonly end: number;
  /** For `unfinished`, and for a `command` in the middle of a statement: the construct it is inside. Otherwise empty. */
  readonly within: string;
  /** The input ended before the statement's delimiter. */
  readonly isUndelimited: boolean;
}

type TokenKind =
  /** A statement followed by its data, from the next line on. */
  | 'statement-with-data'
  /** A command to the client program. */
  | 'command'
  /** Between statements. */
  | 'comment'
  /** The beginning of a statement that is interrupted by something else. */
  | 'fragment'
  /** Zero bytes outside any text. */
  | 'zeros'
  /** An incomplete token at the end of the input. */
  | 'unfinished';

/** `more`: the bytes end within a token. Undefined: continue, possibly in another mode. */
export type Step = Token | 'more' | undefined;

/**
 * Finds where statements end, as a client program does. It keeps its position between calls, so that a statement that arrives in many pieces is read only once.
 * The caller keeps the bytes from {@link keepFrom} on, and calls {@link shift} to report how many it has dropped. A dialect reads plain SQL and knows what can
 * interrupt it: text in which only the closing delimiter has a meaning.
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

  /** Index of the first byte that is still needed. */
  get keepFrom(): number {
    return this.start < 0 ? this.position : this.start;
  }

  shift(byteCount: number): void {
    this.position -= byteCount;
    if (this.start >= 0) this.start -= byteCount;
  }

  /** Drops bytes of the current statement, all of them before {@link position}; the next work starts with the rest of the statement. */
  drop(byteCount: number): void {
    this.position -= byteCount;
    this.start = 0;
    this.isLong = true;
  }

  /** @returns the next complete token; undefined if more bytes are needed, or the final bytes are used up. */
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

  /** Continues to the end of what interrupts plain SQL. */
  protected abstract leaveQuoted(work: Work, quoting: Quoting): Step;

  /** The bytes and the input end here. Called until it returns undefined. */
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
