/**
 * A statement in a binary log, and the settings of the session that ran it. Source: MySQL's libs/mysql/binlog/event/statement_events.h, Query_event;
 * MariaDB's sql/log_event.h.
 */
export interface LoggedQuery {
  readonly threadId: number;
  /** The error that the statement ended with on the server, and that it is expected to cause again; 0: none. */
  readonly errorCode: number;
  /** The current database; empty for none. */
  readonly database: string;
  /** In the character set of the client. */
  readonly sql: Buffer;
  readonly settings: LoggedSettings;
}

export interface LoggedSettings {
  readonly flags?: number;
  readonly sqlMode?: bigint;
  readonly autoIncrement?: readonly [increment: number, offset: number];
  /** Collation numbers. */
  readonly charset?: readonly [client: number, connection: number, server: number];
  readonly timeZone?: string;
  readonly lcTimeNames?: number;
  readonly collationDatabase?: number;
  readonly microseconds?: number;
  readonly collationForUtf8mb4?: number;
  /** Pairs of collations: MariaDB's `character_set_collations`. */
  readonly charsetCollations?: readonly (readonly [charset: number, collation: number])[];
  /** The databases that it changes, if MySQL states them. */
  readonly updatedDatabases?: readonly string[];
  readonly explicitTimestamp?: boolean;
}

const POST_HEADER = 13;

/** @param body of the event, without header and checksum. @returns undefined if it is not a valid one. */
export function readLoggedQuery(body: Buffer): LoggedQuery | undefined {
  if (body.length < POST_HEADER) return undefined;
  const databaseLength = body.readUInt8(8);
  const settingsLength = body.readUInt16LE(11);
  const databaseAt = POST_HEADER + settingsLength;
  if (databaseAt + databaseLength + 1 > body.length) return undefined;
  return {
    threadId: body.readUInt32LE(0),
    errorCode: body.readUInt16LE(9),
    database: body.toString('utf8', databaseAt, databaseAt + databaseLength),
    sql: body.subarray(databaseAt + databaseLength + 1),
    settings: readSettings(body.subarray(POST_HEADER, databaseAt)),
  };
}

type Reader = (bytes: Buffer) => { readonly length: number; readonly set: LoggedSettings };

const fixed = (length: number, read: (bytes: Buffer) => LoggedSettings = () => ({})): Reader => {
  return (bytes) => ({ length, set: bytes.length < length ? {} : read(bytes) });
};
const text = (read: (value: string) => LoggedSettings, tail = 0): Reader => {
  return (bytes) => {
    const length = bytes.readUInt8(0);
    return { length: 1 + length + tail, set: read(bytes.toString('latin1', 1, 1 + length)) };
  };
};

/** By code. An unknown code ends the list, as it does for the servers. */
const READERS: Readonly<Record<number, Reader>> = {
  0: fixed(4, (bytes) => ({ flags: bytes.readUInt32LE(0) })),
  1: fixed(8, (bytes) => ({ sqlMode: bytes.readBigUInt64LE(0) })),
  2: text(() => ({}), 1),
  3: fixed(4, (bytes) => ({ autoIncrement: [bytes.readUInt16LE(0), bytes.readUInt16LE(2)] })),
  4: fixed(6, (bytes) => ({ charset: [bytes.readUInt16LE(0), bytes.readUInt16LE(2), bytes.readUInt16LE(4)] })),
  5: text((timeZone) => (timeZone === '' ? {} : { timeZone })),
  6: text(() => ({})),
  7: fixed(2, (bytes) => ({ lcTimeNames: bytes.readUInt16LE(0) })),
  8: fixed(2, (bytes) => ({ collationDatabase: bytes.readUInt16LE(0) })),
  9: fixed(8),
  10: fixed(4),
  11: (bytes) => {
    const user = bytes.readUInt8(0);
    return { length: 2 + user + bytes.readUInt8(1 + user), set: {} };
  },
  12: readDatabases,
  13: fixed(3, (bytes) => ({ microseconds: bytes.readUIntLE(0, 3) })),
  16: fixed(1, (bytes) => ({ explicitTimestamp: bytes.readUInt8(0) !== 0 })),
  17: fixed(8),
  18: fixed(2, (bytes) => ({ collationForUtf8mb4: bytes.readUInt16LE(0) })),
  19: fixed(1),
  20: fixed(1),
  128: fixed(3, (bytes) => ({ microseconds: bytes.readUIntLE(0, 3) })),
  129: fixed(8),
  130: fixed(2),
  131: (bytes) => {
    const count = bytes.readUInt8(0);
    const pairs = Array.from(
      { length: count },
      (_none, index) => [bytes.readUInt16LE(1 + index * 4), bytes.readUInt16LE(3 + index * 4)] as const,
    );
    return { length: 1 + count * 4, set: { charsetCollations: pairs } };
  },
};

/** Stands for more databases than can be listed. */
const TOO_MANY = 254;

function readDatabases(bytes: Buffer): ReturnType<Reader> {
  const count = bytes.readUInt8(0);
  if (count === TOO_MANY) return { length: 1, set: {} };
  const names: string[] = [];
  let at = 1;
  for (let index = 0; index < count; index += 1) {
    const end = bytes.indexOf(0, at);
    if (end < 0) return { length: bytes.length, set: {} };
    names.push(bytes.toString('utf8', at, end));
    at = end + 1;
  }
  return { length: at, set: { updatedDatabases: names } };
}

function readSettings(bytes: Buffer): LoggedSettings {
  let settings: LoggedSettings = {};
  for (let at = 0; at < bytes.length; ) {
    const reader = READERS[bytes.readUInt8(at)];
    const rest = bytes.subarray(at + 1);
    if (!reader || rest.length === 0) break;
    const { length, set } = reader(rest);
    settings = { ...settings, ...set };
    at += 1 + length;
  }
  return settings;
}
