import { FORGOTTEN_SHARE, setNewest } from './kept-newest.ts';
import type { LoggedStatement, LoggedTable } from './transaction-statement.ts';

/** Databases tracked per log: beyond it, databases are treated as if the log did not name them. */
const KNOWN_DATABASES = 1000;
/** Tables tracked per database. */
const KNOWN_TABLES = 20_000;
/** Tables tracked in all databases together. */
const KNOWN_NAMES = 100_000;

interface KnownDatabase {
  isGone: boolean;
  wasDropped: boolean;
  readonly tables: Map<string, boolean>;
}

/**
 * Tracks which databases and tables did not exist at a point of the log, as far as the log shows: it contains `DROP TABLE IF EXISTS` whether or not that
 * dropped anything. Unknown objects are assumed to exist, as they may be in the backup; so are the least recently named ones, once there are too many names.
 */
export class KnownObjects {
  readonly #databases = new Map<string, KnownDatabase>();
  #tables = 0;

  /** Number of tracked names. */
  get size(): number {
    return this.#databases.size + this.#tables;
  }

  hasDatabase(database: string): boolean {
    return this.#databases.get(database)?.isGone !== true;
  }

  hasTable({ database, table }: LoggedTable): boolean {
    const known = this.#databases.get(database);
    return known === undefined || (known.tables.get(table) ?? !known.wasDropped);
  }

  /** Records that rows of the table were changed. */
  noteTable(table: LoggedTable): void {
    this.#set(table, true);
  }

  note(statement: LoggedStatement): void {
    switch (statement.does) {
      case 'drop-database':
        this.#keep(statement.database, { isGone: true, wasDropped: true, tables: new Map() });
        return;
      case 'create-database': {
        const { isGone: _, ...before } = this.#of(statement.database);
        const emptied = { wasDropped: true, tables: new Map<string, boolean>() };
        this.#keep(statement.database, { isGone: false, ...(statement.isEmpty ? emptied : before) });
        return;
      }
      case 'rename-table':
        for (const { from, to } of statement.renames) {
          this.#set(from, false);
          this.#set(to, true);
        }
        return;
      default:
        for (const table of statement.tables) this.#set(table, statement.does !== 'drop-table');
    }
  }

  #of(database: string): KnownDatabase {
    const known = this.#databases.get(database) ?? { isGone: false, wasDropped: false, tables: new Map() };
    this.#keep(database, known);
    return known;
  }

  #keep(database: string, known: KnownDatabase): void {
    const before = this.#databases.get(database);
    if (before !== known) this.#tables += known.tables.size - (before?.tables.size ?? 0);
    this.#databases.delete(database);
    this.#databases.set(database, known);
    if (this.#databases.size > KNOWN_DATABASES || this.#tables > KNOWN_NAMES) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const kept = 1 - FORGOTTEN_SHARE;
    for (const [oldest, { tables }] of this.#databases) {
      if (this.#databases.size <= KNOWN_DATABASES * kept && this.#tables <= KNOWN_NAMES * kept) return;
      this.#tables -= tables.size;
      this.#databases.delete(oldest);
    }
  }

  #set({ database, table }: LoggedTable, exists: boolean): void {
    const known = this.#of(database);
    if (known.tables.size >= KNOWN_TABLES && !known.tables.has(table)) known.wasDropped = false; // one that is there is forgotten
    const before = known.tables.size;
    setNewest(known.tables, table, exists, KNOWN_TABLES);
    this.#tables += known.tables.size - before;
    if (exists) known.isGone = false;
  }
}
