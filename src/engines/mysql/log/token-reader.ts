import type { SqlToken } from '../sql/sql-tokens.ts';

/** A table named by a statement, with its database. */
export interface LoggedTable {
  readonly database: string;
  readonly table: string;
}

/** Maximum number of tables retained per statement, in order: a server may have more, and a hostile log may name any number. */
export const KEPT_TABLES = 100_000;

/** Reads the tokens of a statement, one after another. */
export class TokenReader {
  readonly #tokens: Iterator<SqlToken>;
  readonly #database: string;
  #next: SqlToken | undefined;
  #unlisted = 0;

  constructor(tokens: Iterator<SqlToken>, database: string) {
    this.#tokens = tokens;
    this.#database = database;
    this.#advance();
  }

  #advance(): void {
    const { value, done } = this.#tokens.next();
    this.#next = done ? undefined : value;
  }

  #is(...words: readonly string[]): boolean {
    const next = this.#next;
    return (
      next !== undefined && (next.kind === 'word' || next.kind === 'mark') && words.includes(next.text.toUpperCase())
    );
  }

  /** Skips opening brackets, and MariaDB's `SET STATEMENT a = 1, b = 2 FOR`. @returns whether such settings exist with nothing after them. */
  skipSettings(): boolean {
    let hasSettings = false;
    while (this.take('('));
    while (this.take('SET') && this.take('STATEMENT')) {
      hasSettings = true;
      this.skipPast('FOR');
    }
    return hasSettings && this.#next === undefined;
  }

  /** Consumes one of these keywords or marks, if it is next. */
  take(...words: readonly string[]): boolean {
    if (!this.#is(...words)) return false;
    this.#advance();
    return true;
  }

  takeIfExists(): boolean {
    if (!this.take('IF')) return false;
    this.take('NOT');
    return this.take('EXISTS');
  }

  /** MariaDB: `WAIT 5`, `NOWAIT`. */
  skipWait(): void {
    if (this.take('NOWAIT')) return;
    if (this.take('WAIT')) this.#advance();
  }

  /** Makes a copy: a substring keeps the whole string in memory, and names outlive statements. */
  name(): string | undefined {
    const next = this.#next;
    if (!next || next.kind === 'mark' || next.kind === 'string') return undefined;
    this.#advance();
    return Buffer.from(next.text).toString();
  }

  table(): LoggedTable | undefined {
    const first = this.name();
    if (first === undefined) return undefined;
    if (!this.take('.')) return { database: this.#database, table: first };
    if (this.take('*')) return { database: this.#database, table: first }; // `DELETE a.* FROM a`
    const second = this.name();
    if (this.take('.')) this.take('*');
    return second === undefined ? undefined : { database: first, table: second };
  }

  /**
   * A list, each with or without an alias that is not followed by anything.
   * @param kept beyond this number, tables are {@link unlisted}.
   */
  tables(kept = KEPT_TABLES): readonly LoggedTable[] {
    return this.list(() => this.table(), kept);
  }

  /** Collects results of `read` between commas, up to the first undefined. */
  list<Item>(read: () => Item | undefined, kept = KEPT_TABLES): readonly Item[] {
    const found: Item[] = [];
    do {
      const item = read();
      if (item === undefined) break;
      if (found.length < kept) found.push(item);
      else this.#unlisted += 1;
    } while (this.take(','));
    return found;
  }

  /** How many list items were read but not returned. */
  get unlisted(): number {
    return this.#unlisted;
  }

  skipTo(...words: readonly string[]): void {
    let depth = 0;
    while (this.#next && !(depth === 0 && this.#is(...words))) {
      if (this.#is('(')) depth += 1;
      if (this.#is(')')) depth -= 1;
      this.#advance();
    }
  }

  /** @returns whether the mark was found, outside of brackets. */
  skipPast(mark: string): boolean {
    this.skipTo(mark);
    return this.take(mark);
  }

  /** Whether the remaining text limits the rows: by WHERE, unless that is true for all of them, by a join or by LIMIT. */
  hasCondition(): boolean {
    let depth = 0;
    for (; this.#next; this.#advance()) {
      if (this.#is('(')) depth += 1;
      else if (this.#is(')')) depth -= 1;
      else if (depth > 0) continue;
      else if (this.#is('JOIN', 'STRAIGHT_JOIN', 'USING', 'LIMIT', 'PARTITION')) return true;
      else if (this.take('WHERE')) return !this.#isAlwaysTrue();
    }
    return false;
  }

  /** `1`, `TRUE`, `1=1`, `'a' = 'a'`, in brackets or not. */
  #isAlwaysTrue(): boolean {
    const rest: SqlToken[] = [];
    for (; this.#next && rest.length < 8; this.#advance()) if (!this.#is('(', ')', ';')) rest.push(this.#next);
    const [left, mark, right] = rest.map(({ kind, text }) => (kind === 'word' ? text.toUpperCase() : text));
    if (rest.length === 1) return rest[0]?.kind === 'word' && (left === 'TRUE' || Number(left) > 0);
    const areConstant = [rest[0], rest[2]].every((one) => one?.kind === 'string' || /^\d+$/.test(one?.text ?? ''));
    return rest.length === 3 && areConstant && mark === '=' && left === right;
  }
}
