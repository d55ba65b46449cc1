import type { TransactionMark } from './event-found.ts';
import type { BinaryLogEvent } from './event-types.ts';
import type { LogStop, LogTransaction } from './transaction.ts';

/** Where a recovery stops, and what is on both sides. */
export interface ChosenStop {
  readonly stop: LogStop;
  /** The last transaction that is replayed; undefined: none after the backup. */
  readonly last: TransactionMark | undefined;
  /** The first that is not; undefined: the log holds none. */
  readonly first: TransactionMark | undefined;
  /** How many transactions of the log are not replayed. */
  readonly commitsLeft: number;
  /** Of `before`: the database that it was in, and what was lost: `shop`, `shop.orders`. */
  readonly lost?: { readonly database: string; readonly object: string } | undefined;
  /** For people: what was found. */
  readonly found: readonly string[];
}

/** Chooses where a recovery stops from the transactions of a log, which it is given in their order. */
export interface StopChooser {
  /** To be called before {@link take}, and awaited, where it is there. */
  readonly prepare?: ((transaction: LogTransaction) => Promise<void>) | undefined;
  take(transaction: LogTransaction): void;
  /** Events tell how far the log goes, even where no transaction was committed. */
  noteEvent?(event: BinaryLogEvent, file: string): void;
  /** To be called when all were taken. @throws DrillError `target-not-reached`. */
  choose(): ChosenStop;
}
