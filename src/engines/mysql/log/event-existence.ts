import type { LoggedStatement, LoggedTable } from './transaction-statement.ts';

/**
 * Which databases and tables were gone at a point of the log, as far as it says: `DROP TABLE IF EXISTS` is in the log whether or not it dropped
 * anything. What is not known of is taken to be there, as it may be in the backup.
 */
export class KnownObjects {
  readonly #databases = new Map<
    string,
    { isGone: boolean; wasDropped: boolean; readonly tables: Map<string, boolean> }
  >();

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
        this.#databases.set(statement.database, { isGone: true, wasDropped: true, tables: new Map() });
        return;
      case 'create-database': {
        const { isGone: _, ...before } = this.#of(statement.database);
        const emptied = { wasDropped: true, tables: new Map<string, boolean>() };
        this.#databases.set(statement.database, { isGone: false, ...(statement.isEmpty ? emptied : before) });
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

  #of(database: string) {
    const known = this.#databases.get(database) ?? { isGone: false, wasDropped: false, tables: new Map() };
    this.#databases.set(database, known);
    return known;
  }

  #set({ database, table }: LoggedTable, exists: boolean): void {
    const known = this.#of(database);
    known.tables.set(table, exists);
    if (exists) known.isGone = false;
  }
}
