import { countNewlines } from '../count-newlines.ts';
import { PendingBytes } from '../pending-bytes.ts';
import { workOn } from './quoted-text.ts';
import { hasReturnInQuotes } from './returns-in-quotes.ts';
import { type Lexed, SqlLexer } from './sql-lexer.ts';
import { TextSettings } from './text-settings.ts';

/** What a dump is made of, in order. */
export type SqlItem =
  /**
   * Without its delimiter and without the comments before it; comments within it stay. The bytes are a view, of what was pushed or of a buffer
   * that is not written again: they stay as they are for as long as the caller leaves the pushed chunk alone.
   * `isUndelimited`: the input ended before a delimiter came. The client sends such a statement; it may be one that was cut off.
   */
  | { readonly kind: 'statement'; readonly bytes: Buffer; readonly line: number; readonly isUndelimited: boolean }
  /**
   * A command to the client program: `\! …`, `source …`. Dump tools write none but `DELIMITER` and `USE`, which are not told as such.
   * `isWithin`: it stands in the middle of a statement, which is lost to it.
   */
  | { readonly kind: 'client'; readonly text: string; readonly line: number; readonly isWithin: boolean }
  /** A line, or a short block, between statements: how tools say what a dump is and where it ends. Of a long line only the beginning. */
  | { readonly kind: 'comment'; readonly text: string; readonly line: number }
  /** Only at the end: what the input ended within. The bytes are those of the statement, or of the comment. */
  | { readonly kind: 'unfinished'; readonly within: string; readonly line: number; readonly bytes: Buffer };

/**
 * Splits a dump into statements as the programs `mysql` and `mariadb` would, without them: over bytes, since strings may hold anything, in the
 * character set and the `sql_mode` that the dump itself sets. Memory is bounded by the longest statement.
 *
 * It does what the clients do, save where the server, which has the last word, reads the text otherwise and the client would cut it wrong:
 * - multi-byte characters are read by `SET NAMES`, not by an option of the client; `ANSI_QUOTES` is followed;
 * - a comment within a `/*! … *​/` ends where it ends, also on the line where that begins;
 * - carriage returns and zero bytes are kept (as with the client's `--binary-mode`).
 * Sources: the manuals' "mysql Client Commands", "Comments", "String Literals", "Server SQL Modes"; the clients' own behaviour, which
 * sql-splitter.docker.test.ts compares.
 */
export class SqlSplitter {
  /** The line of the input that is being read, from 1. */
  line = 1;
  /** Bytes pushed so far. */
  bytesSeen = 0;
  private readonly settings = new TextSettings();
  private readonly lexer: SqlLexer;
  private readonly pending = new PendingBytes();
  /** How long the last statement was that came in pieces: dump tools write the next one as long. */
  private expectedBytes = 0;

  /** @param dialect decides what only one of the servers reads: `/*M! … *​/` and `/*+ … *​/`. */
  constructor(dialect: 'mysql' | 'mariadb' = 'mariadb') {
    this.lexer = new SqlLexer(this.settings, dialect === 'mariadb');
  }

  /** Whether lines between statements end with a carriage return and a line feed, all of them. */
  get hasReturns(): boolean {
    const { plain, withReturn } = this.lexer.lineEnds;
    return withReturn > 0 && plain === 0;
  }

  /** Whether a string or a quoted name of a statement that was just given holds such a line end. */
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

  private feed(chunk: Buffer, items: SqlItem[], final: boolean): void {
    const work = this.pending.with(chunk, this.expectedBytes);
    const source = workOn(work);
    let consumed = 0;
    for (;;) {
      const found = this.lexer.next(source, final);
      if (!found) break;
      const begin = Math.max(consumed, found.start); // of a long comment, the beginning is dropped
      const line = this.line + countNewlines(work, consumed, begin);
      this.line = line + countNewlines(work, begin, found.end);
      if (consumed === 0 && this.pending.hasKept) this.expectedBytes = found.end;
      consumed = found.end;
      items.push(this.itemOf(found, work, line));
    }
    if (this.lexer.keepFrom - consumed > LONG_COMMENT_BYTES) {
      this.line += countNewlines(work, consumed, this.lexer.keepFrom);
      consumed = this.lexer.keepFrom;
    }
    this.lexer.shift(consumed);
    this.pending.keep(work, consumed);
  }

  private itemOf(found: Lexed, work: Buffer, line: number): SqlItem {
    const bytes = work.subarray(Math.max(0, found.start), found.textEnd);
    if (found.kind === 'comment') return { kind: 'comment', text: bytes.toString('utf8'), line };
    if (found.kind === 'unfinished') return { kind: 'unfinished', within: found.within, line, bytes };
    if (found.kind === 'client') {
      const text = bytes.toString('utf8').trim();
      return { kind: 'client', text, line, isWithin: found.within !== '' };
    }
    if (this.settings.note(bytes)) this.lexer.noteRules();
    return { kind: 'statement', bytes, line, isUndelimited: found.isUndelimited };
  }
}

const LONG_COMMENT_BYTES = 65_536;
