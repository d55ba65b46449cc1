import type { Token } from '../../sql-dump/statement-lexer.ts';
import {
  DEFAULT_LIMITS,
  type SplitItem,
  type StatementLimits,
  StatementSplitter,
} from '../../sql-dump/statement-splitter.ts';
import { SqlLexer } from './sql-lexer.ts';
import { TextSettings } from './text-settings.ts';

type OwnItem =
  /**
   * A command to the client program: `\! …`, `source …`. Dump tools write only `DELIMITER` and `USE`, which are not reported as commands. `isWithin`: it is in
   * the middle of a statement, which is lost because of it.
   */
  | { readonly kind: 'client'; readonly text: string; readonly line: number; readonly isWithin: boolean }
  /** A line, or a short block, between statements, where tools name the dump and mark its end. Only the beginning of a long line. */
  | { readonly kind: 'comment'; readonly text: string; readonly line: number };

/** The items of a dump, in order. */
export type SqlItem = SplitItem | OwnItem;

/**
 * Splits a dump into statements as the programs `mysql` and `mariadb` would, without them: over bytes, since strings may hold anything, in the
 * character set and the `sql_mode` that the dump itself sets. Memory is bounded: a long statement goes through a file.
 *
 * It does what the clients do, save where the server, which has the last word, reads the text otherwise and the client would cut it wrong:
 * - multi-byte characters are read by `SET NAMES`, not by an option of the client; `ANSI_QUOTES` is followed;
 * - a comment within a `/*! … *​/` ends where it ends, also on the line where that begins;
 * - carriage returns, and zero bytes within statements, are kept (as with the client's `--binary-mode`); line-ends.ts takes out those of changed files.
 * Sources: the manuals' "mysql Client Commands", "Comments", "String Literals", "Server SQL Modes"; the clients' own behaviour, which
 * sql-splitter.docker.test.ts compares.
 */
export class SqlSplitter extends StatementSplitter<OwnItem> {
  private readonly settings: TextSettings;
  private readonly lexer: SqlLexer;

  /** @param dialect decides how to treat text that only one of the servers reads: `/*M! … *​/` and `/*+ … *​/`. */
  constructor(dialect: 'mysql' | 'mariadb' = 'mariadb', limits: StatementLimits = DEFAULT_LIMITS) {
    const settings = new TextSettings();
    const lexer = new SqlLexer(settings, dialect === 'mariadb');
    super(lexer, limits);
    this.settings = settings;
    this.lexer = lexer;
  }

  /** Whether all lines between statements end with a carriage return and a line feed. */
  get hasReturns(): boolean {
    const { plain, withReturn } = this.lexer.lineEnds;
    return withReturn > 0 && plain === 0;
  }

  protected override noteStatement(bytes: Buffer): void {
    if (this.settings.note(bytes)) this.lexer.noteRules();
  }

  protected override itemOf(token: Token, bytes: Buffer, line: number): OwnItem | undefined {
    const text = bytes.toString('utf8');
    if (token.kind === 'comment') return { kind: 'comment', text, line };
    return { kind: 'client', text: text.trim(), line, isWithin: token.within !== '' };
  }
}
