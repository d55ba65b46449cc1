import { crc32 } from 'node:zlib';

const FORMAT = 15;

/** Writes a binary log byte by byte, including content that no server would write. */
export class LogBuilder {
  readonly #parts: Buffer[] = [Buffer.from([0xfe, 0x62, 0x69, 0x6e])];
  #at = 4;
  readonly #hasChecksums: boolean;
  readonly #serverId: number;

  constructor({ version = '9.7.4', checksums = true, formatFlags = 0, serverId = 7, seconds = 1_795_900_000 } = {}) {
    this.#hasChecksums = checksums;
    this.#serverId = serverId;
    const body = Buffer.alloc(2 + 50 + 4 + 1 + 42 + 1);
    body.writeUInt16LE(4);
    body.write(version, 2, 'latin1');
    body.writeUInt8(19, 56);
    body.writeUInt8(13, 57 + 1); // QUERY_EVENT
    body.writeUInt8(8, 57 + 18); // TABLE_MAP_EVENT
    for (const code of [23, 24, 25]) body.writeUInt8(8, 57 + code - 1);
    for (const code of [30, 31, 32]) body.writeUInt8(10, 57 + code - 1);
    body.writeUInt8(checksums ? 1 : 0, body.length - 1);
    this.event(FORMAT, body, { flags: formatFlags, seconds });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  /** Offset of the next event. */
  get position(): number {
    return this.#at;
  }

  event(
    code: number,
    body: Buffer,
    changed: { seconds?: number; length?: number; next?: number; flags?: number; server?: number } = {},
  ): this {
    const sumBytes = this.#hasChecksums || code === FORMAT ? 4 : 0;
    const length = 19 + body.length + sumBytes;
    const head = Buffer.alloc(19);
    head.writeUInt32LE(changed.seconds ?? 1_795_900_000);
    head.writeUInt8(code, 4);
    head.writeUInt32LE(changed.server ?? this.#serverId, 5);
    head.writeUInt32LE(changed.length ?? length, 9);
    head.writeUInt32LE(changed.next ?? (this.#at + length) % 2 ** 32, 13);
    const sum = Buffer.alloc(sumBytes);
    if (sumBytes > 0) sum.writeUInt32LE(crc32(body, crc32(head))); // the checksum of a format description excludes its flags
    head.writeUInt16LE(changed.flags ?? 0, 17);
    if (sumBytes > 0 && code !== FORMAT) sum.writeUInt32LE(crc32(body, crc32(head)));
    this.#parts.push(head, body, sum);
    this.#at += length;
    return this;
  }

  query(statement: string | Buffer, { database = 'shop', seconds = 1_795_900_000, error = 0 } = {}): this {
    const head = Buffer.alloc(13);
    const name = Buffer.from(database);
    head.writeUInt8(name.length, 8);
    head.writeUInt16LE(error, 9);
    return this.event(2, Buffer.concat([head, name, Buffer.alloc(1), Buffer.from(statement)]), { seconds });
  }

  anonymous({ seconds = 1_795_900_000 } = {}): this {
    return this.event(34, Buffer.alloc(25), { seconds });
  }

  /** A GTID event of MariaDB. */
  gtid(number: number, { flags = 0, seconds = 1_795_900_000, server = this.#serverId, domain = 0 } = {}): this {
    const body = Buffer.alloc(19);
    body.writeUInt32LE(number);
    body.writeUInt32LE(domain, 8);
    body.writeUInt8(flags, 12);
    return this.event(162, body, { seconds, server });
  }

  commit({ seconds = 1_795_900_000 } = {}): this {
    return this.event(16, Buffer.alloc(8), { seconds });
  }

  /** A table with one INT column. */
  table(id: number, database: string, table: string): this {
    const head = Buffer.alloc(8);
    head.writeUIntLE(id, 0, 6);
    const names = [database, table].flatMap((name) => [
      Buffer.from([Buffer.byteLength(name)]),
      Buffer.from(`${name}\0`),
    ]);
    return this.event(19, Buffer.concat([head, ...names, Buffer.from([1, 3, 0, 1])]));
  }

  /** Rows of that table. @param code type of the event: 30, 31 or 32. */
  rows(code: number, id: number, count: number, endsStatement = true): this {
    const head = Buffer.alloc(10);
    head.writeUIntLE(id, 0, 6);
    head.writeUInt16LE(endsStatement ? 1 : 0, 6);
    head.writeUInt16LE(2, 8);
    const images = code === 31 ? 2 : 1;
    return this.event(
      code,
      Buffer.concat([head, Buffer.from([1, ...Array(images).fill(1)]), Buffer.alloc(5 * images * count)]),
    );
  }

  /** @param next name of the next file. */
  rotate(next: string): this {
    return this.event(4, Buffer.concat([Buffer.from('0400000000000000', 'hex'), Buffer.from(next)]));
  }

  stop(): this {
    return this.event(3, Buffer.alloc(0));
  }
}
