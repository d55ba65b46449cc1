import type { RawEvent } from './replay-source.ts';

/** Event types. Source: MySQL's libs/mysql/binlog/event/binlog_event.h; MariaDB's sql/log_event.h. */
export const FORMAT_DESCRIPTION = 15;
export const TABLE_MAP = 19;
const HEADER_BYTES = 19;
const SIZE_AT = 9;
const TABLE_ID_BYTES = 6;
const FLAGS_AT = 6;
/** STMT_END_F: the last event of a statement. */
const IS_LAST = 1;
/** In bytes: a statement can change any number of rows, so they are sent in parts of about this size. */
const PART_BYTES = 4 * 2 ** 20;

/** @returns one event as the server reads it in `BINLOG`, without a checksum. */
export function eventBytes(event: RawEvent): Buffer {
  const isDescription = event.type === FORMAT_DESCRIPTION;
  const size = HEADER_BYTES + event.body.length + (isDescription ? CHECKSUM_BYTES : 0);
  const bytes = Buffer.alloc(size);
  bytes.writeUInt32LE(event.timestamp, 0);
  bytes.writeUInt8(event.type, 4);
  bytes.writeUInt32LE(event.serverId, 5);
  bytes.writeUInt32LE(size, SIZE_AT);
  bytes.writeUInt32LE(0, 13);
  bytes.writeUInt16LE(event.flags, 17);
  event.body.copy(bytes, HEADER_BYTES);
  // the description always has room for a checksum, preceded by the checksum algorithm of the events: none
  if (isDescription) bytes.writeUInt8(0, size - CHECKSUM_BYTES - 1);
  return bytes;
}

const CHECKSUM_BYTES = 4;

/** `BINLOG '…'`, which makes a server apply row events as a replica does: without triggers. */
export function binlogStatement(events: readonly Buffer[]): Buffer {
  return Buffer.from(`BINLOG '${Buffer.concat(events).toString('base64')}'`, 'latin1');
}

interface TableOfRows {
  readonly database: string;
  readonly table: string;
}

/**
 * Collects the row events of one statement, skips tables that are not wanted, and sends the rest to the server in parts, so that memory use is bounded whatever
 * the statement changed. To the server, each part is a complete statement: the table maps, and rows, the last of which are marked as such.
 */
export class RowParts {
  private readonly wants: (table: TableOfRows) => boolean;
  private readonly send: (statement: Buffer) => Promise<void>;
  private maps = new Map<number, Buffer>();
  private rows: Buffer[] = [];
  private size = 0;

  constructor(wants: (table: TableOfRows) => boolean, send: (statement: Buffer) => Promise<void>) {
    this.wants = wants;
    this.send = send;
  }

  /** Rows of an unwanted table are skipped. */
  addTable(event: RawEvent): void {
    const table = tableIn(event.body);
    if (!this.wants(table)) return;
    this.maps.set(event.body.readUIntLE(0, TABLE_ID_BYTES), eventBytes(event));
  }

  async addRows(event: RawEvent): Promise<void> {
    const isLast = (event.body.readUInt16LE(FLAGS_AT) & IS_LAST) !== 0;
    if (this.maps.has(event.body.readUIntLE(0, TABLE_ID_BYTES))) {
      const bytes = eventBytes(event);
      this.rows.push(bytes);
      this.size += bytes.length;
    }
    if (isLast || this.size >= PART_BYTES) await this.flush();
    if (isLast) this.maps = new Map();
  }

  private async flush(): Promise<void> {
    const { rows } = this;
    this.rows = [];
    this.size = 0;
    const last = rows.at(-1);
    if (!last) return;
    last.writeUInt16LE(last.readUInt16LE(HEADER_BYTES + FLAGS_AT) | IS_LAST, HEADER_BYTES + FLAGS_AT);
    await this.send(binlogStatement([...this.maps.values(), ...rows]));
  }
}

/** Source: Table_map_event: table number (6 bytes), flags (2), and the names of database and table, each with its length and a terminating zero. */
function tableIn(body: Buffer): TableOfRows {
  const databaseAt = TABLE_ID_BYTES + 2;
  const databaseLength = body.readUInt8(databaseAt);
  const tableAt = databaseAt + 1 + databaseLength + 1;
  const tableLength = body.readUInt8(tableAt);
  return {
    database: body.toString('utf8', databaseAt + 1, databaseAt + 1 + databaseLength),
    table: body.toString('utf8', tableAt + 1, tableAt + 1 + tableLength),
  };
}
