import { countNewlines } from '../../sql-dump/count-newlines.ts';
import { PendingBytes } from '../../sql-dump/pending-bytes.ts';
import { MAX_STATEMENT_BYTES, SPOOL_FROM_BYTES, StatementSpool } from '../../sql-dump/statement-spool.ts';
import { workOn } from './quoted-text.ts';
import { hasReturnInQuotes } from './returns-in-quotes.ts';
import { type Lexed, SqlLexer } from './sql-lexer.ts';
import { TextSettings } from './text-settings.ts';

/** The items of a dump, in order. */
export type SqlItem =
  /**
   * A statement without its delimiter and without the comments before it; comments within it stay. The bytes are a view, of what was pushed or of
   * a buffer that is not written again: they stay valid for as long as the caller leaves the pushed chunk alone.
   * `isUndelimited`: the input ended before a delimiter. The client sends such a statement; it may have been cut off.
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
  /**
   * A command to the client program: `\! …`, `source …`. Dump tools write only `DELIMITER` and `USE`, which are not reported as commands.
   * `isWithin`: it is in the middle of a statement, which is lost because of it.
   */
  | { readonly kind: 'client'; readonly text: string; readonly line: number; readonly isWithin: boolean }
  /** A line, or a short block, between statements: here tools name the dump and mark its end. Only the beginning of a long line. */
  | { readonly kind: 'comment'; readonly text: string; readonly line: number }
  /** Zero bytes between statements, where no tool writes them. */
  | { readonly kind: 'zeros'; readonly line: number }
  /** Only at the end: what the input ended within. The bytes are those of the statement or the comment. */
  | { readonly kind: 'unfinished'; readonly within: string; readonly line: number; readonly bytes: Buffer };

/**
 * Splits a dump into statements as the programs `mysql` and `mariadb` would, without them: over bytes, since strings may hold anything, in the
 * character set and the `sql_mode` that the dump itself sets. Memory is bounded: a long statement goes through a file.
 *
 * It does what the clients do, save where the server, which has the last word, reads the text otherwise and the client would cut it wrong:
 * - multi-byte characters are read by `SET NAMES`, not by an option of the client; `ANSI_QUOTES` is followed;
 * - a comment within a `/*! … *​/` ends where it ends, also on the line where that begins;
 * - carriage returns, and zero bytes within statements, are kept (as with the client's `--binary-mode`).
 * Sources: the manuals' "mysql Client Commands", "Comments", "String Literals", "Server SQL Modes"; the clients' own behaviour, which
 * sql-splitter.docker.test.ts compares.
 */
export class SqlSplitter implements Disposable {
  /** The line of the input that is being read, from 1. */
  line = 1;
  /** Bytes pushed so far. */
  bytesSeen = 0;
  private readonly settings = new TextSettings();
  private readonly lexer: SqlLexer;
  private readonly pending = new PendingBytes();
  /** Length of the last statement that came in pieces: dump tools write the next one equally long. */
  private expectedBytes = 0;

  private readonly limits: StatementLimits;
  private long: LongStatement | undefined;
  private isOver = false;
  /** Where the last run of zero bytes ended, counted from the beginning. */
  private zerosEnd = -1;

  /** @param dialect decides about what only one of the servers reads: `/*M! … *​/` and `/*+ … *​/`. */
  constructor(
    dialect: 'mysql' | 'mariadb' = 'mariadb',
    limits: StatementLimits = { spoolFromBytes: SPOOL_FROM_BYTES, maxBytes: MAX_STATEMENT_BYTES },
  ) {
    this.limits = limits;
    this.lexer = new SqlLexer(this.settings, dialect === 'mariadb');
  }

  /** Whether all lines between statements end with a carriage return and a line feed. */
  get hasReturns(): boolean {
    const { plain, withReturn } = this.lexer.lineEnds;
    return withReturn > 0 && plain === 0;
  }

  /** Whether a string or a quoted name of the statement that was just returned holds such a line end. */
  hasReturnInQuotes(statement: Buffer): boolean {
    return hasReturnInQuotes(statement, this.settings);
  }

  push(chunk: Buffer): readonly SqlItem[] {
    const items: SqlItem[] = [];
    this.bytesSeen += chunk.length;
    const text = this.pending.passOpening(chunk);
    if (text) this.feed(text, items, false);
    return items;
  }

  end(): readonly SqlItem[] {
    const items: SqlItem[] = [];
    this.feed(this.pending.takeOpening(), items, true);
    return items;
  }

  /** Discards the statement that is being read. */
  [Symbol.dispose](): void {
    this.long?.spool[Symbol.dispose]();
    this.long = undefined;
  }

  private feed(chunk: Buffer, items: SqlItem[], final: boolean): void {
    if (this.isOver) return;
    const work = this.pending.with(chunk, this.expectedBytes);
    const source = workOn(work);
    let consumed = 0;
    for (;;) {
      const found = this.lexer.next(source, final);
      if (!found) break;
      if (this.long) {
        items.push(this.endLong(this.long, found, work));
        consumed = found.end;
        continue;
      }
      const begin = Math.max(consumed, found.start); // the beginning of a long comment is dropped
      const line = this.line + countNewlines(work, consumed, begin);
      this.line = line + countNewlines(work, begin, found.end);
      if (consumed === 0 && this.pending.hasKept) this.expectedBytes = found.end;
      consumed = found.end;
      if (this.isMoreOfZeros(found, work)) continue;
      items.push(this.itemOf(found, work, line));
    }
    if (this.lexer.keepFrom - consumed > LONG_COMMENT_BYTES) {
      this.line += countNewlines(work, consumed, this.lexer.keepFrom);
      consumed = this.lexer.keepFrom;
    }
    this.lexer.shift(consumed);
    const isLong = this.long !== undefined || work.length - consumed >= this.limits.spoolFromBytes;
    if (isLong && this.lexer.isInStatement) this.spoolWhatIsRead(work.subarray(consumed), items);
    else this.pending.keep(work, consumed);
  }

  /** A run of zero bytes is one item, even if it arrives in several pieces. */
  private isMoreOfZeros(found: Lexed, work: Buffer): boolean {
    if (found.kind !== 'zeros') return false;
    const endOffset = this.bytesSeen - (work.length - found.end);
    const isMore = this.zerosEnd === endOffset - (found.end - found.start);
    this.zerosEnd = endOffset;
    return isMore;
  }

  /** @param work holds the statement from its beginning, or from where it was spooled to. */
  private spoolWhatIsRead(work: Buffer, items: SqlItem[]): void {
    const begin = this.lexer.keepFrom;
    const end = this.lexer.position;
    this.line += countNewlines(work, 0, begin);
    this.long ??= {
      spool: new StatementSpool(this.limits.maxBytes),
      line: this.line,
      head: Buffer.from(work.subarray(begin, begin + LONG_HEAD_BYTES)),
    };
    this.line += countNewlines(work, begin, end);
    const fits = this.long.spool.write(work.subarray(begin, end));
    this.lexer.drop(end);
    this.pending.keep(work, end);
    if (fits) return;
    items.push({ kind: 'oversized', line: this.long.line });
    this[Symbol.dispose]();
    this.isOver = true;
  }

  private endLong({ spool, line, head }: LongStatement, found: Lexed, work: Buffer): SqlItem {
    this.long = undefined;
    this.line += countNewlines(work, 0, found.end);
    const fits = spool.write(work.subarray(0, found.textEnd));
    if (fits && found.kind === 'statement')
      return { kind: 'statement', bytes: head, line, isUndelimited: found.isUndelimited, spool };
    spool[Symbol.dispose]();
    if (!fits) return { kind: 'oversized', line };
    if (found.kind === 'unfinished') return { kind: 'unfinished', within: found.within, line, bytes: head };
    const text = work.toString('utf8', found.start < 0 ? 0 : found.start, found.textEnd).trim();
    return { kind: 'client', text, line, isWithin: true };
  }

  private itemOf(found: Lexed, work: Buffer, line: number): SqlItem {
    const bytes = work.subarray(Math.max(0, found.start), found.textEnd);
    if (found.kind === 'comment') return { kind: 'comment', text: bytes.toString('utf8'), line };
    if (found.kind === 'unfinished') return { kind: 'unfinished', within: found.within, line, bytes };
    if (found.kind === 'zeros') return { kind: 'zeros', line };
    if (found.kind === 'client') {
      const text = bytes.toString('utf8').trim();
      return { kind: 'client', text, line, isWithin: found.within !== '' };
    }
    if (this.settings.note(bytes)) this.lexer.noteRules();
    return { kind: 'statement', bytes, line, isUndelimited: found.isUndelimited };
  }
}

export interface StatementLimits {
  /** Longer statements go through a file. */
  readonly spoolFromBytes: number;
  /** Longer statements are refused. */
  readonly maxBytes: number;
}

interface LongStatement {
  readonly spool: StatementSpool;
  readonly line: number;
  readonly head: Buffer;
}

/** How much of a long statement is examined. */
const LONG_HEAD_BYTES = 65_536;
const LONG_COMMENT_BYTES = 65_536;
