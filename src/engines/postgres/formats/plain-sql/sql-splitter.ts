import { countNewlines } from '../../../sql-dump/count-newlines.ts';
import { PendingBytes } from '../../../sql-dump/pending-bytes.ts';
import { MAX_STATEMENT_BYTES, SPOOL_FROM_BYTES, StatementSpool } from '../../../sql-dump/statement-spool.ts';
import { CopyDataScanner } from './copy-data-scanner.ts';
import type { DumpKind } from './dump-completion.ts';
import { type Lexed, SqlLexer } from './sql-lexer.ts';

/** The items of a plain dump, in order. Buffers may be views of what was pushed. */
export type SqlItem =
  /**
   * A statement without its semicolon and without the comments before it. For a long one these are only its first bytes; its spool holds
   * all of it, and the receiver disposes of it.
   */
  | { readonly kind: 'statement'; readonly bytes: Buffer; readonly line: number; readonly spool?: StatementSpool }
  /** Longer than any server accepts; what follows can no longer be split. */
  | { readonly kind: 'oversized'; readonly line: number }
  /** A `COPY … FROM stdin`; its data follows. */
  | { readonly kind: 'copy'; readonly bytes: Buffer; readonly line: number }
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | { readonly kind: 'data-end' }
  /** A psql meta-command, with its backslash. */
  | { readonly kind: 'meta'; readonly text: string; readonly line: number }
  /** The comment at the beginning of a pg_dump or pg_dumpall dump. */
  | { readonly kind: 'header'; readonly of: DumpKind; readonly line: number }
  /** The comment at its end. */
  | { readonly kind: 'trailer'; readonly of: DumpKind; readonly line: number }
  /** Text without a semicolon before a psql command, a dump's header or zero bytes: psql would send it together with what follows. */
  | { readonly kind: 'fragment'; readonly bytes: Buffer; readonly line: number }
  /** Zero bytes outside any text. */
  | { readonly kind: 'zeros'; readonly line: number }
  /** Only at the end: what the input ended within. */
  | { readonly kind: 'unfinished'; readonly within: string; readonly line: number };

const MARKERS: Readonly<Record<string, readonly ['header' | 'trailer', DumpKind]>> = {
  '-- PostgreSQL database dump': ['header', 'database'],
  '-- PostgreSQL database cluster dump': ['header', 'cluster'],
  '-- PostgreSQL database dump complete': ['trailer', 'database'],
  '-- PostgreSQL database cluster dump complete': ['trailer', 'cluster'],
};

const HEADER_START = Buffer.from('-- PostgreSQL database ');
const HEADER_IN_DATA = /^-- PostgreSQL database (?:cluster )?dump\r?\n--\r?\n/;
const HEADER_BYTES = 48;

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
const HEAD_BYTES = 16_384;

/**
 * Splits a plain dump into statements and COPY blocks as psql would, without psql: over bytes, since a dump may be in any encoding in which
 * ASCII stays ASCII, and with COPY data passed on unchanged. Memory is bounded: a long statement goes through a file.
 * Source of the rules: PostgreSQL's src/fe_utils/psqlscan.l (facts only), and its manual's "Lexical Structure".
 */
export class SqlSplitter implements Disposable {
  /** The line of the input that is being read, from 1. */
  line = 1;
  /** Bytes pushed so far. */
  bytesSeen = 0;
  /** Whether the first line ends in CR LF; undefined before its end. */
  hasCrlf: boolean | undefined;
  private readonly lexer = new SqlLexer();
  private copy: CopyDataScanner | undefined;
  private readonly pending = new PendingBytes();
  /** The end of the COPY data so far: a marker may be split across two pieces of it. */
  private dataTail = Buffer.alloc(0);
  /** Another dump began within COPY data: what follows can no longer be split. */
  private isBroken = false;
  private long: LongStatement | undefined;
  private readonly limits: StatementLimits;

  constructor(limits: StatementLimits = { spoolFromBytes: SPOOL_FROM_BYTES, maxBytes: MAX_STATEMENT_BYTES }) {
    this.limits = limits;
  }
  /** Where the last run of zero bytes ended, counted from the beginning. */
  private zerosEnd = -1;

  /** Discards the statement that is being read. */
  [Symbol.dispose](): void {
    this.long?.spool[Symbol.dispose]();
    this.long = undefined;
  }

  push(chunk: Buffer): SqlItem[] {
    const items: SqlItem[] = [];
    this.bytesSeen += chunk.length;
    const newline = this.hasCrlf === undefined ? chunk.indexOf(10) : -1;
    if (newline >= 0) this.hasCrlf = chunk[newline - 1] === 13;
    const text = this.isBroken ? undefined : this.pending.passOpening(chunk);
    if (text) this.feed(text, items, false);
    return items;
  }

  end(): SqlItem[] {
    const items: SqlItem[] = [];
    if (this.isBroken) return items;
    this.feed(this.pending.takeOpening(), items, true);
    return items;
  }

  private feed(chunk: Buffer, items: SqlItem[], final: boolean): void {
    let rest: Buffer | undefined = chunk;
    while (rest)
      rest = this.copy ? this.readData(rest, items, final) : this.readSql(this.pending.with(rest), items, final);
  }

  /** @returns the bytes after the block's end, once the end was found. */
  private readData(bytes: Buffer, items: SqlItem[], final: boolean): Buffer | undefined {
    const found = this.copy?.scan(bytes, final);
    for (const data of found?.data ?? []) {
      if (this.holdsHeader(data)) {
        items.push({ kind: 'unfinished', within: 'COPY data', line: this.line });
        this.isBroken = true;
        return undefined;
      }
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

  /** @param work holds the beginning or the rest of the statement that is being read. @returns how many of its bytes are no longer needed. */
  private spoolWhatIsRead(work: Buffer, items: SqlItem[]): number {
    const begin = this.lexer.beginning;
    this.line += countNewlines(work.subarray(0, begin));
    this.long ??= {
      spool: new StatementSpool(this.limits.maxBytes),
      line: this.line,
      head: Buffer.from(work.subarray(begin, begin + HEAD_BYTES)),
    };
    const read = work.subarray(begin, this.lexer.position);
    this.line += countNewlines(read);
    this.lexer.drop(begin + read.length);
    if (!this.long.spool.write(read)) {
      items.push({ kind: 'oversized', line: this.long.line });
      this.isBroken = true;
    }
    return begin + read.length;
  }

  private endLong({ spool, line, head }: LongStatement, found: Lexed, work: Buffer, items: SqlItem[]): void {
    this.long = undefined;
    this.line += countNewlines(work.subarray(0, found.end));
    const fits = spool.write(work.subarray(0, found.textEnd));
    if (fits && found.kind === 'statement') {
      items.push({ kind: 'statement', bytes: head, line, spool });
      return;
    }
    spool[Symbol.dispose]();
    if (!fits) items.push({ kind: 'oversized', line });
    else if (found.kind === 'unfinished') items.push({ kind: 'unfinished', within: found.within, line });
    else items.push({ kind: 'fragment', bytes: head, line });
  }

  /** Whether another dump's header is among the rows, as when two dumps are in one file and the first was cut short. */
  private holdsHeader(data: Buffer): boolean {
    const seam = Buffer.concat([this.dataTail, data.subarray(0, HEADER_BYTES)]);
    this.dataTail = Buffer.from((data.length < HEADER_BYTES ? seam : data).subarray(-HEADER_BYTES));
    return [seam, data].some((bytes) => {
      for (let at = bytes.indexOf(HEADER_START); at >= 0; at = bytes.indexOf(HEADER_START, at + 1))
        if (HEADER_IN_DATA.test(bytes.toString('latin1', at, at + HEADER_BYTES))) return true;
      return false;
    });
  }

  /** @returns the bytes after the statement that begins a COPY block. */
  private readSql(work: Buffer, items: SqlItem[], final: boolean): Buffer | undefined {
    let consumed = 0;
    for (;;) {
      const found = this.lexer.next(work, final);
      if (!found) break;
      if (this.long) {
        this.endLong(this.long, found, work, items);
        consumed = found.end;
        continue;
      }
      const begin = Math.max(consumed, found.start); // a comment without an end has no start either
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
    // blanks and comments between statements are no longer needed, however many there are
    const settled = this.lexer.isBetween ? Math.max(consumed, this.lexer.position) : consumed;
    this.line += countNewlines(work.subarray(consumed, settled));
    this.lexer.shift(settled);
    const isShort = this.lexer.isBetween || work.length - settled < this.limits.spoolFromBytes;
    this.pending.keep(work, settled + (isShort ? 0 : this.spoolWhatIsRead(work.subarray(settled), items)));
    return undefined;
  }

  /** A run of zero bytes is one item, even if it arrives in several pieces. */
  private emitZeros(found: Lexed, work: Buffer, line: number, items: SqlItem[]): void {
    const endOffset = this.bytesSeen - (work.length - found.end);
    if (this.zerosEnd !== endOffset - (found.end - found.start)) items.push({ kind: 'zeros', line });
    this.zerosEnd = endOffset;
  }

  /** @returns true when COPY data comes next. */
  private emit(found: Lexed, work: Buffer, line: number, items: SqlItem[]): boolean {
    const bytes = work.subarray(found.start, found.textEnd);
    if (found.kind === 'unfinished') items.push({ kind: 'unfinished', within: found.within, line });
    else if (found.kind === 'meta') items.push({ kind: 'meta', text: bytes.toString('utf8').trim(), line });
    else if (found.kind === 'comment') {
      const [kind, of] = MARKERS[bytes.toString('latin1').trimEnd()] ?? [];
      if (kind && of) items.push({ kind, of, line });
    } else if (found.kind === 'fragment') items.push({ kind: 'fragment', bytes, line });
    else if (found.kind === 'zeros') this.emitZeros(found, work, line, items);
    else if (found.kind === 'statement') {
      items.push({ kind: 'statement', bytes, line });
      this.lexer.noteSetting(bytes);
    } else {
      items.push({ kind: 'copy', bytes, line });
      this.copy = new CopyDataScanner();
      this.dataTail = Buffer.alloc(0);
      return true;
    }
    return false;
  }
}
