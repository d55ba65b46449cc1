import { countNewlines } from '../count-newlines.ts';
import { PendingBytes } from '../pending-bytes.ts';
import { CopyDataScanner } from './copy-data-scanner.ts';
import { type Lexed, SqlLexer } from './sql-lexer.ts';

/** What a plain dump is made of, in order. Buffers may be views of what was pushed. */
export type SqlItem =
  /** Without its semicolon and without the comments before it. */
  | { readonly kind: 'statement'; readonly bytes: Buffer; readonly line: number }
  /** A `COPY … FROM stdin`; its data follows. */
  | { readonly kind: 'copy'; readonly bytes: Buffer; readonly line: number }
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | { readonly kind: 'data-end' }
  /** A psql meta-command, with its backslash. */
  | { readonly kind: 'meta'; readonly text: string; readonly line: number }
  /** The comment that pg_dump or pg_dumpall ends with. */
  | { readonly kind: 'trailer'; readonly of: 'database' | 'cluster' }
  /** Only at the end: what the input ended within. */
  | { readonly kind: 'unfinished'; readonly within: string; readonly line: number };

const TRAILERS = {
  '-- PostgreSQL database dump complete': 'database',
  '-- PostgreSQL database cluster dump complete': 'cluster',
} as const;

/**
 * Splits a plain dump into statements and COPY blocks as psql would, without psql: over bytes, since a dump may be in any encoding in which
 * ASCII stays ASCII, and with COPY data passed on as it came. Memory is bounded by the longest statement.
 * Source of the rules: PostgreSQL's src/fe_utils/psqlscan.l (facts only), and its manual's "Lexical Structure".
 */
export class SqlSplitter {
  /** The line of the input that is being read, from 1. */
  line = 1;
  /** Bytes pushed so far. */
  bytesSeen = 0;
  private readonly lexer = new SqlLexer();
  private copy: CopyDataScanner | undefined;
  private readonly pending = new PendingBytes();

  push(chunk: Buffer): SqlItem[] {
    const items: SqlItem[] = [];
    this.bytesSeen += chunk.length;
    const text = this.pending.passOpening(chunk);
    if (text) this.feed(text, items, false);
    return items;
  }

  end(): SqlItem[] {
    const items: SqlItem[] = [];
    this.feed(this.pending.takeOpening(), items, true);
    return items;
  }

  private feed(chunk: Buffer, items: SqlItem[], final: boolean): void {
    let rest: Buffer | undefined = chunk;
    while (rest)
      rest = this.copy ? this.readData(rest, items, final) : this.readSql(this.pending.with(rest), items, final);
  }

  /** @returns the bytes after the block's end, once it is there. */
  private readData(bytes: Buffer, items: SqlItem[], final: boolean): Buffer | undefined {
    const found = this.copy?.scan(bytes, final);
    for (const data of found?.data ?? []) {
      this.line += countNewlines(data);
      items.push({ kind: 'data', bytes: data });
    }
    if (found?.rest) {
      this.copy = undefined;
      this.line += 1;
      items.push({ kind: 'data-end' });
      return found.rest;
    }
    if (final) items.push({ kind: 'unfinished', within: 'COPY data', line: this.line });
    return undefined;
  }

  /** @returns the bytes after the statement that begins a COPY block. */
  private readSql(work: Buffer, items: SqlItem[], final: boolean): Buffer | undefined {
    let consumed = 0;
    for (;;) {
      const found = this.lexer.next(work, final);
      if (!found) break;
      const begin = Math.max(consumed, found.start); // a comment that has no end has no start either
      const line = this.line + countNewlines(work.subarray(consumed, begin));
      this.line += countNewlines(work.subarray(consumed, found.end));
      consumed = found.end;
      if (this.emit(found, work, line, items)) {
        this.lexer.shift(this.lexer.position);
        this.pending.forget();
        return work.subarray(consumed);
      }
      if (found.kind === 'unfinished') return undefined;
    }
    this.lexer.shift(consumed);
    this.pending.keep(work, consumed);
    return undefined;
  }

  /** @returns true when COPY data comes next. */
  private emit(found: Lexed, work: Buffer, line: number, items: SqlItem[]): boolean {
    const bytes = work.subarray(found.start, found.textEnd);
    if (found.kind === 'unfinished') items.push({ kind: 'unfinished', within: found.within, line });
    else if (found.kind === 'meta') items.push({ kind: 'meta', text: bytes.toString('utf8').trim(), line });
    else if (found.kind === 'comment') {
      const of = TRAILERS[bytes.toString('latin1').trimEnd() as keyof typeof TRAILERS];
      if (of) items.push({ kind: 'trailer', of });
    } else if (found.kind === 'statement') {
      items.push({ kind: 'statement', bytes, line });
      this.lexer.noteSetting(bytes);
    } else {
      items.push({ kind: 'copy', bytes, line });
      this.copy = new CopyDataScanner();
      return true;
    }
    return false;
  }
}
