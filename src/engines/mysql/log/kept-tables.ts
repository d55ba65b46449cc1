import { FORGOTTEN_SHARE } from './kept-newest.ts';
import type { LoggedTable } from './token-reader.ts';

/** Facts about tables, by name. Beyond the limit, the tables of the least recently named database are dropped, so memory use is bounded. */
export class KeptTables<Value> {
  readonly #limit: number;
  readonly #databases = new Map<string, Map<string, Value>>();
  #size = 0;

  /** @param limit number of tables in all databases together. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Number of tables. */
  get size(): number {
    return this.#size;
  }

  get({ database, table }: LoggedTable): Value | undefined {
    return this.#databases.get(database)?.get(table);
  }

  set({ database, table }: LoggedTable, value: Value): void {
    const tables = this.#databases.get(database) ?? new Map<string, Value>();
    this.#databases.delete(database);
    this.#databases.set(database, tables);
    if (!tables.delete(table)) this.#size += 1;
    tables.set(table, value);
    if (this.#size > this.#limit) this.#forgetOldest();
  }

  deleteDatabase(database: string): void {
    this.#size -= this.#databases.get(database)?.size ?? 0;
    this.#databases.delete(database);
  }

  #forgetOldest(): void {
    for (const [database, tables] of this.#databases) {
      for (const [table] of tables) {
        if (this.#size <= this.#limit * (1 - FORGOTTEN_SHARE)) return;
        tables.delete(table);
        this.#size -= 1;
      }
      this.#databases.delete(database);
    }
  }
}
