/** Bytes of catalogs and of the log as written by a server. */

/** Columns of a row of pg_class up to version 17. */
export function relationRow({
  oid = 16400,
  name = 'orders',
  schema = 2200,
  file = 16400,
  space = 0,
  rows = -1,
  kind = 'r',
  kept = 'p',
} = {}): Buffer {
  const body = Buffer.alloc(140);
  body.writeUInt32LE(oid, 0);
  body.write(name, 4);
  body.writeUInt32LE(schema, 68);
  body.writeUInt32LE(file, 88);
  body.writeUInt32LE(space, 92);
  body.writeFloatLE(rows, 100);
  body.write(`${kept}${kind}`, 114, 'latin1');
  return body;
}

/** Columns of a row of pg_database or pg_namespace. */
export function namedRow(oid: number, name: string): Buffer {
  const body = Buffer.alloc(100);
  body.writeUInt32LE(oid, 0);
  body.write(name, 4);
  return body;
}

/** Columns of a row of pg_database. Its connection limit is -2 while the database is being dropped. */
export function databaseRow(oid: number, name: string, connectionLimit = -1): Buffer {
  const body = namedRow(oid, name);
  body.writeInt32LE(connectionLimit, 80);
  return body;
}

/** A page with these rows, keyed by number. @param next number of the row that replaced a row. */
export function heapPage(rows: Readonly<Record<number, Buffer>>, next: Readonly<Record<number, number>> = {}): Buffer {
  const page = Buffer.alloc(8192);
  let at = 8192;
  const last = Math.max(...Object.keys(rows).map(Number));
  page.writeUInt16LE(24 + last * 4, 12);
  for (const [number, body] of Object.entries(rows)) {
    const length = 24 + body.length;
    at -= length + (8 - (length % 8));
    page.writeUInt32LE(((length << 17) | (1 << 15) | at) >>> 0, 24 + (Number(number) - 1) * 4);
    page.writeUInt16LE(next[Number(number)] ?? Number(number), at + 16);
    page[at + 22] = 24;
    body.copy(page, at + 24);
  }
  return page;
}

interface Block {
  readonly block: number;
  readonly data?: Buffer;
  readonly image?: Buffer;
  /** Compression bits, and the compressed bytes of the page. */
  readonly packed?: {
    readonly info: number;
    readonly bytes: Buffer;
    readonly holeAt: number;
    readonly holeBytes: number;
  };
}

/** A log record about pages of a catalog table. */
export function walRecord(
  operation: number,
  {
    xid = 7,
    database = 5,
    file = 1259,
    main,
    blocks,
    manager = 10,
  }: { xid?: number; database?: number; file?: number; main: Buffer; blocks: readonly Block[]; manager?: number },
): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(xid, 4);
  header[16] = operation;
  header[17] = manager;
  const payload: Buffer[] = [];
  const heads = blocks.map(({ block, data = Buffer.alloc(0), image, packed }, id) => {
    const stored = packed?.bytes ?? image;
    const head = Buffer.alloc(4);
    head[0] = id;
    head[1] = (stored ? 0x10 : 0) | (data.length > 0 ? 0x20 : 0) | (id > 0 ? 0x80 : 0);
    head.writeUInt16LE(data.length, 2);
    const imageHead = Buffer.alloc(stored ? 5 : 0);
    if (stored) {
      imageHead.writeUInt16LE(stored.length, 0);
      imageHead.writeUInt16LE(packed?.holeAt ?? 0, 2);
      imageHead[4] = packed ? packed.info | 0x01 : 0;
      payload.push(stored);
    }
    const hole = Buffer.alloc(packed ? 2 : 0);
    if (packed) hole.writeUInt16LE(packed.holeBytes, 0);
    payload.push(data);
    const place = Buffer.alloc(id > 0 ? 4 : 16);
    if (id === 0)
      for (const [index, number] of [1663, database, file].entries()) place.writeUInt32LE(number, index * 4);
    place.writeUInt32LE(block, place.length - 4);
    return Buffer.concat([head, imageHead, hole, place]);
  });
  return Buffer.concat([header, ...heads, Buffer.from([255, main.length]), ...payload, main]);
}

/**
 * The xl_heap_header of a row, the padding without a null bitmap, and its columns. @param same number of bytes that are
 * the same as in the previous row.
 */
export function rowData(columns: Buffer, same: { readonly prefix?: number; readonly suffix?: number } = {}): Buffer {
  const lengths = [same.prefix, same.suffix].flatMap((length) =>
    length === undefined ? [] : [length & 0xff, length >> 8],
  );
  const own = columns.subarray(same.prefix ?? 0, columns.length - (same.suffix ?? 0));
  return Buffer.concat([Buffer.from([...lengths, 0, 0, 0, 0, 24, 0]), own]);
}

export const INSERT = 0x00;
export const DELETE = 0x10;
export const UPDATE = 0x20;
export const INPLACE = 0x70;

export function insertMain(row: number): Buffer {
  return Buffer.from([row, 0, 0]);
}

export function deleteMain(row: number): Buffer {
  return Buffer.from([7, 0, 0, 0, row, 0, 0, 0]);
}

export function updateMain(old: number, row: number, flags = 0): Buffer {
  return Buffer.from([7, 0, 0, 0, old, 0, 0, flags, 0, 0, 0, 0, row, 0]);
}
