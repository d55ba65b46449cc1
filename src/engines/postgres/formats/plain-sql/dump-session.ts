import type pg from 'pg';
import type { Lanes } from '../../../sql-dump/lanes.ts';
import type { StatementKind } from './statement-kind.ts';

/** The sessions of one `\connect` of a dump, and what is known about the tables in its database. */
export class DumpSession {
  readonly database: string;
  /** Whether the dump's objects are loaded here; the session before any `\connect` only waits for the first one. */
  readonly isChosen: boolean;
  readonly lanes: Lanes<pg.Client>;
  /** Bytes of rows loaded, by table: decides the cost of an index on it. */
  readonly tableBytes = new Map<string, number>();
  /** Created by this load and still empty: no other session can see them, and they may be truncated again without loss. */
  readonly freshTables = new Set<string>();
  /** Rows may depend on other rows: there already are foreign keys, triggers or rules. */
  dataOrderMatters = false;
  inTransaction = false;
  /** The line where the open transaction starts. */
  transactionLine = 0;
  private hasIdentity = false;

  constructor(database: string, isChosen: boolean, lanes: Lanes<pg.Client>) {
    this.database = database;
    this.isChosen = isChosen;
    this.lanes = lanes;
  }

  /** Whether everything runs in order on one session: within a transaction of the dump, or after it switched to a role. */
  get isSerial(): boolean {
    return this.inTransaction || this.hasIdentity;
  }

  note(kind: StatementKind['kind'], isDone: boolean, line: number): void {
    if (kind === 'begin') {
      this.inTransaction = isDone;
      this.transactionLine = line;
    }
    if (kind === 'commit') this.inTransaction = false;
    if (kind === 'identity') this.hasIdentity = true;
  }

  noteData(table: string, sizeBytes: number): void {
    this.freshTables.delete(table);
    this.tableBytes.set(table, (this.tableBytes.get(table) ?? 0) + sizeBytes);
  }
}
