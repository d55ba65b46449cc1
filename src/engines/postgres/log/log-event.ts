import type { DestructiveEvent } from '../../format.ts';

/** A table that was dropped, truncated or deleted from. */
export interface EventTable {
  /** `public.orders`; undefined: the log, as far as it was read, does not say. */
  readonly name: string | undefined;
  /** The number of its file. */
  readonly filenode: number;
  /** How many rows were deleted; of what was dropped or truncated, about how many it had by the server's statistics; undefined: unknown. */
  readonly rows: number | undefined;
  /** Of a deletion: how many rows it had before, by the server's statistics. */
  readonly tableRows?: number | undefined;
}

/** Something in the log that destroyed data. */
export interface LogEvent {
  readonly kind: DestructiveEvent;
  /** The transaction. */
  readonly xid: string;
  /** Undefined: a DROP DATABASE whose commit is not in the log; its files are gone all the same. */
  readonly committedAt: Date | undefined;
  /** Where it is in the log: the removal of a database's files, or the commit. */
  readonly lsn: string;
  /** Recovery that stops before this record has everything that was there. */
  readonly stopLsn: string;
  readonly database: { readonly oid: number; readonly name: string | undefined };
  /** Empty for a database. */
  readonly tables: readonly EventTable[];
  /** How many transactions committed from `stopLsn` on, its own included: a recovery to just before it loses them. */
  readonly commitsAfter: number;
  /** Of rows that were deleted in batches: how many transactions, of which `xid` is the first, and when the last committed. Undefined: one. */
  readonly batches?: { readonly count: number; readonly until: Date | undefined } | undefined;
}
