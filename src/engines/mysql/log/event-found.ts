import type { DestructiveEvent } from '../../format.ts';
import type { NotedEvent } from '../../log-events.ts';
import type { LogStop, LogTransaction } from './transaction.ts';

/** By default, a transaction that deletes at least this many rows of one table is an event. */
export const MASS_DELETE_ROWS = 1000;

/** A transaction, without its changes. */
export type TransactionMark = Pick<LogTransaction, 'file' | 'at' | 'end' | 'gtid' | 'committedAtMicros' | 'hasMicros'>;

/** A table that was dropped, emptied, deleted from or changed. */
export interface EventTable {
  readonly name: string;
  /** Minimum number of deleted rows; undefined: the log does not record it. */
  readonly rows: number | undefined;
  /** Columns or partitions that were dropped, or the table's new name. */
  readonly parts: readonly string[];
}

/** An event in a binary log that destroyed data, or a related one that users search for. */
export interface LogEvent {
  readonly kind: DestructiveEvent | NotedEvent;
  readonly transaction: TransactionMark;
  /** Recovery that stops here retains everything that existed. */
  readonly stop: LogStop;
  /** The last transaction before it; undefined: it is the first. */
  readonly last: TransactionMark | undefined;
  readonly database: string;
  /** Empty if a whole database is affected. */
  readonly tables: readonly EventTable[];
  /** How many more tables it names that were not retained; none of those whose names were read is searched for. */
  readonly moreTables: number;
  /** For rows deleted in batches: the number of transactions, the first of which is `transaction`. Otherwise 1. */
  readonly transactions: number;
  /** How many transactions committed from `stop` on, including its own: a recovery to just before it loses them. */
  readonly commitsAfter: number;
}

export function markOf(transaction: LogTransaction): TransactionMark {
  const { file, at, end, gtid, committedAtMicros, hasMicros } = transaction;
  return { file, at, end, gtid, committedAtMicros, hasMicros };
}
