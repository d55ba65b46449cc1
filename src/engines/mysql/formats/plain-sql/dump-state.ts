import type { StatementKind, TableName } from '../../sql/statement-kind.ts';

type Insert = Extract<StatementKind, { kind: 'insert' }>;

/** Values that differ between sessions or from moment to moment: a statement with one of them cannot be repeated on another session. */
const UNREPEATABLE =
  /\b(?:SELECT|LAST_INSERT_ID|ROW_COUNT|FOUND_ROWS|CONNECTION_ID|UUID\w*|RAND|NOW|SYSDATE|CURRENT_\w+|CURDATE|CURTIME|UNIX_TIMESTAMP|NEXTVAL|SETVAL)\s*\(|\bSELECT\b/i;
const INTO_VARIABLE = /\bINTO\s+@|@\w+\s*:=/i;

/** What is known about a dump so far, to decide which statements may run in parallel. */
export class DumpState {
  hasDatabase = false;
  /** Whether rows of the account tables were loaded but have not taken effect yet. */
  hasAccounts = false;
  private readonly isToolMade: boolean;
  private readonly accountTables: ReadonlySet<string>;
  private database = '';
  private inTransaction = false;
  /** Whether each statement may now depend on what the same session did before. */
  private isSerial = false;
  private checksForeignKeys = true;
  private hasForeignKeys = false;
  private hasTriggers = false;
  /** Tables that the dump created, or tried to create. */
  private readonly created = new Set<string>();
  /** Tables of engines for which disabling keys matters. */
  private readonly otherEngines = new Set<string>();

  constructor(isToolMade: boolean, accountTables: ReadonlySet<string>) {
    this.isToolMade = isToolMade;
    this.accountTables = accountTables;
  }

  /**
   * `any`: in parallel with everything; `session`: in order, on a single session, since hand-written SQL may depend on the previous statement
   * (LAST_INSERT_ID(), variables, subqueries); `alone`: after everything before it, and in its own transaction.
   */
  orderOf(kind: Insert): 'any' | 'session' | 'alone' {
    if (this.isSerial || this.inTransaction || this.hasTriggers || !kind.isPlain) return 'alone';
    if (this.checksForeignKeys && this.hasForeignKeys) return 'alone';
    if (this.isAccountTable(kind.table)) return 'alone';
    return this.isToolMade ? 'any' : 'session';
  }

  keyOf({ database, table }: TableName): string {
    const inUse = database ?? this.database;
    return inUse === '' ? table : `${inUse}.${table}`;
  }

  /**
   * Whether a statement can be skipped. Locks would block the other sessions, and no other client is connected. Keys are disabled only where that has an
   * effect, and for tables that the dump did not create: the server then reports the missing table, which nothing else would reveal if it is empty.
   */
  isNeedless(kind: StatementKind): boolean {
    if (kind.kind === 'lock' || kind.kind === 'unlock' || kind.kind === 'autocommit') return true;
    if (kind.kind === 'commit' || kind.kind === 'rollback') return !this.inTransaction;
    if (kind.kind !== 'keys') return false;
    const key = this.keyOf(kind.table);
    return this.created.has(key) && !this.otherEngines.has(key);
  }

  /** Called when text that may be hand-written begins. */
  goSerial(): void {
    this.isSerial = true;
  }

  /** Database for unqualified names; undefined before one is chosen. */
  get currentDatabase(): string | undefined {
    return this.hasDatabase ? this.database : undefined;
  }

  /** From here on, unqualified names refer to this database. */
  enter(database: string): void {
    this.database = database;
    this.hasDatabase = true;
  }

  /** Records a statement that ran alone. */
  note(kind: StatementKind, text: string, isDone: boolean): void {
    if (kind.kind === 'begin') this.inTransaction = isDone;
    if (kind.kind === 'commit' || kind.kind === 'rollback') this.inTransaction = false;
    if (kind.kind === 'use' && isDone) this.enter(kind.database);
    if (kind.kind === 'setting') this.noteSetting(text);
    if (kind.kind === 'ordinary' && INTO_VARIABLE.test(text)) this.isSerial = true;
    if (kind.kind === 'createTable') this.noteTable(kind.table, text);
    if (kind.kind === 'trigger') this.hasTriggers = true;
    if (kind.kind === 'insert' && this.isAccountTable(kind.table)) this.hasAccounts = true;
  }

  /** Whether a statement concerns the server's system tables, such as those of accounts. */
  isInSystemDatabase(kind: StatementKind): boolean {
    const named = 'table' in kind ? kind.table.database : undefined;
    return (
      (named ?? this.database).toLowerCase() === 'mysql' && (kind.kind === 'insert' || kind.kind === 'createTable')
    );
  }

  private noteSetting(text: string): void {
    if (UNREPEATABLE.test(text.replaceAll(/'(?:[^'\\]|\\.)*'/g, ''))) this.isSerial = true;
    const value = /\bFOREIGN_KEY_CHECKS\s*:?=\s*(?!@@)([\w@]+)/gi;
    for (const [, setTo = ''] of text.matchAll(value)) this.checksForeignKeys = !/^(?:0|OFF|FALSE)$/i.test(setTo);
  }

  private noteTable(table: TableName, text: string): void {
    this.created.add(this.keyOf(table));
    if (/\bREFERENCES\b/i.test(text)) this.hasForeignKeys = true;
    if (/^(?:\/\*.*?\*\/\s*)?CREATE\s+(?:OR\s+REPLACE\s+)?TEMPORARY\b/i.test(text)) this.isSerial = true;
    const engine = /\bENGINE\s*=\s*(\w+)/i.exec(text)?.[1];
    if (engine !== undefined && !/^innodb$/i.test(engine)) this.otherEngines.add(this.keyOf(table));
  }

  private isAccountTable({ database, table }: TableName): boolean {
    return (database ?? this.database).toLowerCase() === 'mysql' && this.accountTables.has(table.toLowerCase());
  }
}
