/** Event codes. Sources: MySQL's libs/mysql/binlog/event/binlog_event.h (`Log_event_type`), MariaDB's sql/log_event.h (`Log_event_type`). */
export const EVENT = {
  query: 2,
  stop: 3,
  rotate: 4,
  formatDescription: 15,
  xid: 16,
  tableMap: 19,
  incident: 26,
  previousGtids: 35,
  gtid: 33,
  anonymousGtid: 34,
  xaPrepare: 38,
  transactionPayload: 40,
  taggedGtid: 42,
  mariadbGtid: 162,
  mariadbGtidList: 163,
  startEncryption: 164,
  compressedQuery: 165,
} as const;

export type RowChange = 'insert' | 'update' | 'delete';

export interface RowsType {
  readonly change: RowChange;
  /** 2: a block of extra data precedes the columns. */
  readonly version: 1 | 2;
  /** Compressed by MariaDB's log_bin_compress. */
  readonly isCompressed?: true;
  /** MySQL's binlog_row_value_options=PARTIAL_JSON: the length of a row is unknown without reading its values. */
  readonly isPartial?: true;
}

export const ROWS_TYPES: ReadonlyMap<number, RowsType> = new Map<number, RowsType>([
  [23, { change: 'insert', version: 1 }],
  [24, { change: 'update', version: 1 }],
  [25, { change: 'delete', version: 1 }],
  [30, { change: 'insert', version: 2 }],
  [31, { change: 'update', version: 2 }],
  [32, { change: 'delete', version: 2 }],
  [39, { change: 'update', version: 2, isPartial: true }],
  [166, { change: 'insert', version: 1, isCompressed: true }],
  [167, { change: 'update', version: 1, isCompressed: true }],
  [168, { change: 'delete', version: 1, isCompressed: true }],
  [169, { change: 'insert', version: 2, isCompressed: true }],
  [170, { change: 'update', version: 2, isCompressed: true }],
  [171, { change: 'delete', version: 2, isCompressed: true }],
]);

/** Position and header of an event. */
export interface EventPlace {
  /** Offset in bytes from the beginning of the file. Events of a compressed transaction have the position of the event that contains them. */
  readonly at: number;
  /** Offset of the next event. */
  readonly end: number;
  /** When its statement started, in seconds since 1970. */
  readonly seconds: number;
  readonly serverId: number;
}

export interface FormatFacts {
  readonly product: 'mysql' | 'mariadb';
  /** As the server states it: `9.7.4`, `11.8.9-MariaDB-log`. */
  readonly serverVersion: string;
  readonly hasChecksums: boolean;
  /** Whether the server had not closed the file: it was still being written, or the server had crashed. */
  readonly isOpen: boolean;
}

export interface GtidFacts {
  /** `8d3f…:17`, `8d3f…:tag:17` (MySQL), `0-1-17` (MariaDB); undefined: the server assigned none. */
  readonly gtid: string | undefined;
  /** When the transaction was committed on its original server, in microseconds since 1970; undefined: the log does not record it. */
  readonly committedAtMicros: number | undefined;
  /** MariaDB: whether a single statement follows, without a commit. undefined: the product does not record it. */
  readonly isStandalone: boolean | undefined;
  /** MariaDB logs some ALTER TABLE twice, at the start and at the end: whether this is only the start, or only reports a failure. */
  readonly isUnfinishedAlter?: true;
}

export interface QueryFacts {
  /** The current database; '' if there was none. */
  readonly database: string;
  /** The statement, or as much of its beginning as is retained; in the character set of its client. */
  readonly statement: Buffer;
  readonly isCut: boolean;
  /** Number of a collation of `character_set_client`; undefined: not stated. */
  readonly collation: number | undefined;
  /** Part of sql_mode: a backslash in a string is an ordinary character. */
  readonly hasPlainBackslashes: boolean;
  /** Error with which the statement failed on the server after changing something; 0: none. */
  readonly errorCode: number;
}

export interface RowsFacts {
  readonly change: RowChange;
  readonly database: string;
  readonly table: string;
  /** A minimum if `isExact` is false. */
  readonly rows: number;
  readonly isExact: boolean;
}

/** One parsed event of a binary log. Types that do not matter for recovery are `other`. */
export type BinaryLogEvent = EventPlace &
  (
    | ({ readonly type: 'format' } & FormatFacts)
    /** `nextFile`: name of the next file. */
    | { readonly type: 'rotate'; readonly nextFile: string }
    | { readonly type: 'stop' }
    /** GTIDs in earlier files: a set for MySQL, or the last one of each domain and server for MariaDB. */
    | { readonly type: 'previous-gtids'; readonly gtids: string }
    | ({ readonly type: 'gtid' } & GtidFacts)
    | ({ readonly type: 'query' } & QueryFacts)
    /** The commit of a transaction. */
    | { readonly type: 'xid' }
    /** @param xid in the notation of XA COMMIT: `X'7831',X'',1`. */
    | { readonly type: 'xa-prepare'; readonly xid: string; readonly isOnePhase: boolean }
    | ({ readonly type: 'rows' } & RowsFacts)
    /** The server lost something that belongs in the log. */
    | { readonly type: 'incident'; readonly message: string }
    | { readonly type: 'other'; readonly code: number }
  );

/** The first event of a file. */
export type FormatEvent = Extract<BinaryLogEvent, { type: 'format' }>;

const MAX_HELD_BYTES = 2 ** 16;

/** Whether a statement is so long that it must be passed on and released before another one is read. */
export function isLong(event: BinaryLogEvent | undefined): boolean {
  return event?.type === 'query' && event.statement.length > MAX_HELD_BYTES;
}
