import { EventEmitter, once } from 'node:events';
import type { Duplex } from 'node:stream';

/** What mysql2 passes to a command; only the parts used here. The protocol is that of lib/commands/command.js. */
interface Packet {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly end: number;
  isError(): boolean;
  isEOF(): boolean;
  asError(encoding: string): Error;
  eofWarningCount(): number;
  eofStatusFlags(): number;
  readInt8(): number;
  readInt16(): number;
  skip(bytes: number): void;
  readLengthCodedNumber(): number | null;
  readLengthCodedBuffer(): Buffer | null;
}

export interface Wire {
  readonly sequenceId: number;
  readonly stream: Duplex;
  readonly _mariadbExtendedMetadata: boolean;
  write(bytes: Buffer): void;
  _resetSequenceId(): void;
  _bumpSequenceId(count: number): void;
}

export interface Column {
  readonly name: string;
  /** A protocol type: MySQL manual, enum_field_types. */
  readonly type: number;
  /** 63 means bytes. */
  readonly characterSet: number;
}

/** Receives rows one by one as they arrive, with cells as the server printed them. */
export interface RowReader {
  onColumns(columns: readonly Column[]): void;
  onRow(cells: (Buffer | null)[]): void;
}

const COM_QUERY = 3;
/** The longest payload of one packet. A packet of exactly this length is followed by another, which may be empty. */
const MAX_PAYLOAD = 0xffffff;
const MORE_RESULTS = 8;
const LOCAL_INFILE = 0xfb;

/**
 * Sends a statement as raw bytes. mysql2's own query takes text, which it encodes in the character set that it believes the session has
 * (a dump keeps changing that), cannot be longer than a JavaScript string, and hangs at multiples of 16 MiB. Rows that a statement
 * returns go to the reader; without one they are dropped. Source of the format: MySQL manual, "Client/Server Protocol", COM_QUERY and its response.
 */
export class ByteQuery extends EventEmitter {
  /** mysql2 calls it when the connection is lost. */
  readonly onResult: (error: Error | null) => void;
  private readonly statement: Buffer;
  private readonly done: (error: Error | null, warnings: number) => void;
  private readonly reader: RowReader | undefined;
  private columns: Column[] = [];
  private expects: 'header' | 'columns' | 'rows' = 'header';
  private warnings = 0;
  /** The server's summary of what a statement did; only LOAD DATA and the like have one. */
  protected info = '';

  constructor(statement: Buffer, done: (error: Error | null, warnings: number) => void, reader?: RowReader) {
    super();
    this.statement = statement;
    this.done = done;
    this.reader = reader;
    this.onResult = (error) => done(error, this.warnings);
  }

  /** @returns whether the command is finished. Called once without a packet, to begin. */
  execute(packet: Packet | undefined, wire: Wire): boolean {
    if (!packet) {
      this.send(wire);
      return false;
    }
    if (packet.isError()) return this.end(packet.asError('utf8'));
    if (this.expects === 'header') return this.readHeader(packet, wire);
    if (!packet.isEOF()) {
      if (this.reader) this.read(packet, wire, this.reader);
      return false;
    }
    if (this.expects === 'columns') {
      this.reader?.onColumns(this.columns);
      this.expects = 'rows';
      return false;
    }
    this.warnings += packet.eofWarningCount();
    return this.endOrGoOn(packet.eofStatusFlags());
  }

  /** Sends without copying: the packet headers and slices of the statement. */
  protected send(wire: Wire): void {
    wire._resetSequenceId();
    const lengthInAll = this.statement.length + 1;
    for (let offset = 0; offset <= lengthInAll; offset += MAX_PAYLOAD) {
      const length = Math.min(MAX_PAYLOAD, lengthInAll - offset);
      const isFirst = offset === 0;
      const head = Buffer.alloc(isFirst ? 5 : 4);
      head.writeUIntLE(length, 0, 3);
      head.writeUInt8(wire.sequenceId, 3);
      if (isFirst) head.writeUInt8(COM_QUERY, 4);
      wire._bumpSequenceId(1);
      wire.write(head);
      const from = isFirst ? 0 : offset - 1;
      const to = offset + length - 1;
      if (to > from) wire.write(this.statement.subarray(from, to));
    }
  }

  private readHeader(packet: Packet, wire: Wire): boolean {
    const first = packet.buffer[packet.offset];
    if (first === LOCAL_INFILE) {
      this.answerLocalFile(wire);
      return false;
    }
    if (first !== 0) {
      this.columns = [];
      this.expects = 'columns';
      return false;
    }
    packet.readInt8();
    packet.readLengthCodedNumber(); // affected rows
    packet.readLengthCodedNumber(); // last insert id
    const status = packet.readInt16();
    this.warnings += packet.readInt16();
    this.info = packet.buffer.toString('latin1', packet.offset, packet.end);
    return this.endOrGoOn(status);
  }

  /** The server requests a file of the client, by a name that is never used: it gets an empty one, and an error reports it. */
  protected answerLocalFile(wire: Wire): void {
    endLocalFile(wire);
  }

  private read(packet: Packet, wire: Wire, reader: RowReader): void {
    if (this.expects === 'columns') this.columns.push(readColumn(packet, wire._mariadbExtendedMetadata));
    else reader.onRow(this.columns.map(() => copyOf(packet.readLengthCodedBuffer())));
  }

  private endOrGoOn(status: number): boolean {
    this.expects = 'header';
    return (status & MORE_RESULTS) === 0 && this.end(null);
  }

  private end(error: Error | null): boolean {
    this.done(error, this.warnings);
    return true;
  }
}

/** A statement that arrives in pieces, with only its length known: sent with back pressure, and never fully in memory. */
export class PiecesQuery extends ByteQuery {
  private readonly sizeBytes: number;
  private readonly pieces: AsyncIterable<Buffer>;

  constructor(sizeBytes: number, pieces: AsyncIterable<Buffer>, done: (error: Error | null, warnings: number) => void) {
    super(Buffer.alloc(0), done);
    this.sizeBytes = sizeBytes;
    this.pieces = pieces;
  }

  protected override send(wire: Wire): void {
    wire._resetSequenceId();
    sendAll(this.packets(wire), wire.stream).catch((error: Error) => wire.stream.destroy(error));
  }

  private async *packets(wire: Wire): AsyncGenerator<Buffer> {
    let left = this.sizeBytes + 1;
    let room = 0;
    const begin = (): Buffer => {
      room = Math.min(MAX_PAYLOAD, left);
      const head = Buffer.alloc(4);
      head.writeUIntLE(room, 0, 3);
      head.writeUInt8(wire.sequenceId, 3);
      wire._bumpSequenceId(1);
      return head;
    };
    yield begin();
    yield Buffer.of(COM_QUERY);
    left -= 1;
    room -= 1;
    for await (const piece of this.pieces) {
      for (let at = 0; at < piece.length; ) {
        if (room === 0) yield begin();
        const part = piece.subarray(at, at + room);
        yield part;
        at += part.length;
        left -= part.length;
        room -= part.length;
      }
    }
    if (room === 0 && (this.sizeBytes + 1) % MAX_PAYLOAD === 0) yield begin();
  }
}

/** Counts that LOAD DATA reports. */
export interface LoadedRows {
  readonly warnings: number;
  /** Rows that were read, including those that were not stored. */
  readonly records: number;
  /** Rows that were skipped, or that replaced others, because their keys already existed. */
  readonly duplicates: number;
}

/**
 * LOAD DATA LOCAL, whose rows come from a stream and never from a file of this machine. If the stream fails, the connection is cut so that the server rolls
 * back, and the query rejects with the stream's error. Source: MySQL manual, "LOCAL INFILE Request".
 */
export class LoadDataQuery extends ByteQuery {
  private readonly rows: AsyncIterable<Buffer>;

  constructor(statement: Buffer, rows: AsyncIterable<Buffer>, done: (error: Error | null, loaded: LoadedRows) => void) {
    super(statement, (error, warnings) => done(error, { ...countsIn(this.info), warnings }));
    this.rows = rows;
  }

  protected override answerLocalFile(wire: Wire): void {
    sendAll(this.packets(wire), wire.stream).then(
      () => endLocalFile(wire),
      (error: Error) => wire.stream.destroy(error),
    );
  }

  private async *packets(wire: Wire): AsyncGenerator<Buffer> {
    for await (const piece of this.rows) {
      for (let at = 0; at < piece.length; at += MAX_PAYLOAD) {
        const part = piece.subarray(at, at + MAX_PAYLOAD);
        const head = Buffer.alloc(4);
        head.writeUIntLE(part.length, 0, 3);
        head.writeUInt8(wire.sequenceId, 3);
        wire._bumpSequenceId(1);
        yield head;
        yield part;
      }
    }
  }
}

/** Writes with back pressure to a socket that stays open; its own errors reject the query. A pipeline would leave a listener for each statement. */
async function sendAll(packets: AsyncIterable<Buffer>, socket: Duplex): Promise<void> {
  for await (const packet of packets) {
    if (socket.destroyed) return;
    if (socket.write(packet)) continue;
    const room = new AbortController();
    await Promise.race(
      ['drain', 'close'].map((event) => once(socket, event, { signal: room.signal }).catch(() => undefined)),
    );
    room.abort();
  }
}

function endLocalFile(wire: Wire): void {
  wire.write(Buffer.from([0, 0, 0, wire.sequenceId]));
  wire._bumpSequenceId(1);
}

/** `Records: 3  Deleted: 0  Skipped: 1  Warnings: 1`, after its length. */
function countsIn(info: string): Omit<LoadedRows, 'warnings'> {
  const [, records, deleted, skipped] = /Records: (\d+)\s+Deleted: (\d+)\s+Skipped: (\d+)/.exec(info) ?? [];
  return { records: Number(records ?? 0), duplicates: Number(deleted ?? 0) + Number(skipped ?? 0) };
}

/** Column definition: catalog, schema, table, original table, name, original name; MariaDB then adds extended type information. */
function readColumn(packet: Packet, isExtended: boolean): Column {
  for (let skipped = 0; skipped < 4; skipped += 1) packet.readLengthCodedBuffer();
  const name = packet.readLengthCodedBuffer()?.toString() ?? '';
  packet.readLengthCodedBuffer();
  if (isExtended) packet.readLengthCodedBuffer();
  packet.skip(1); // the length of what follows
  const characterSet = packet.readInt16();
  packet.skip(4); // the column's maximum length
  return { name, characterSet, type: packet.readInt8() };
}

/** Copies the cell: the parser returns a slice of the socket's buffer, which must not be kept alive. */
function copyOf(cell: Buffer | null): Buffer | null {
  return cell && Buffer.from(cell);
}
