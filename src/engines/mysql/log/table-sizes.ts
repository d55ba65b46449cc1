import { MIN_BATCH_ROWS } from './event-deletes.ts';
import { MASS_DELETE_ROWS } from './event-found.ts';
import { setNewest } from './kept-newest.ts';
import { KeptTables } from './kept-tables.ts';
import type { LoggedTable } from './token-reader.ts';
import type { LogTransaction } from './transaction.ts';

/** This share of a table counts as many rows … */
const SHARE = 0.1;
/** … if it is at least this many rows. */
const MIN_SHARED_ROWS = 100;
/** Maximum number of tables tracked: if a log names more, only the most recently named; the others have their row counts from the backup. */
const KNOWN_TABLES = 100_000;
const KNOWN_DATABASES = 10_000;

/** @returns how many rows a table has in the restored backup; undefined: it does not exist. */
export type CountRows = (table: LoggedTable) => Promise<number | undefined>;

interface TableSize {
  /** Row count in the backup; undefined: not counted. */
  readonly inBackup: number | undefined;
  /** Rows that the log has added since. */
  readonly change: number;
  /** Its name in the backup, if the log renamed it. */
  readonly former: LoggedTable | undefined;
}

const UNKNOWN: TableSize = { inBackup: undefined, change: 0, former: undefined };
const EMPTY: TableSize = { ...UNKNOWN, inBackup: 0 };

/** Row counts of tables at a point of the log: those of the backup, plus what the log has inserted and deleted since, as far as it contains rows. */
export class TableSizes {
  private readonly countRows: CountRows;
  private readonly tables = new KeptTables<TableSize>(KNOWN_TABLES);
  /** Databases that the log drops: tables found in them later are newer than the backup. */
  private readonly dropped = new Map<string, true>();

  constructor(countRows: CountRows) {
    this.countRows = countRows;
  }

  /** Number of tracked names. */
  get size(): number {
    return this.tables.size + this.dropped.size;
  }

  /** To be called before a transaction is inspected: counts the tables that it deletes from, each once. */
  async prepare({ rows }: LogTransaction): Promise<void> {
    for (const changed of rows) {
      if (changed.change !== 'delete' || changed.rows < MIN_BATCH_ROWS || changed.rows >= MASS_DELETE_ROWS) continue;
      const known = this.of(changed);
      if (known.inBackup !== undefined) continue;
      const isNewer = known.former === undefined && this.dropped.has(changed.database);
      const inBackup = isNewer ? 0 : ((await this.countRows(known.former ?? changed)) ?? 0);
      this.tables.set(changed, { ...known, inBackup });
    }
  }

  /** To be called after it was inspected. */
  note({ outcome, rows, statements }: LogTransaction): void {
    if (outcome !== 'committed') return;
    for (const changed of rows) {
      if (changed.change === 'update') continue;
      const known = this.of(changed);
      const added = changed.change === 'insert' ? changed.rows : -changed.rows;
      this.tables.set(changed, { ...known, change: known.change + added });
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

  private of(table: LoggedTable): TableSize {
    return this.tables.get(table) ?? UNKNOWN;
  }

  private drop(database: string): void {
    setNewest(this.dropped, database, true, KNOWN_DATABASES);
    this.tables.deleteDatabase(database);
  }

  private empty(table: LoggedTable): void {
    this.tables.set(table, { ...EMPTY, former: this.of(table).former });
  }

  /** A table that has not been counted yet is counted under its name in the backup. */
  private rename(from: LoggedTable, to: LoggedTable): void {
    const known = this.of(from);
    this.empty(from);
    this.tables.set(to, { ...known, former: known.former ?? from });
  }

  /** How many deleted rows of a table count as many. */
  manyOf(table: LoggedTable): number {
    const { inBackup, change } = this.of(table);
    const size = inBackup === undefined ? 0 : inBackup + change;
    return size > 0 ? Math.min(MASS_DELETE_ROWS, Math.max(MIN_SHARED_ROWS, Math.ceil(SHARE * size))) : MASS_DELETE_ROWS;
  }
}
