import { countNewlines } from './count-newlines.ts';
import { PendingBytes } from './pending-bytes.ts';
import { workOn } from './quoted-text.ts';
import type { StatementLexer, Token } from './statement-lexer.ts';
import { MAX_STATEMENT_BYTES, SPOOL_FROM_BYTES, StatementSpool } from './statement-spool.ts';

/** What every SQL dump holds. A dialect adds the items that only its dumps have. */
export type SplitItem =
  /**
   * A statement without its delimiter and without the comments before it; comments within it stay. The bytes are a view, of what was pushed or of
   * a buffer that is not written again: they stay valid for as long as the caller leaves the pushed chunk alone.
   * `isUndelimited`: the input ended before a delimiter. A client sends such a statement; it may have been cut off.
   * `spool`: for a long statement the bytes are only the beginning, and the spool holds all of it; the receiver disposes of it.
   */
  | {
      readonly kind: 'statement';
      readonly bytes: Buffer;
      readonly line: number;
      readonly isUndelimited: boolean;
      readonly spool?: StatementSpool;
    }
  /** A statement that is longer than any server accepts; nothing follows it. */
  | { readonly kind: 'oversized'; readonly line: number }
  /** Zero bytes between statements, where no tool writes them. */
  | { readonly kind: 'zeros'; readonly line: number }
  /** Only at the end: what the input ended within. The bytes are those of the statement or the comment, as far as they are known. */
  | { readonly kind: 'unfinished'; readonly within: string; readonly line: number; readonly bytes: Buffer };

export interface StatementLimits {
  /** Longer statements go through a file. */
  readonly spoolFromBytes: number;
  /** Longer statements are refused. */
  readonly maxBytes: number;
}

export const DEFAULT_LIMITS: StatementLimits = { spoolFromBytes: SPOOL_FROM_BYTES, maxBytes: MAX_STATEMENT_BYTES };

interface LongStatement {
  readonly spool: StatementSpool;
  readonly line: number;
  readonly head: Buffer;
}

/** How much of a long statement is examined. */
const HEAD_BYTES = 65_536;

/**
 * Splits a dump into statements: over bytes, since a dump may be in any encoding in which ASCII stays ASCII. Memory is bounded: a long
 * statement goes through a file.
 */
export abstract class StatementSplitter<Own> implements Disposable {
  /** The line of the input that is being read, from 1. */
  line = 1;
  /** Bytes pushed so far. */
  bytesSeen = 0;
  private readonly tokens: StatementLexer;
  private readonly limits: StatementLimits;
  private readonly pending = new PendingBytes();
  /** Length of the last statement that came in pieces: dump tools write the next one equally long. */
  private expectedBytes = 0;
  private long: LongStatement | undefined;
  /** What follows can no longer be split. */
  private isOver = false;
  /** Where the last run of zero bytes ended, counted from the beginning. */
  private zerosEnd = -1;

  constructor(lexer: StatementLexer, limits: StatementLimits) {
    this.tokens = lexer;
    this.limits = limits;
  }

  push(chunk: Buffer): readonly (SplitItem | Own)[] {
    const items: (SplitItem | Own)[] = [];
    this.bytesSeen += chunk.length;
    const text = this.pending.passOpening(chunk);
    if (text) this.feed(text, items, false);
    return items;
  }

  end(): readonly (SplitItem | Own)[] {
    const items: (SplitItem | Own)[] = [];
    this.feed(this.pending.takeOpening(), items, true);
    return items;
  }

  /** Discards the statement that is being read. */
  [Symbol.dispose](): void {
    this.long?.spool[Symbol.dispose]();
    this.long = undefined;
  }

  /** @param bytes the token's, a view. @returns undefined when there is nothing to report. */
  protected abstract itemOf(token: Token, bytes: Buffer, line: number): Own | undefined;

  /** Called with each statement that is not long: some change how the text after them is read. */
  protected abstract noteStatement(bytes: Buffer): void;

  /** Whether what comes next is data that belongs to a statement, for {@link readData}. */
  protected get isInData(): boolean {
    return false;
  }

  /** Reads data, which is not SQL. @returns the bytes after its end, once the end was found. */
  protected readData(_bytes: Buffer, _items: (SplitItem | Own)[], _final: boolean): Buffer | undefined {
    return undefined;
  }

  /** Ends the splitting: what follows cannot be told apart. */
  protected stop(): void {
    this[Symbol.dispose]();
    this.isOver = true;
  }

  private feed(chunk: Buffer, items: (SplitItem | Own)[], final: boolean): void {
    let rest: Buffer | undefined = chunk;
    while (rest && !this.isOver)
      rest = this.isInData
        ? this.readData(rest, items, final)
        : this.readSql(this.pending.with(rest, this.expectedBytes), items, final);
  }

  /** @returns the bytes after a statement that data follows. */
  private readSql(work: Buffer, items: (SplitItem | Own)[], final: boolean): Buffer | undefined {
    const source = workOn(work);
    let consumed = 0;
    for (;;) {
      const token = this.tokens.next(source, final);
      if (!token) break;
      if (this.long) {
        items.push(...this.endLong(this.long, token, work));
        consumed = token.end;
        continue;
      }
      const begin = Math.max(consumed, token.start); // the beginning of a long comment is dropped
      const line = this.line + countNewlines(work, consumed, begin);
      this.line = line + countNewlines(work, begin, token.end);
      if (consumed === 0 && this.pending.hasKept) this.expectedBytes = token.end;
      consumed = token.end;
      const item = this.itemFor(token, work, line);
      if (item) items.push(item);
      if (this.isInData) {
        this.tokens.shift(this.tokens.position);
        this.pending.forget();
        return work.subarray(consumed);
      }
    }
    this.keepRest(work, consumed, items);
    return undefined;
  }

  /** Blanks and comments between statements are no longer needed, however many there are. */
  private keepRest(work: Buffer, consumed: number, items: (SplitItem | Own)[]): void {
    const settled = Math.max(consumed, this.tokens.keepFrom);
    this.line += countNewlines(work, consumed, settled);
    this.tokens.shift(settled);
    const isLong = this.long !== undefined || work.length - settled >= this.limits.spoolFromBytes;
    const spooled = isLong && this.tokens.isInStatement ? this.spoolWhatIsRead(work.subarray(settled), items) : 0;
    this.pending.keep(work, settled + spooled);
  }

  /** @param work holds the statement from its beginning, or from where it was spooled to. @returns how many of its bytes are no longer needed. */
  private spoolWhatIsRead(work: Buffer, items: (SplitItem | Own)[]): number {
    const { position } = this.tokens;
    this.long ??= {
      spool: new StatementSpool(this.limits.maxBytes),
      line: this.line,
      head: Buffer.from(work.subarray(0, HEAD_BYTES)),
    };
    this.line += countNewlines(work, 0, position);
    const fits = this.long.spool.write(work.subarray(0, position));
    this.tokens.drop(position);
    if (!fits) {
      items.push({ kind: 'oversized', line: this.long.line });
      this.stop();
    }
    return position;
  }

  private endLong({ spool, line, head }: LongStatement, token: Token, work: Buffer): (SplitItem | Own)[] {
    this.long = undefined;
    const lineOfToken = this.line + countNewlines(work, 0, token.start);
    this.line += countNewlines(work, 0, token.end);
    const fits = spool.write(work.subarray(0, token.textEnd));
    if (fits && token.kind === 'statement')
      return [{ kind: 'statement', bytes: head, line, isUndelimited: token.isUndelimited, spool }];
    spool[Symbol.dispose]();
    if (!fits) return [{ kind: 'oversized', line }];
    if (token.kind === 'unfinished') return [{ kind: 'unfinished', within: token.within, line, bytes: head }];
    const isCommand = token.kind === 'command'; // in the middle of the statement
    const item = isCommand
      ? this.itemOf(token, work.subarray(token.start, token.textEnd), lineOfToken)
      : this.itemOf(token, head, line);
    return item ? [item] : [];
  }

  private itemFor(token: Token, work: Buffer, line: number): SplitItem | Own | undefined {
    const bytes = work.subarray(Math.max(0, token.start), token.textEnd);
    if (token.kind === 'zeros') return this.isMoreOfZeros(token, work) ? undefined : { kind: 'zeros', line };
    if (token.kind === 'unfinished') return { kind: 'unfinished', within: token.within, line, bytes };
    if (token.kind !== 'statement') return this.itemOf(token, bytes, line);
    this.noteStatement(bytes);
    return { kind: 'statement', bytes, line, isUndelimited: token.isUndelimited };
  }

  /** A run of zero bytes is one item, even if it arrives in several pieces. */
  private isMoreOfZeros(token: Token, work: Buffer): boolean {
    const endOffset = this.bytesSeen - (work.length - token.end);
    const isMore = this.zerosEnd === endOffset - (token.end - token.start);
    this.zerosEnd = endOffset;
    return isMore;
  }
}
