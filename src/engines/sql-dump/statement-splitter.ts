import { countNewlines } from './count-newlines.ts';
import { PendingBytes } from './pending-bytes.ts';
import { workOn } from './quoted-text.ts';
import type { StatementLexer, Token } from './statement-lexer.ts';
import { MAX_STATEMENT_BYTES, SPOOL_FROM_BYTES, StatementSpool } from './statement-spool.ts';

/** Items that every SQL dump has. A dialect adds those that only its dumps have. */
export type SplitItem =
  /**
   * A statement without its delimiter and without the comments before it; comments within it stay. The bytes are a view, either of the pushed chunk or of a
   * buffer that is not written again: they stay valid as long as the caller does not change the chunk. `isUndelimited`: the input ended before a delimiter. A
   * client sends such a statement, which may have been cut off. `spool`: for a long statement the bytes are only the beginning, and the spool holds all of it;
   * the receiver disposes of it.
   */
  | {
      readonly kind: 'statement';
      readonly bytes: Buffer;
      readonly line: number;
      readonly isUndelimited: boolean;
      readonly spool?: StatementSpool;
    }
  /** A statement longer than any server accepts; nothing follows it. */
  | { readonly kind: 'oversized'; readonly line: number }
  /** Zero bytes between statements, where no tool writes them. */
  | { readonly kind: 'zeros'; readonly line: number }
  /** Only at the end: what was incomplete when the input ended. The bytes are those of the statement or comment, as far as they are known. */
  | { readonly kind: 'unfinished'; readonly within: string; readonly line: number; readonly bytes: Buffer };

export interface StatementLimits {
  /** Longer statements are spooled to a file. */
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
 * Splits a dump into statements. Works on bytes, since a dump may be in any ASCII-compatible encoding. Memory is bounded: a long statement is spooled to a
 * file.
 */
export abstract class StatementSplitter<Own> implements Disposable {
  /** Current line of the input, 1-based. */
  line = 1;
  /** Bytes pushed so far. */
  bytesSeen = 0;
  private readonly tokens: StatementLexer;
  private readonly limits: StatementLimits;
  private readonly pending = new PendingBytes();
  /** Length of the last statement that arrived in pieces: dump tools make the next one equally long. */
  private expectedBytes = 0;
  private long: LongStatement | undefined;
  /** The rest can no longer be split. */
  private isOver = false;
  /** Where the last run of zero bytes ended, counted from the start of the input. */
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

  /** Discards the current statement. */
  [Symbol.dispose](): void {
    this.long?.spool[Symbol.dispose]();
    this.long = undefined;
  }

  /** @param bytes the token's, a view. @returns undefined if there is nothing to report. */
  protected abstract itemOf(token: Token, bytes: Buffer, line: number): Own | undefined;

  /** Called with each statement that is not long: some change how the following text is read. */
  protected abstract noteStatement(bytes: Buffer): void;

  /** Whether the next bytes are data of a statement, for {@link readData}. */
  protected get isInData(): boolean {
    return false;
  }

  /** Reads data, which is not SQL. @returns the bytes after the data, once its end is found. */
  protected readData(_bytes: Buffer, _items: (SplitItem | Own)[], _final: boolean): Buffer | undefined {
    return undefined;
  }

  /** Ends the splitting: statements can no longer be told apart. */
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

  /** @returns the bytes after a statement that is followed by data. */
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
      const begin = Math.max(consumed, token.start); // the start of a long comment has been dropped
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

  /** @param work contains the statement from its start, or from where spooling stopped. @returns how many of its bytes are no longer needed. */
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
