import { countNewlines } from '../count-newlines.ts';
import { workOn } from './quoted-text.ts';
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
  /** A command to the client program: `\! …`, `source …`. Dump tools write none but `DELIMITER` and `USE`, which are not told as such. */
  | { readonly kind: 'client'; readonly text: string; readonly line: number }
  /** The comment that mysqldump and mariadb-dump end with. */
  | { readonly kind: 'trailer' }
  /** Only at the end: what the input ended within. */
  | { readonly kind: 'unfinished'; readonly within: string; readonly line: number };

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
  /** The first bytes, until there are enough of them to know a byte order mark. */
  private opening: Buffer | undefined = Buffer.alloc(0);
  /** What is not yet a whole statement: the first `kept` bytes of a buffer that grows by doubling. */
  private pending = Buffer.alloc(0);
  private kept = 0;
  /** How long the last statement was that came in pieces: dump tools write the next one as long. */
  private expectedBytes = 0;

  /** @param dialect decides what only one of the servers reads: `/*M! … *​/` and `/*+ … *​/`. */
  constructor(dialect: 'mysql' | 'mariadb' = 'mariadb') {
    this.lexer = new SqlLexer(this.settings, dialect === 'mariadb');
  }

  push(chunk: Buffer): readonly SqlItem[] {
    const items: SqlItem[] = [];
    this.bytesSeen += chunk.length;
    if (this.opening === undefined) this.feed(chunk, items, false);
    else {
      this.opening = Buffer.concat([this.opening, chunk]);
      if (this.opening.length >= BYTE_ORDER_MARK.length) this.feed(this.takeOpening(), items, false);
    }
    return items;
  }

  end(): readonly SqlItem[] {
    const items: SqlItem[] = [];
    this.feed(this.takeOpening(), items, true);
    return items;
  }

  /** The first bytes, without a byte order mark. */
  private takeOpening(): Buffer {
    const opening = this.opening ?? Buffer.alloc(0);
    this.opening = undefined;
    return opening.indexOf(BYTE_ORDER_MARK) === 0 ? opening.subarray(BYTE_ORDER_MARK.length) : opening;
  }

  private feed(chunk: Buffer, items: SqlItem[], final: boolean): void {
    const work = this.withPending(chunk);
    const source = workOn(work);
    let consumed = 0;
    for (;;) {
      const found = this.lexer.next(source, final);
      if (!found) break;
      const begin = Math.max(consumed, found.start); // of a long comment, the beginning is dropped
      const line = this.line + countNewlines(work, consumed, begin);
      this.line = line + countNewlines(work, begin, found.end);
      if (consumed === 0 && this.kept > 0) this.expectedBytes = found.end;
      consumed = found.end;
      items.push(this.itemOf(found, work, line));
    }
    if (this.lexer.keepFrom - consumed > LONG_COMMENT_BYTES) {
      this.line += countNewlines(work, consumed, this.lexer.keepFrom);
      consumed = this.lexer.keepFrom;
    }
    this.keep(work, consumed);
  }

  private itemOf(found: Lexed, work: Buffer, line: number): SqlItem {
    const bytes = work.subarray(Math.max(0, found.start), found.textEnd);
    if (found.kind === 'trailer') return { kind: 'trailer' };
    if (found.kind === 'unfinished') return { kind: 'unfinished', within: found.within, line };
    if (found.kind === 'client') return { kind: 'client', text: bytes.toString('utf8').trim(), line };
    if (this.settings.note(bytes)) this.lexer.noteRules();
    return { kind: 'statement', bytes, line, isUndelimited: found.isUndelimited };
  }

  private withPending(chunk: Buffer): Buffer {
    if (this.kept === 0) return chunk;
    const needed = this.kept + chunk.length;
    if (needed > this.pending.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed * 2, this.expectedBytes + chunk.length));
      this.pending.copy(grown, 0, 0, this.kept);
      this.pending = grown;
    }
    chunk.copy(this.pending, this.kept);
    this.kept = needed;
    return this.pending.subarray(0, needed);
  }

  /** Views of the old buffer are with the caller, so what is kept moves to a new one, unless nothing was taken from it. */
  private keep(work: Buffer, consumed: number): void {
    this.lexer.shift(consumed);
    if (consumed === 0 && this.kept > 0) return;
    const rest = work.subarray(consumed);
    this.pending = Buffer.allocUnsafe(rest.length);
    rest.copy(this.pending);
    this.kept = rest.length;
  }
}

const LONG_COMMENT_BYTES = 65_536;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
