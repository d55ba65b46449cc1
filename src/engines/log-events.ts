import type { Sandbox } from '../sandbox/sandbox.ts';
import type { DestructiveEvent, LogArchive, LogPosition } from './format.ts';

/** What changes data or its structure so that people look for it, and what no `before` of a drill names: recovery stops before it by position. */
export type NotedEvent = 'drop-column' | 'drop-partition' | 'rename-table' | 'mass-update';

/** Something in an archived log that destroyed data, for people and for `recover.to`. */
export interface FoundEvent {
  readonly kind: DestructiveEvent | NotedEvent;
  /** When its transaction committed; undefined: its commit is not in the log. */
  readonly at: Date | undefined;
  /** Of the transaction, in the server's own terms. */
  readonly transaction: string;
  /** Where it is in the log. */
  readonly position: string;
  /** Recovery that stops before this position has everything that was there. */
  readonly stopBefore: LogPosition;
  /** As numbers where the log, as far as it was read, has no name: `OID 16384`. */
  readonly database: NamedInLog;
  /** Tables; empty for a database. */
  readonly objects: readonly LostObject[];
  /** How many more tables there were, as not all are listed. Undefined: none. */
  readonly moreObjects?: number;
  /** Rows that were deleted in batches: how many transactions, of which `transaction` is the first. Undefined: one. */
  readonly transactions?: number | undefined;
  /** How many other transactions committed from there on: recovery to just before it loses them. */
  readonly othersLost: number;
}

export interface LostObject extends NamedInLog {
  /** How many rows were deleted; of what was dropped or truncated, about how many it had; undefined: not known. */
  readonly rows: number | undefined;
  /** Of rows that were deleted: about how many the table had. */
  readonly tableRows?: number | undefined;
  /** Columns or partitions that were dropped, or the table's new name. */
  readonly parts?: readonly string[];
}

export interface NamedInLog {
  /** `public.orders`; undefined: only the number is known. */
  readonly name: string | undefined;
  /** The OID of a database, the number of a table's file; undefined where the log of the product has names only. */
  readonly number: number | undefined;
}

export interface FoundEvents {
  /** In the order of the log. */
  readonly events: readonly FoundEvent[];
  /** Parts of the log that are missing or damaged, and so were not searched: one sentence each. */
  readonly notSearched: readonly string[];
  /** What changed rows, and is not among the events because the log does not say how many: one sentence. Undefined: nothing. */
  readonly notCounted?: string;
}

/** A search of an archived log, before anything is fetched. */
export interface LogSearch {
  /** The server's version, as the log says: `17`, `11.8`. */
  readonly major: string;
  /** What is fetched. */
  readonly files: number;
  readonly bytes: number;
  /** For people: `000000010000000000000002 to 000000010000000000000041`, `binlog.000002 to binlog.000041`. */
  readonly range: string;
  /**
   * Searches the log without restoring anything.
   * @param startSandbox for a product whose own program reads the log. The caller disposes of it. Called once at most.
   * @throws DrillError `tool-missing`, what starting the sandbox and reading the archive throw.
   */
  run(startSandbox: () => Promise<Sandbox>, options: LogSearchOptions): Promise<FoundEvents>;
}

export interface LogSearchOptions {
  /** How many rows of one table a transaction has to delete to be told; undefined: the product's default. */
  readonly minRows: number | undefined;
  /** @param fetched how many files. */
  readonly onFetched: (fetched: number) => void;
  readonly onSearching: () => void;
  readonly signal: AbortSignal;
}

/** A log archive whose files have the time at which they were stored. */
export interface DatedLogArchive extends LogArchive {
  readonly files: readonly (LogArchive['files'][number] & { readonly modifiedAt: Date })[];
}

/**
 * Plans a search of an archived log.
 * @param since what was stored earlier is left out, but for what its names may come from.
 * @param onDoing called where reading takes long, with what is being read: `reading …`.
 * @throws DrillError `log-incomplete`, `log-damaged`, what reading the archive throws.
 */
export type PlanLogSearch = (
  archive: DatedLogArchive,
  since: Date,
  signal: AbortSignal,
  onDoing?: (doing: string) => void,
) => Promise<LogSearch>;
