import { MIN_BATCH_ROWS } from './event-deletes.ts';
import { MASS_DELETE_ROWS } from './event-found.ts';
import type { LoggedTable } from './token-reader.ts';
import type { LogTransaction } from './transaction.ts';

/** So much of a table is many rows … */
const SHARE = 0.1;
/** … and so many rows at least. */
const MIN_SHARED_ROWS = 100;

/** @returns how many rows a table has in the restored backup; undefined: it is not there. */
export type CountRows = (table: LoggedTable) => Promise<number | undefined>;

/** How many rows tables have at a point of the log: those of the backup, and what the log has inserted and deleted since, as far as it holds rows. */
export class TableSizes {
  private readonly countRows: CountRows;
  private readonly inBackup = new Map<string, number>();
  private readonly changes = new Map<string, number>();
  private readonly formerNames = new Map<string, LoggedTable>();
  /** Databases that the log drops: what is in one later is newer than the backup. */
  private readonly dropped = new Set<string>();

  constructor(countRows: CountRows) {
    this.countRows = countRows;
  }

  /** To be called before a transaction is looked at: counts tables that it deletes from, each once. */
  async prepare({ rows }: LogTransaction): Promise<void> {
    for (const changed of rows) {
      const key = keyOf(changed);
      if (changed.change !== 'delete' || changed.rows < MIN_BATCH_ROWS || changed.rows >= MASS_DELETE_ROWS) continue;
      if (this.inBackup.has(key)) continue;
      const former = this.formerNames.get(key);
      const isNewer = former === undefined && this.dropped.has(changed.database);
      this.inBackup.set(key, isNewer ? 0 : ((await this.countRows(former ?? changed)) ?? 0));
    }
  }

  /** To be called after it was looked at. */
  note({ outcome, rows, statements }: LogTransaction): void {
    if (outcome !== 'committed') return;
    for (const changed of rows) {
      if (changed.change === 'update') continue;
      const key = keyOf(changed);
      this.changes.set(
        key,
        (this.changes.get(key) ?? 0) + (changed.change === 'insert' ? changed.rows : -changed.rows),
      );
    }
    for (const statement of statements) {
      if (statement.does === 'rename-table') {
        for (const { from, to } of statement.renames) this.rename(from, to);
        continue;
      }
      if (statement.does === 'drop-database' || (statement.does === 'create-database' && statement.replaces)) {
        this.drop(statement.database);
        continue;
      }
      if (statement.does !== 'truncate' && statement.does !== 'drop-table' && statement.does !== 'create-table')
        continue;
      if (statement.does === 'create-table' && !statement.isEmpty) continue;
      for (const table of statement.tables) this.empty(table);
    }
  }

  private drop(database: string): void {
    this.dropped.add(database);
    for (const names of [this.inBackup, this.changes, this.formerNames])
      for (const key of [...names.keys()]) if (isIn(key, database)) names.delete(key);
  }

  private empty(table: LoggedTable): void {
    this.inBackup.set(keyOf(table), 0);
    this.changes.set(keyOf(table), 0);
  }

  /** One that was not counted yet is counted under the name that it has in the backup. */
  private rename(from: LoggedTable, to: LoggedTable): void {
    const inBackup = this.inBackup.get(keyOf(from));
    const changes = this.changes.get(keyOf(from)) ?? 0;
    this.formerNames.set(keyOf(to), this.formerNames.get(keyOf(from)) ?? from);
    this.empty(from);
    if (inBackup === undefined) this.inBackup.delete(keyOf(to));
    else this.inBackup.set(keyOf(to), inBackup);
    this.changes.set(keyOf(to), changes);
  }

  /** How many deleted rows of it are many. */
  manyOf(table: LoggedTable): number {
    const key = keyOf(table);
    const inBackup = this.inBackup.get(key);
    const size = inBackup === undefined ? 0 : inBackup + (this.changes.get(key) ?? 0);
    return size > 0 ? Math.min(MASS_DELETE_ROWS, Math.max(MIN_SHARED_ROWS, Math.ceil(SHARE * size))) : MASS_DELETE_ROWS;
  }
}

function keyOf({ database, table }: LoggedTable): string {
  return JSON.stringify([database, table]);
}

function isIn(key: string, database: string): boolean {
  return key.startsWith(`[${JSON.stringify(database)},`);
}
