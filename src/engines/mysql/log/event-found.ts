import type { DestructiveEvent } from '../../format.ts';
import type { NotedEvent } from '../../log-events.ts';
import type { LogStop, LogTransaction } from './transaction.ts';

/** A transaction that deletes at least so many rows of one table is an event, unless the drill says otherwise. */
export const MASS_DELETE_ROWS = 1000;

/** A transaction, without what it changed. */
export type TransactionMark = Pick<LogTransaction, 'file' | 'at' | 'end' | 'gtid' | 'committedAtMicros' | 'hasMicros'>;

/** A table that was dropped, emptied, deleted from or changed. */
export interface EventTable {
  readonly name: string;
  /** How many rows were deleted, at least; undefined: the log does not say. */
  readonly rows: number | undefined;
  /** Columns or partitions that were dropped, the table's new name. */
  readonly parts: readonly string[];
}

/** Something in a binary log that destroyed data, or that people look for beside it. */
export interface LogEvent {
  readonly kind: DestructiveEvent | NotedEvent;
  readonly transaction: TransactionMark;
  /** Recovery that stops here has everything that was there. */
  readonly stop: LogStop;
  /** The last transaction before it; undefined: it is the first. */
  readonly last: TransactionMark | undefined;
  readonly database: string;
  /** Empty for a database. */
  readonly tables: readonly EventTable[];
  /** How many more tables it names, which are not kept: none of them is looked for, as far as their names were read. */
  readonly moreTables: number;
  /** Rows that were deleted in batches: how many transactions, of which `transaction` is the first. Else 1. */
  readonly transactions: number;
  /** How many transactions committed from `stop` on, its own included: a recovery to just before it loses them. */
  readonly commitsAfter: number;
}

export function markOf(transaction: LogTransaction): TransactionMark {
  const { file, at, end, gtid, committedAtMicros, hasMicros } = transaction;
  return { file, at, end, gtid, committedAtMicros, hasMicros };
}
