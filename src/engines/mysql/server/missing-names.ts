import { numberOf } from './server-errors.ts';

/** ER_NO_SUCH_TABLE, ER_BAD_DB_ERROR. */
const MISSING = [1146, 1049];
const MAX_NAMES = 100;

/** Names of tables and databases that statements of a dump referenced but that do not exist, as written: `shop.Orders`. */
export class MissingNames {
  private readonly names = new Set<string>();

  note(error: unknown): void {
    if (!MISSING.includes(numberOf(error)) || this.names.size >= MAX_NAMES) return;
    const name = /^(?:Table|Unknown database) '(.+?)'/.exec(String((error as Error).message))?.[1];
    if (name !== undefined) this.names.add(name);
  }

  /** @returns the names, and clears them. */
  take(): readonly string[] {
    const names = [...this.names];
    this.names.clear();
    return names;
  }
}
