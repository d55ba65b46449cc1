import { constants, inflateSync } from 'node:zlib';
import type { QueryFacts } from './event-types.ts';
import { EventBytes, EventTooShort } from './read-bytes.ts';

/** Bit of the `SQL_MODE` status variable. */
const NO_BACKSLASH_ESCAPES = 0x100000n;

/** Codes of the status variables that come first, in this order, in both products. */
const STATUS = { flags: 0, sqlMode: 1, catalog: 2, autoIncrement: 3, charset: 4, catalogNz: 6 };

/**
 * QUERY_EVENT: thread 4, duration 4, length of the database's name 1, error 2, length of status variables 2; status variables, the name and a zero byte, the
 * statement. Source: MySQL's libs/mysql/binlog/event/statement_events.h, `Query_event`.
 * @param headBytes length of the fixed part, from the format description.
 */
export function readQuery(
  bytes: EventBytes,
  { headBytes, isCompressed, isCut }: { headBytes: number; isCompressed: boolean; isCut: boolean },
): QueryFacts {
  bytes.skip(8);
  const databaseLength = bytes.uint(1);
  const errorCode = bytes.uint(2);
  const statusLength = headBytes >= 13 ? bytes.uint(2) : 0;
  bytes.skip(Math.max(0, headBytes - 13));
  const status = readStatus(new EventBytes(bytes.take(statusLength)));
  const database = bytes.take(databaseLength).toString('utf8');
  bytes.skip(1);
  const rest = bytes.rest();
  const text = isCompressed ? inflateRecord(rest, isCut) : { bytes: rest, isCut: false };
  return { database, statement: text.bytes, isCut: isCut || text.isCut, errorCode, ...status };
}

/** Variables without a fixed position; those needed here precede any of unknown length. */
function readStatus(bytes: EventBytes): Pick<QueryFacts, 'collation' | 'hasPlainBackslashes'> {
  let mode = 0n;
  while (bytes.left > 0) {
    const code = bytes.uint(1);
    if (code === STATUS.flags) bytes.skip(4);
    else if (code === STATUS.sqlMode) mode = bytes.bigUint(8);
    else if (code === STATUS.catalog) bytes.skip(bytes.uint(1) + 1);
    else if (code === STATUS.catalogNz) bytes.skip(bytes.uint(1));
    else if (code === STATUS.autoIncrement) bytes.skip(4);
    else if (code === STATUS.charset)
      return { collation: bytes.uint(2), hasPlainBackslashes: (mode & NO_BACKSLASH_ESCAPES) !== 0n };
    else break;
  }
  return { collation: undefined, hasPlainBackslashes: (mode & NO_BACKSLASH_ESCAPES) !== 0n };
}

/** In bytes: if an event is longer uncompressed, only its beginning is retained. */
const WHOLE_BYTES = 2 ** 20;
/** In bytes, compressed: how much is read of an event that is not fully inflated. */
const HEAD_BYTES = 2 ** 14;
/** In bytes: an event that is longer uncompressed is not fully inflated. zlib cannot make more than this of {@link HEAD_BYTES} either. */
const MAX_BYTES = 2 ** 25;

/**
 * A record that MariaDB compressed: 0x80 + 16 × algorithm (0: zlib) + number of bytes of the length, the length (highest byte first), the bytes. Source:
 * MariaDB's sql/log_event.cc, `binlog_buf_compress`.
 * @param isPart whether only its beginning is present. @throws EventTooShort if it is not compressed in this way.
 */
export function inflateRecord(record: Buffer, isPart = false): { readonly bytes: Buffer; readonly isCut: boolean } {
  const first = record[0] ?? 0;
  const lengthBytes = first & 0x07;
  if (
    (first & 0x80) === 0 ||
    (first & 0x70) !== 0 ||
    lengthBytes < 1 ||
    lengthBytes > 4 ||
    record.length <= lengthBytes
  )
    throw new EventTooShort('it does not begin like compressed data of the server');
  const length = record.readUIntBE(1, lengthBytes);
  const packed = record.subarray(1 + lengthBytes);
  const isCut = length > WHOLE_BYTES;
  try {
    if (isCut && (isPart || length > MAX_BYTES)) return { bytes: inflateHead(packed), isCut };
    const bytes = inflateSync(packed, { maxOutputLength: isCut ? MAX_BYTES : WHOLE_BYTES });
    if (bytes.length !== length) throw new EventTooShort(`${bytes.length} bytes of ${length} were compressed`);
    return { bytes: isCut ? Buffer.from(bytes.subarray(0, WHOLE_BYTES)) : bytes, isCut };
  } catch (error) {
    if (error instanceof EventTooShort) throw error;
    throw new EventTooShort('it cannot be decompressed', { cause: error });
  }
}

function inflateHead(packed: Buffer): Buffer {
  return inflateSync(packed.subarray(0, HEAD_BYTES), {
    finishFlush: constants.Z_SYNC_FLUSH,
    maxOutputLength: MAX_BYTES,
  });
}
