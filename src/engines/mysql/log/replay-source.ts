import { crc32, inflateSync } from 'node:zlib';
import { DrillError } from '../../../support/errors.ts';
import { formatBytes } from '../../../support/quantities.ts';
import { EVENT, ROWS_TYPES } from './event-types.ts';
import { EventBytes } from './read-bytes.ts';
import { LogFileError } from './read-errors.ts';
import {
  CHECKSUM_BYTES,
  type EventHeader,
  HEADER_BYTES,
  IN_USE,
  type LogFormat,
  readFormat,
  readHeader,
} from './read-format.ts';
import { readPayloadHead, unpackPayload } from './read-payload.ts';
import { ByteQueue } from './read-queue.ts';
import { asMalformed } from './replay-malformed.ts';

/** An event as a server applies it. */
export interface RawEvent {
  readonly type: number;
  /** In seconds since 1970. */
  readonly timestamp: number;
  readonly serverId: number;
  readonly flags: number;
  /** Offset in bytes from the beginning of the file. Events of a compressed transaction have the position of the event that contains them. */
  readonly start: number;
  readonly end: number;
  /** Without header and checksum, and decompressed. */
  readonly body: Buffer;
}

const MAGIC_BYTES = 4;
/** In bytes: the longest event that a server applies, because a statement of 1 GiB contains it in base64. */
const MAX_BYTES = 700 * 2 ** 20;

/**
 * Reads one file of a log again, event by event, complete and decompressed: {@link readLog} has verified it, and the plan was made from it.
 * @throws LogFileError if the file has changed since.
 */
export async function* readRawEvents(chunks: AsyncIterable<Buffer>, file: string): AsyncGenerator<RawEvent> {
  const queue = new ByteQueue(chunks);
  let at = MAGIC_BYTES;
  try {
    await queue.take(MAGIC_BYTES);
    let format: LogFormat | undefined;
    for (;;) {
      const head = queue.takeNow(HEADER_BYTES) ?? (await queue.take(HEADER_BYTES));
      if (head.length === 0) return;
      const header = requireHeader(head, file, at);
      const length = header.length - HEADER_BYTES;
      const rest = queue.takeNow(length) ?? (await queue.take(length));
      if (header.code === EVENT.formatDescription) format = readFormat(new EventBytes(rest), header.flags);
      const place = { start: at, end: at + header.length };
      const body = withoutChecksum({ head, header, rest }, format, { file, at });
      if (header.code === EVENT.transactionPayload) yield* readPayload(body, place);
      else yield { ...decompressed(header.code, body), ...place, ...factsOf(header) };
      at += header.length;
    }
  } catch (error) {
    throw asMalformed(error, { file, at });
  } finally {
    await queue.close();
  }
}

function factsOf({ seconds, serverId, flags }: EventHeader): Pick<RawEvent, 'timestamp' | 'serverId' | 'flags'> {
  return { timestamp: seconds, serverId, flags };
}

function requireHeader(head: Buffer, file: string, at: number): EventHeader {
  const header = head.length < HEADER_BYTES ? undefined : readHeader(head);
  if (!header || header.length < HEADER_BYTES) throw changed(file, at);
  if (header.length > MAX_BYTES) {
    throw new DrillError(
      'format-unsupported',
      `${file}, position ${at}: an event of ${formatBytes(header.length)}, which no server takes as one statement`,
      { hint: 'Recover to a point before it.' },
    );
  }
  return header;
}

function changed(file: string, at: number): LogFileError {
  return new LogFileError('checksum', { file, at }, 'the file is not what it was when the recovery was planned');
}

interface Piece {
  readonly head: Buffer;
  readonly header: EventHeader;
  readonly rest: Buffer;
}

function withoutChecksum(
  { head, header, rest }: Piece,
  format: LogFormat | undefined,
  { file, at }: { file: string; at: number },
): Buffer {
  if (rest.length < header.length - HEADER_BYTES || !format) throw changed(file, at);
  const isFormat = header.code === EVENT.formatDescription;
  const sumBytes = (isFormat ? format.knowsChecksums : format.hasChecksums) ? CHECKSUM_BYTES : 0;
  const body = rest.subarray(0, rest.length - sumBytes);
  if (sumBytes === 0) return body;
  const closed = Buffer.from(head);
  if (isFormat) closed.writeUInt16LE(closed.readUInt16LE(17) & ~IN_USE, 17);
  if (crc32(body, crc32(closed)) !== rest.readUInt32LE(body.length)) throw changed(file, at);
  return body;
}

async function* readPayload(body: Buffer, place: { start: number; end: number }): AsyncGenerator<RawEvent> {
  const bytes = new EventBytes(body);
  const payload = readPayloadHead(bytes);
  const packed = async function* (): AsyncGenerator<Buffer> {
    yield bytes.rest();
  };
  const queue = new ByteQueue(unpackPayload(payload, packed()));
  for (;;) {
    const head = queue.takeNow(HEADER_BYTES) ?? (await queue.take(HEADER_BYTES));
    if (head.length < HEADER_BYTES) return;
    const header = readHeader(head);
    const length = header.length - HEADER_BYTES;
    const inner = queue.takeNow(length) ?? (await queue.take(length));
    yield { type: header.code, body: inner, ...place, ...factsOf(header) };
  }
}

/** Maps MariaDB's compressed event types to their uncompressed counterparts: statements, and rows of both versions. */
function decompressed(type: number, body: Buffer): Pick<RawEvent, 'type' | 'body'> {
  if (type === EVENT.compressedQuery) return { type: EVENT.query, body: decompressFrom(body, statementAt(body)) };
  const rows = ROWS_TYPES.get(type);
  if (!rows?.isCompressed) return { type, body };
  const plain = [...ROWS_TYPES].find(
    ([, { change, version, isCompressed, isPartial }]) =>
      change === rows.change && version === rows.version && !isCompressed && !isPartial,
  );
  return { type: plain?.[0] ?? type, body: decompressFrom(body, rowsAt(body, rows.version, rows.change === 'update')) };
}

/** Thread 4, duration 4, length of the name 1, error 2, length of status variables 2; then the variables, the name, a zero byte. */
function statementAt(body: Buffer): number {
  return 13 + body.readUInt16LE(11) + body.readUInt8(8) + 1;
}

/** Table 6, flags 2; in version 2 the length of extra data 2, which includes itself; number of columns; a bit for each, twice for an update. */
function rowsAt(body: Buffer, version: 1 | 2, isUpdate: boolean): number {
  const bytes = new EventBytes(body);
  bytes.skip(8);
  if (version === 2) bytes.skip(bytes.uint(2) - 2);
  const columns = bytes.packedLength();
  bytes.skip(Math.ceil(columns / 8) * (isUpdate ? 2 : 1));
  return bytes.at;
}

/** See {@link inflateRecord}. */
function decompressFrom(body: Buffer, at: number): Buffer {
  const lengthBytes = (body[at] ?? 0) & 0x07;
  const packed = body.subarray(at + 1 + lengthBytes);
  return Buffer.concat([body.subarray(0, at), inflateSync(packed, { maxOutputLength: MAX_BYTES })]);
}
