import type pg from 'pg';
import type { Lanes } from '../lanes.ts';
import type { StatementKind } from './statement-kind.ts';

/** One `\connect` of a dump: its sessions, and what is known of the tables in it. */
export class DumpSession {
  readonly database: string;
  /** Whether the dump's objects go here; the session before any `\connect` only waits for the first of them. */
  readonly isChosen: boolean;
  readonly lanes: Lanes<pg.Client>;
  /** Rows loaded, by table: what an index on it will cost. */
  readonly tableBytes = new Map<string, number>();
  /** Made by this load and still empty: nobody else can see them, and they may be emptied again without loss. */
  readonly freshTables = new Set<string>();
  /** Rows may depend on other rows: foreign keys, triggers or rules are there already. */
  dataOrderMatters = false;
  inTransaction = false;
  /** Where the transaction begins that is open. */
  transactionLine = 0;
  private hasIdentity = false;

  constructor(database: string, isChosen: boolean, lanes: Lanes<pg.Client>) {
    this.database = database;
    this.isChosen = isChosen;
    this.lanes = lanes;
  }

  /** Everything in order on one session: within a transaction of the dump, or since it took on a role. */
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
