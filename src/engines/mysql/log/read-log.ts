import { crc32 } from 'node:zlib';
import { type BinaryLogEvent, EVENT, type EventPlace, isLong } from './event-types.ts';
import { EventBytes, EventTooShort } from './read-bytes.ts';
import { encryptedLog, LogFileError, type LogProblem } from './read-errors.ts';
import { EventReader } from './read-event.ts';
import {
  CHECKSUM_BYTES,
  type EventHeader,
  HEADER_BYTES,
  IN_USE,
  type LogFormat,
  readFormat,
  readHeader,
} from './read-format.ts';
import { PAYLOAD_HEAD_BYTES, readPayloadHead, unpackPayload } from './read-payload.ts';
import { readPayloadEvents } from './read-payload-events.ts';
import { ByteQueue } from './read-queue.ts';

const MAGIC = Buffer.from([0xfe, 0x62, 0x69, 0x6e]);
/** Marks a file that MySQL encrypted. */
const ENCRYPTED = Buffer.from([0xfd, 0x62, 0x69, 0x6e]);

/** In bytes: how much of the beginning of a longer event is retained. Only single rows and statements with huge values are longer. */
const KEPT_BYTES = 2 ** 24;
/** In bytes: no server writes a longer format description. */
const MAX_FORMAT_BYTES = 1024;
const MAX_IN_BATCH = 500;

export interface ReadLogOptions {
  /** Its name, for use in errors. */
  readonly file: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads one binary log file of MySQL (5.7 and later) or MariaDB (10.5 and later) from its beginning: every event is checked against its checksum, its length
 * and its position before it is yielded. Memory use is bounded, whatever the file contains.
 *
 * The file is `fe 62 69 6e` and events; see {@link readFormat} and {@link readHeader}. Source: MySQL's "Binary Log Overview" in the internals manual, and
 * libs/mysql/binlog/event/binlog_event.h; MariaDB's knowledge base, "Replication Protocol".
 * @returns events in file order, in batches, the first of type `format`. If the file ends with neither `rotate` nor `stop`, the server was still writing it, or
 * crashed.
 * @throws LogFileError; DrillError `backup-encrypted`; what the chunks throw.
 */
export async function* readLog(
  chunks: AsyncIterable<Buffer>,
  { file, signal }: ReadLogOptions,
): AsyncGenerator<readonly BinaryLogEvent[]> {
  const queue = new ByteQueue(chunks);
  try {
    const magic = await queue.take(MAGIC.length);
    if (magic.equals(ENCRYPTED)) throw encryptedLog(file, 'binlog_encryption');
    if (!magic.equals(MAGIC)) throw new LogFileError('not-a-log', { file, at: 0 }, 'not a binary log');
    const log = new LogReader(queue, file);
    for await (const batch of log.read(MAGIC.length)) {
      signal?.throwIfAborted();
      yield batch;
    }
  } finally {
    await queue.close();
  }
}

/** An event whose bytes are verified to be those that the server wrote. */
interface CheckedEvent {
  /** Includes the header, but not the checksum. */
  readonly bytes: Buffer;
  /** Whether only its beginning is present. */
  readonly isCut: boolean;
}

class LogReader {
  readonly #queue: ByteQueue;
  readonly #file: string;
  #format: LogFormat | undefined;
  #events: EventReader | undefined;
  #batch: BinaryLogEvent[] = [];

  constructor(queue: ByteQueue, file: string) {
    this.#queue = queue;
    this.#file = file;
  }

  /** Events before the damage are yielded before the error is thrown. */
  async *read(start: number): AsyncGenerator<readonly BinaryLogEvent[]> {
    try {
      yield* this.#readBatches(start);
    } catch (error) {
      if (this.#batch.length > 0) yield this.#takeBatch();
      throw error;
    }
  }

  #takeBatch(): readonly BinaryLogEvent[] {
    const batch = this.#batch;
    this.#batch = [];
    return batch;
  }

  async *#readBatches(start: number): AsyncGenerator<readonly BinaryLogEvent[]> {
    for (let at = start; ; ) {
      if (this.#batch.length >= MAX_IN_BATCH || isLong(this.#batch.at(-1))) yield this.#takeBatch();
      if (this.#queue.atHand < HEADER_BYTES) {
        if (this.#batch.length > 0) yield this.#takeBatch(); // what follows may be long in coming
        await this.#queue.fill(HEADER_BYTES);
        if (this.#queue.atHand === 0) break;
        if (this.#queue.atHand < HEADER_BYTES) throw this.#cut(at, this.#queue.atHand, undefined);
      }
      const header = this.#queue.peek(readHeader);
      this.#requireSensible(header, at);
      const place = { at, end: at + header.length, seconds: header.seconds, serverId: header.serverId };
      if (header.code === EVENT.transactionPayload) {
        if (this.#batch.length > 0) yield this.#takeBatch();
        yield* this.#readPayload(header, place);
      } else {
        const bytes = this.#queue.takeNow(header.length);
        const checked = bytes ? this.#check(bytes, header, at) : await this.#take(header, at);
        const event = this.#interpret(header, place, checked);
        if (event) this.#batch.push(event);
      }
      at += header.length;
    }
    if (this.#batch.length > 0) yield this.#takeBatch();
    if (!this.#format) throw this.#error('cut', start, 'the file has no events');
  }

  #requireSensible({ code, length, next }: EventHeader, at: number): void {
    const isFirst = this.#format === undefined;
    if (isFirst !== (code === EVENT.formatDescription)) {
      const what = isFirst ? 'the first event does not describe the format' : 'a second description of the format';
      throw this.#error('misplaced', at, what);
    }
    const least = HEADER_BYTES + this.#checksumBytes;
    if (length < least) throw this.#error('misplaced', at, `an event of ${length} bytes; the shortest have ${least}`);
    if (isFirst && length > MAX_FORMAT_BYTES)
      throw this.#error('misplaced', at, `an event of ${length} bytes describes the format`);
    // its lower 32 bits; MariaDB 11.7 and later omit it within a transaction
    const expected = (at + length) % 2 ** 32;
    if (next !== expected && !(next === 0 && this.#format?.product === 'mariadb'))
      throw this.#error(
        'misplaced',
        at,
        `the event says that the next one begins at ${next}; it begins at ${expected}`,
      );
  }

  get #checksumBytes(): number {
    return this.#format?.hasChecksums ? CHECKSUM_BYTES : 0;
  }

  async #take(header: EventHeader, at: number): Promise<CheckedEvent> {
    const keptBytes = HEADER_BYTES + KEPT_BYTES;
    const bytes = await this.#queue.take(Math.min(header.length, keptBytes));
    if (header.length <= keptBytes) {
      if (bytes.length < header.length) throw this.#cut(at, bytes.length, header.length);
      return this.#check(bytes, header, at);
    }
    let sum = crc32(bytes);
    for await (const piece of this.#pieces(header.length - bytes.length - this.#checksumBytes, header, at))
      sum = crc32(piece, sum);
    await this.#requireChecksum(sum, header, at);
    return { bytes, isCut: true };
  }

  /** @param whole the event, including its checksum. */
  #check(whole: Buffer, header: EventHeader, at: number): CheckedEvent {
    const isFormat = header.code === EVENT.formatDescription;
    if (isFormat) this.#format = this.#inPlace(at, () => readFormat(new EventBytes(whole, HEADER_BYTES), header.flags));
    // a format description has a checksum even if other events have none
    const sumBytes = isFormat && this.#format?.knowsChecksums ? CHECKSUM_BYTES : this.#checksumBytes;
    const bytes = sumBytes === 0 ? whole : whole.subarray(0, whole.length - sumBytes);
    const isRight = sumBytes === 0 || crc32(isFormat ? closed(bytes) : bytes) === whole.readUInt32LE(bytes.length);
    if (!isRight) throw this.#wrongSum(at);
    return { bytes, isCut: false };
  }

  #interpret({ code }: EventHeader, place: EventPlace, { bytes, isCut }: CheckedEvent): BinaryLogEvent | undefined {
    if (code === EVENT.startEncryption) throw encryptedLog(this.#file, 'encrypt_binlog');
    const format = this.#format;
    if (!format) return undefined;
    if (code === EVENT.formatDescription) {
      this.#events = new EventReader(format);
      const { headBytes, knowsChecksums, ...facts } = format;
      return { ...place, type: 'format', ...facts };
    }
    return this.#inPlace(place.at, () => this.#events?.read(code, place, new EventBytes(bytes, HEADER_BYTES), isCut));
  }

  /** The events of a compressed transaction, all with its position. */
  async *#readPayload(header: EventHeader, place: EventPlace): AsyncGenerator<readonly BinaryLogEvent[]> {
    const { at } = place;
    let sum = crc32(await this.#queue.take(HEADER_BYTES));
    const bodyBytes = header.length - HEADER_BYTES - this.#checksumBytes;
    const headBytes = Math.min(bodyBytes, PAYLOAD_HEAD_BYTES);
    const first = await this.#queue.take(headBytes);
    if (first.length < headBytes) throw this.#cut(at, HEADER_BYTES + first.length, header.length);
    sum = crc32(first, sum);
    const bytes = new EventBytes(first);
    const payload = this.#inPlace(at, () => readPayloadHead(bytes));
    if (payload.size !== bodyBytes - bytes.at)
      throw this.#error('malformed', at, `a transaction of ${payload.size} bytes in an event of ${header.length}`);
    const rest = this.#pieces(bodyBytes - first.length, header, at);
    const packed = async function* (): AsyncGenerator<Buffer> {
      yield bytes.rest();
      for await (const piece of rest) {
        sum = crc32(piece, sum);
        yield piece;
      }
    };
    try {
      if (this.#events) yield* readPayloadEvents(new ByteQueue(unpackPayload(payload, packed())), place, this.#events);
    } catch (error) {
      throw this.#translate(at, error);
    }
    await this.#requireChecksum(sum, header, at);
  }

  async *#pieces(count: number, header: EventHeader, at: number): AsyncGenerator<Buffer> {
    for (let missing = count; missing > 0; ) {
      const piece = await this.#queue.takeSome(missing);
      if (piece.length === 0) throw this.#cut(at, header.length - missing - this.#checksumBytes, header.length);
      missing -= piece.length;
      yield piece;
    }
  }

  async #requireChecksum(sum: number, header: EventHeader, at: number): Promise<void> {
    if (this.#checksumBytes === 0) return;
    const stated = await this.#queue.take(CHECKSUM_BYTES);
    if (stated.length < CHECKSUM_BYTES)
      throw this.#cut(at, header.length - CHECKSUM_BYTES + stated.length, header.length);
    if (sum !== stated.readUInt32LE()) throw this.#wrongSum(at);
  }

  #inPlace<T>(at: number, read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw this.#translate(at, error);
    }
  }

  #translate(at: number, error: unknown): unknown {
    return error instanceof EventTooShort ? this.#error('malformed', at, error.message, error) : error;
  }

  #cut(at: number, found: number, length: number | undefined): LogFileError {
    const of = length === undefined ? '' : `, ${found} bytes of ${length}`;
    return this.#error('cut', at, `the file ends within this event${of}`);
  }

  #wrongSum(at: number): LogFileError {
    return this.#error('checksum', at, 'the checksum of the event does not match its bytes');
  }

  #error(problem: LogProblem, at: number, what: string, cause?: unknown): LogFileError {
    return new LogFileError(problem, { file: this.#file, at }, what, cause);
  }
}

/** A format description as it would be if its server had closed the file. */
function closed(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt16LE(copy.readUInt16LE(17) & ~IN_USE, 17);
  return copy;
}
