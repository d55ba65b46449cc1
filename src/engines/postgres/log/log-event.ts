import type { DestructiveEvent } from '../../format.ts';

/** A table that was dropped, truncated or deleted from. */
export interface EventTable {
  /** `public.orders`; undefined if the part of the log that was read does not name it. */
  readonly name: string | undefined;
  /** The partitioned tables that it is a partition of: emptying them empties it. Default: none. */
  readonly partOf?: readonly string[];
  /** Its file number. */
  readonly filenode: number;
  /** Number of deleted rows; for a drop or truncate, the approximate number of rows it had according to the server's statistics; undefined if unknown. */
  readonly rows: number | undefined;
  /** For a deletion: how many rows it had before, according to the server's statistics. */
  readonly tableRows?: number | undefined;
}

/** Something in the log that destroyed data. */
export interface LogEvent {
  readonly kind: DestructiveEvent;
  /** Id of the transaction. */
  readonly xid: string;
  /** Undefined for a DROP DATABASE whose commit is not in the log; its files are gone nevertheless. */
  readonly committedAt: Date | undefined;
  /** Its position in the log: the removal of a database's files, or the commit. */
  readonly lsn: string;
  /** Recovery that stops before this record still has all the data. */
  readonly stopLsn: string;
  readonly database: { readonly oid: number; readonly name: string | undefined };
  /** Empty for a database. */
  readonly tables: readonly EventTable[];
  /** How many transactions committed from `stopLsn` on, including its own: a recovery to just before it loses them. */
  readonly commitsAfter: number;
  /** For rows deleted in batches: the number of transactions, `xid` being the first, and when the last one committed. Undefined for a single transaction. */
  readonly batches?: { readonly count: number; readonly until: Date | undefined } | undefined;
}
