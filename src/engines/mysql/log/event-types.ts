/**
 * Codes of events. Sources: MySQL's libs/mysql/binlog/event/binlog_event.h (`Log_event_type`), MariaDB's sql/log_event.h (`Log_event_type`).
 */
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
  /** Whether a block of extra data is before the columns. */
  readonly version: 1 | 2;
  /** MariaDB's log_bin_compress. */
  readonly isCompressed?: true;
  /** MySQL's binlog_row_value_options=PARTIAL_JSON: how long a row is, is not known without reading its values. */
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

/** Where an event is, and what its header says. */
export interface EventPlace {
  /** In bytes from the beginning of the file. Events of a compressed transaction have the place of the event that holds them. */
  readonly at: number;
  /** Where the next event begins. */
  readonly end: number;
  /** In seconds since 1970: when its statement began. */
  readonly seconds: number;
  readonly serverId: number;
}

export interface FormatFacts {
  readonly product: 'mysql' | 'mariadb';
  /** As the server says: `9.7.4`, `11.8.9-MariaDB-log`. */
  readonly serverVersion: string;
  readonly hasChecksums: boolean;
  /** Whether the server had not closed the file: it was still written to, or the server had crashed. */
  readonly isOpen: boolean;
}

export interface GtidFacts {
  /** `8d3f…:17`, `8d3f…:tag:17` of MySQL, `0-1-17` of MariaDB; undefined: the server gave it none. */
  readonly gtid: string | undefined;
  /** When the transaction was committed where it began, in microseconds since 1970; undefined: the log does not say. */
  readonly committedAtMicros: number | undefined;
  /** MariaDB: whether one statement follows, and no commit. undefined: the product does not say. */
  readonly isStandalone: boolean | undefined;
  /** MariaDB writes some ALTER TABLE twice, when it begins and when it is done: whether this is only the beginning, or only says that it failed. */
  readonly isUnfinishedAlter?: true;
}

export interface QueryFacts {
  /** The current database; '' where there was none. */
  readonly database: string;
  /** The statement, or as much of its beginning as is kept; in the character set of its client. */
  readonly statement: Buffer;
  readonly isCut: boolean;
  /** Number of a collation of `character_set_client`; undefined: not said. */
  readonly collation: number | undefined;
  /** Of sql_mode: a backslash in a string is a character like any other. */
  readonly hasPlainBackslashes: boolean;
  /** What the statement failed with on the server, having changed something; 0: nothing. */
  readonly errorCode: number;
}

export interface RowsFacts {
  readonly change: RowChange;
  readonly database: string;
  readonly table: string;
  /** At least so many where `isExact` is false. */
  readonly rows: number;
  readonly isExact: boolean;
}

/** What one event of a binary log says. Types without a meaning for recovery are `other`. */
export type BinaryLogEvent = EventPlace &
  (
    | ({ readonly type: 'format' } & FormatFacts)
    /** `nextFile`: the name of the next one. */
    | { readonly type: 'rotate'; readonly nextFile: string }
    | { readonly type: 'stop' }
    /** The GTIDs that earlier files hold: a set of MySQL, or the last one of each domain and server of MariaDB. */
    | { readonly type: 'previous-gtids'; readonly gtids: string }
    | ({ readonly type: 'gtid' } & GtidFacts)
    | ({ readonly type: 'query' } & QueryFacts)
    /** The commit of a transaction. */
    | { readonly type: 'xid' }
    /** @param xid as XA COMMIT writes it: `X'7831',X'',1`. */
    | { readonly type: 'xa-prepare'; readonly xid: string; readonly isOnePhase: boolean }
    | ({ readonly type: 'rows' } & RowsFacts)
    /** The server lost something that should be in the log. */
    | { readonly type: 'incident'; readonly message: string }
    | { readonly type: 'other'; readonly code: number }
  );

const MAX_HELD_BYTES = 2 ** 16;

/** Whether a statement is so long that it has to be given out, and let go, before another one is read. */
export function isLong(event: BinaryLogEvent | undefined): boolean {
  return event?.type === 'query' && event.statement.length > MAX_HELD_BYTES;
}
