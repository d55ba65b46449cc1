import type { TransactionMark } from './event-found.ts';
import type { BinaryLogEvent } from './event-types.ts';
import type { LogStop, LogTransaction } from './transaction.ts';

/** Where a recovery stops, and the transactions on both sides. */
export interface ChosenStop {
  readonly stop: LogStop;
  /** Last transaction that is replayed; undefined: none after the backup. */
  readonly last: TransactionMark | undefined;
  /** First transaction that is not replayed; undefined: the log contains none. */
  readonly first: TransactionMark | undefined;
  /** How many transactions of the log are not replayed. */
  readonly commitsLeft: number;
  /** For `before`: the database that was affected, and what was lost: `shop`, `shop.orders`. */
  readonly lost?: { readonly database: string; readonly object: string } | undefined;
  /** Human-readable findings. */
  readonly found: readonly string[];
}

/** Chooses where a recovery stops, from the transactions of a log, which it receives in order. */
export interface StopChooser {
  /** If defined, to be called and awaited before {@link take}. */
  readonly prepare?: ((transaction: LogTransaction) => Promise<void>) | undefined;
  take(transaction: LogTransaction): void;
  /** Events show how far the log extends, even if no transaction was committed. */
  noteEvent?(event: BinaryLogEvent, file: string): void;
  /** To be called after the last transaction. @throws DrillError `target-not-reached`. */
  choose(): ChosenStop;
}
