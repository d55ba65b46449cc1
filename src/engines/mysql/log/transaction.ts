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
  /** Set for an XA transaction that is prepared, or that this statement commits or rolls back. */
  readonly xid: string | undefined;
  readonly statements: readonly LoggedStatement[];
  readonly rows: readonly ChangedRows[];
  /** Whether it names more tables than `statements` and `rows` contain, because there are too many: its effect on the others is unknown here. */
  readonly namesMoreTables: boolean;
  /** Number of statements that delete rows on a condition: the log does not record how many rows. */
  readonly conditionalDeletes: number;
  /** Number of statements that update rows on a condition. */
  readonly conditionalUpdates: number;
}

export function committedAt({ committedAtMicros }: Pick<LogTransaction, 'committedAtMicros'>): Date {
  return new Date(Math.floor(committedAtMicros / 1000));
}

/** `8d3f…:17`, or its start position. */
export function nameTransaction({ gtid, file, at }: Pick<LogTransaction, 'gtid' | 'file' | 'at'>): string {
  return gtid ?? `${file}:${at}`;
}
