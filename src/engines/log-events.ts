import type { Sandbox } from '../sandbox/sandbox.ts';
import type { DestructiveEvent, LogArchive, LogPosition } from './format.ts';

/** Notable changes of data or its structure that no `before` of a drill can name: recovery stops before them by position. */
export type NotedEvent = 'drop-column' | 'drop-partition' | 'rename-table' | 'mass-update';

/** Something in an archived log that destroyed data, for display and for `recover.to`. */
export interface FoundEvent {
  readonly kind: DestructiveEvent | NotedEvent;
  /** When its transaction committed; undefined if the commit is not in the log. */
  readonly at: Date | undefined;
  /** Id of the transaction, in the server's own notation. */
  readonly transaction: string;
  /** Its position in the log. */
  readonly position: string;
  /** Recovery that stops before this position still has all the data. */
  readonly stopBefore: LogPosition;
  /** A number if the part of the log that was read has no name for it: `OID 16384`. */
  readonly database: NamedInLog;
  /** Tables; empty if the whole database is affected. */
  readonly objects: readonly LostObject[];
  /** Number of further tables, if not all are listed. Undefined if all are. */
  readonly moreObjects?: number;
  /** For rows deleted in batches: the number of transactions, `transaction` being the first. Undefined for a single transaction. */
  readonly transactions?: number | undefined;
  /** Number of other transactions that committed from there on: recovery to just before it loses them. */
  readonly othersLost: number;
}

export interface LostObject extends NamedInLog {
  /** Number of deleted rows; for a drop or truncate, the approximate number of rows it had; undefined if unknown. */
  readonly rows: number | undefined;
  /** For deleted rows: approximately how many the table had. */
  readonly tableRows?: number | undefined;
  /** Dropped columns or partitions, or the table's new name. */
  readonly parts?: readonly string[];
}

export interface NamedInLog {
  /** `public.orders`; undefined if only the number is known. */
  readonly name: string | undefined;
  /** The OID of a database, or the file number of a table; undefined if the product's log has only names. */
  readonly number: number | undefined;
}

export interface FoundEvents {
  /** In log order. */
  readonly events: readonly FoundEvent[];
  /** Parts of the log that are missing or damaged and so were not searched, one sentence each. */
  readonly notSearched: readonly string[];
  /** Row changes that are not among the events because the log does not record how many rows changed: one sentence. Undefined if there are none. */
  readonly notCounted?: string;
  /** What else a reader of the events should know of the log: one sentence each. Default: nothing. */
  readonly notes?: readonly string[];
}

/** A search of an archived log, before anything is fetched. */
export interface LogSearch {
  /** The server's version, as the log records it: `17`, `11.8`. */
  readonly major: string;
  /** Number of files to fetch. */
  readonly files: number;
  readonly bytes: number;
  /** Human-readable: `000000010000000000000002 to 000000010000000000000041`, `binlog.000002 to binlog.000041`. */
  readonly range: string;
  /**
   * Searches the log without restoring anything.
   * @param startSandbox for a product whose own program reads the log. The caller disposes of it. Called at most once.
   * @throws DrillError `tool-missing`, what starting the sandbox and reading the archive throw.
   */
  run(startSandbox: () => Promise<Sandbox>, options: LogSearchOptions): Promise<FoundEvents>;
}

export interface LogSearchOptions {
  /** Minimum number of rows of one table that a transaction must delete to be reported; undefined for the product's default. */
  readonly minRows: number | undefined;
  /** @param fetched number of files so far. */
  readonly onFetched: (fetched: number) => void;
  readonly onSearching: () => void;
  readonly signal: AbortSignal;
}

/** A log archive whose files have their storage times. */
export interface DatedLogArchive extends LogArchive {
  readonly files: readonly (LogArchive['files'][number] & { readonly modifiedAt: Date })[];
}

/**
 * Plans a search of an archived log.
 * @param since files stored earlier are skipped, except those that may be needed to resolve names.
 * @param onDoing called if reading takes long, with what is being read: `reading …`.
 * @throws DrillError `log-incomplete`, `log-damaged`, what reading the archive throws.
 */
export type PlanLogSearch = (
  archive: DatedLogArchive,
  since: Date,
  signal: AbortSignal,
  onDoing?: (doing: string) => void,
) => Promise<LogSearch>;
