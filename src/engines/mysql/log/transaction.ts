import type { RowChange } from './event-types.ts';
import type { LoggedStatement, LoggedTable } from './transaction-statement.ts';

/** A position between two transactions of a log. */
export interface LogStop {
  /** As named by the server: `binlog.000012`. */
  readonly file: string;
  /** In bytes: events that begin at or after this are not replayed. */
  readonly position: number;
}

/** Number of rows of a table that a transaction changed. */
export interface ChangedRows extends LoggedTable {
  readonly change: RowChange;
  readonly rows: number;
  /** false: it may be more. */
  readonly isExact: boolean;
}

/** A transaction in a log, or a statement that forms one by itself. */
export interface LogTransaction {
  readonly file: string;
  /** Start of its first event, the GTID. */
  readonly at: number;
  /** End of its last event. */
  readonly end: number;
  /** undefined: the server assigned none. */
  readonly gtid: string | undefined;
  /** The server on which it was first committed. */
  readonly serverId: number;
  /** In microseconds since 1970: when it was first committed, or, if `hasMicros` is false, the second in which its last statement began. */
  readonly committedAtMicros: number;
  readonly hasMicros: boolean;
  /**
   * `rolled-back`: the log contains it because it changed something that cannot be rolled back. `prepared`: a later transaction with its `xid` decides whether
   * it is committed.
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
