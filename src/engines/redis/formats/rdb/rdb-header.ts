/** The beginning of an RDB file. */
export interface RdbHeader {
  /** Version of the format: 11, or 80 for Valkey 9. */
  readonly rdbVersion: number;
  /** What the server wrote about itself: `redis-ver`, `ctime`, `used-mem`, `aof-base`. */
  readonly fields: ReadonlyMap<string, string>;
}

const FIELD = 0xfa;
const MAX_FIELDS = 64;

/** Whether content starts like an RDB, of Redis or Valkey. */
export function isRdb(head: Buffer): boolean {
  return MAGIC.test(head.toString('latin1', 0, 9));
}

const MAGIC = /^(?:REDIS(\d{4})|VALKEY(\d{3}))/;

/**
 * Reads the fields before the first key. A field that is cut off is ignored: the tool checks whether the file is complete.
 * Source: `rdb.c` of Redis 7 and Valkey 8, `rdbSaveInfoAuxFields`, `rdbLoadLenByRef`.
 * @returns undefined for content that is not an RDB.
 */
export function readRdbHeader(head: Buffer): RdbHeader | undefined {
  const magic = MAGIC.exec(head.toString('latin1', 0, 9));
  if (!magic) return undefined;
  const fields = new Map<string, string>();
  let at = 9;
  while (head[at] === FIELD && fields.size < MAX_FIELDS) {
    const name = readText(head, at + 1);
    const value = name && readText(head, name.end);
    if (!name || !value) break;
    fields.set(name.text, value.text);
    at = value.end;
  }
  return { rdbVersion: Number(magic[1] ?? magic[2]), fields };
}

interface Text {
  readonly text: string;
  readonly end: number;
}

/** A string, or a number stored as one: the two highest bits of the first byte tell which. Fields are never compressed. */
function readText(bytes: Buffer, at: number): Text | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  const low = first & 0x3f;
  switch (first >> 6) {
    case 0:
      return cut(bytes, at + 1, low);
    case 1: {
      const second = bytes[at + 1];
      return second === undefined ? undefined : cut(bytes, at + 2, low * 256 + second);
    }
    case 3:
      return readInteger(bytes, at + 1, low);
    default:
      return undefined;
  }
}

function readInteger(bytes: Buffer, at: number, encoding: number): Text | undefined {
  const size = [1, 2, 4][encoding];
  if (size === undefined || at + size > bytes.length) return undefined;
  return { text: String(bytes.readIntLE(at, size)), end: at + size };
}

function cut(bytes: Buffer, start: number, length: number): Text | undefined {
  const end = start + length;
  return end > bytes.length ? undefined : { text: bytes.toString('utf8', start, end), end };
}
