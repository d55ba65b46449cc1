import type { RowChange } from './event-types.ts';
import type { LoggedStatement, LoggedTable } from './transaction-statement.ts';

/** A place between two transactions of a log. */
export interface LogStop {
  /** As the server calls it: `binlog.000012`. */
  readonly file: string;
  /** In bytes: events that begin here, or later, are not replayed. */
  readonly position: number;
}

/** How many rows of a table a transaction changed. */
export interface ChangedRows extends LoggedTable {
  readonly change: RowChange;
  readonly rows: number;
  /** Whether it may be more. */
  readonly isExact: boolean;
}

/** What a log says of one transaction, or of a statement that is one by itself. */
export interface LogTransaction {
  readonly file: string;
  /** Where its first event, the GTID, begins. */
  readonly at: number;
  /** Where its last event ends. */
  readonly end: number;
  /** Undefined: the server gave it none. */
  readonly gtid: string | undefined;
  /** The server that it was first committed on. */
  readonly serverId: number;
  /** In microseconds since 1970: of its commit where it was first committed, or, where `hasMicros` is false, the second in which its last statement began. */
  readonly committedAtMicros: number;
  readonly hasMicros: boolean;
  /**
   * `rolled-back`: the log holds it because it changed something that cannot be rolled back. `prepared`: whether it is committed is up to a later
   * transaction that says so of its `xid`.
   */
  readonly outcome: 'committed' | 'rolled-back' | 'prepared';
  /** Of an XA transaction: of one that is prepared, or one that is committed or rolled back by this statement. */
  readonly xid: string | undefined;
  readonly statements: readonly LoggedStatement[];
  readonly rows: readonly ChangedRows[];
  /** Whether it names more tables than are in `statements` and `rows`, as there are too many: what it does to the others is not known here. */
  readonly namesMoreTables: boolean;
  /** How many statements delete rows on a condition: the log does not say how many rows. */
  readonly conditionalDeletes: number;
  /** The same of UPDATE. */
  readonly conditionalUpdates: number;
}

export function committedAt({ committedAtMicros }: Pick<LogTransaction, 'committedAtMicros'>): Date {
  return new Date(Math.floor(committedAtMicros / 1000));
}

/** `8d3f…:17`, or where it begins. */
export function nameTransaction({ gtid, file, at }: Pick<LogTransaction, 'gtid' | 'file' | 'at'>): string {
  return gtid ?? `${file}:${at}`;
}
