import { FORGOTTEN_SHARE, setNewest } from './kept-newest.ts';
import type { LoggedStatement, LoggedTable } from './transaction-statement.ts';

/** Of one log: the others are not known, as if the log did not name them. */
const KNOWN_DATABASES = 1000;
/** Of one database. */
const KNOWN_TABLES = 20_000;
/** Of all databases together. */
const KNOWN_NAMES = 100_000;

interface KnownDatabase {
  isGone: boolean;
  wasDropped: boolean;
  readonly tables: Map<string, boolean>;
}

/**
 * Which databases and tables were gone at a point of the log, as far as it says: `DROP TABLE IF EXISTS` is in the log whether or not it dropped
 * anything. What is not known of is taken to be there, as it may be in the backup; so is what was named longest ago, once there are many names.
 */
export class KnownObjects {
  readonly #databases = new Map<string, KnownDatabase>();
  #tables = 0;

  /** How many names are held. */
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

  /** Rows of it were changed. */
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
