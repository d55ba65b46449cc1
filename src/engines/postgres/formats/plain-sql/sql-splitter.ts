import { countNewlines } from '../../../sql-dump/count-newlines.ts';
import type { Token } from '../../../sql-dump/statement-lexer.ts';
import {
  DEFAULT_LIMITS,
  type SplitItem,
  type StatementLimits,
  StatementSplitter,
} from '../../../sql-dump/statement-splitter.ts';
import { CopyDataScanner } from './copy-data-scanner.ts';
import type { DumpKind } from './dump-completion.ts';
import { SqlLexer } from './sql-lexer.ts';

type OwnItem =
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
  | { readonly kind: 'fragment'; readonly bytes: Buffer; readonly line: number };

/** The items of a plain dump, in order. Buffers may be views of what was pushed. */
export type SqlItem = SplitItem | OwnItem;

const MARKERS: Readonly<Record<string, readonly ['header' | 'trailer', DumpKind]>> = {
  '-- PostgreSQL database dump': ['header', 'database'],
  '-- PostgreSQL database cluster dump': ['header', 'cluster'],
  '-- PostgreSQL database dump complete': ['trailer', 'database'],
  '-- PostgreSQL database cluster dump complete': ['trailer', 'cluster'],
};

const HEADER_START = Buffer.from('-- PostgreSQL database ');
const HEADER_IN_DATA = /^-- PostgreSQL database (?:cluster )?dump\r?\n--\r?\n/;
const HEADER_BYTES = 48;

/**
 * Splits a plain dump into statements and COPY blocks as psql would, without psql; COPY data is passed on unchanged.
 * Source of the rules: PostgreSQL's src/fe_utils/psqlscan.l (facts only), and its manual's "Lexical Structure".
 */
export class SqlSplitter extends StatementSplitter<OwnItem> {
  /** Whether the first line ends in CR LF; undefined before its end. */
  hasCrlf: boolean | undefined;
  private readonly lexer: SqlLexer;
  private copy: CopyDataScanner | undefined;
  /** The end of the COPY data so far: a marker may be split across two pieces of it. */
  private dataTail = Buffer.alloc(0);

  constructor(limits: StatementLimits = DEFAULT_LIMITS) {
    const lexer = new SqlLexer();
    super(lexer, limits);
    this.lexer = lexer;
  }

  override push(chunk: Buffer): readonly SqlItem[] {
    const newline = this.hasCrlf === undefined ? chunk.indexOf(10) : -1;
    if (newline >= 0) this.hasCrlf = chunk[newline - 1] === 13;
    return super.push(chunk);
  }

  protected override noteStatement(bytes: Buffer): void {
    this.lexer.noteSetting(bytes);
  }

  protected override itemOf({ kind }: Token, bytes: Buffer, line: number): OwnItem | undefined {
    if (kind === 'command') return { kind: 'meta', text: bytes.toString('utf8').trim(), line };
    if (kind === 'fragment') return { kind: 'fragment', bytes, line };
    if (kind === 'comment') {
      const [marker, of] = MARKERS[bytes.toString('latin1').trimEnd()] ?? [];
      return marker && of && { kind: marker, of, line };
    }
    this.copy = new CopyDataScanner();
    this.dataTail = Buffer.alloc(0);
    return { kind: 'copy', bytes, line };
  }

  protected override get isInData(): boolean {
    return this.copy !== undefined;
  }

  protected override readData(bytes: Buffer, items: SqlItem[], final: boolean): Buffer | undefined {
    const found = this.copy?.scan(bytes, final);
    for (const data of found?.data ?? []) {
      if (this.holdsHeader(data)) {
        items.push(this.unfinishedData());
        this.stop();
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
    if (final) items.push(this.unfinishedData());
    return undefined;
  }

  private unfinishedData(): SqlItem {
    return { kind: 'unfinished', within: 'COPY data', line: this.line, bytes: Buffer.alloc(0) };
  }

  /** Whether another dump's header is among the rows, as when a file contains two dumps and the first was cut short. */
  private holdsHeader(data: Buffer): boolean {
    const seam = Buffer.concat([this.dataTail, data.subarray(0, HEADER_BYTES)]);
    this.dataTail = Buffer.from((data.length < HEADER_BYTES ? seam : data).subarray(-HEADER_BYTES));
    return [seam, data].some((bytes) => {
      for (let at = bytes.indexOf(HEADER_START); at >= 0; at = bytes.indexOf(HEADER_START, at + 1))
        if (HEADER_IN_DATA.test(bytes.toString('latin1', at, at + HEADER_BYTES))) return true;
      return false;
    });
  }
}
