import { restoreImage } from './page-image.ts';

/** What a record contains about one page. */
export interface BlockChange {
  readonly space: number;
  readonly database: number;
  readonly filenode: number;
  readonly block: number;
  /** Whether it is the table itself, not its free space map or visibility map. */
  readonly isMain: boolean;
  /** The full page, as it is after the change. */
  readonly image: Buffer | undefined;
  readonly data: Buffer;
}

export interface WalRecord {
  readonly xid: string;
  readonly manager: number;
  readonly info: number;
  readonly blocks: readonly BlockChange[];
  readonly main: Buffer;
}

/** Of a record. */
export const HEADER_BYTES = 24;
const MAX_BLOCK_ID = 32;
/** What introduces a part of a record other than a block. */
export const [ID_TOPLEVEL_XID, ID_ORIGIN, ID_DATA_LONG, ID_DATA_SHORT] = [252, 253, 254, 255];
const [HAS_IMAGE, HAS_DATA, SAME_RELATION] = [0x10, 0x20, 0x80];

interface BlockHeader extends Omit<BlockChange, 'image' | 'data'> {
  readonly dataBytes: number;
  readonly image:
    | { readonly bytes: number; readonly holeAt: number; readonly info: number; readonly holeBytes: number }
    | undefined;
}

/**
 * Decodes a record whose checksum pg_waldump has verified. Source: PostgreSQL's src/include/access/xlogrecord.h, and xlogreader.c, DecodeXLogRecord; since
 * version 15.
 * @returns undefined for bytes that do not form a record.
 */
export function decodeRecord(bytes: Buffer): WalRecord | undefined {
  return withinBounds(() => decode(bytes));
}

/** @returns undefined if a read goes past the end of the bytes. */
export function withinBounds<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function decode(bytes: Buffer): WalRecord {
  const headers: BlockHeader[] = [];
  let [at, mainBytes, payload] = [HEADER_BYTES, 0, 0];
  while (at + payload + mainBytes < bytes.length) {
    const id = bytes.readUInt8(at);
    if (id === ID_DATA_SHORT) {
      mainBytes = bytes.readUInt8(at + 1);
      at += 2;
      break;
    }
    if (id === ID_DATA_LONG) {
      mainBytes = bytes.readUInt32LE(at + 1);
      at += 5;
      break;
    }
    if (id === ID_ORIGIN) at += 3;
    else if (id === ID_TOPLEVEL_XID) at += 5;
    else if (id > MAX_BLOCK_ID) throw new RangeError(`no block has the id ${id}`);
    else {
      const [header, next] = readBlockHeader(bytes, at + 1, headers.at(-1));
      headers.push(header);
      at = next;
      payload += header.dataBytes + (header.image?.bytes ?? 0);
    }
  }
  const blocks = headers.map((header): BlockChange => {
    const { image, dataBytes, ...block } = header;
    const packed = image && bytes.subarray(at, at + image.bytes);
    at += image?.bytes ?? 0;
    const data = bytes.subarray(at, at + dataBytes);
    at += dataBytes;
    return { ...block, image: image && packed && restoreImage(packed, image), data };
  });
  if (at + mainBytes !== bytes.length) throw new RangeError('the parts do not add up to the record');
  return {
    xid: String(bytes.readUInt32LE(4)),
    manager: bytes.readUInt8(17),
    info: bytes.readUInt8(16),
    blocks,
    main: bytes.subarray(at, at + mainBytes),
  };
}

function readBlockHeader(bytes: Buffer, from: number, previous: BlockHeader | undefined): [BlockHeader, number] {
  let at = from;
  const flags = bytes.readUInt8(at);
  const dataBytes = flags & HAS_DATA ? bytes.readUInt16LE(at + 1) : 0;
  at += 3;
  let image: BlockHeader['image'];
  if (flags & HAS_IMAGE) {
    const length = bytes.readUInt16LE(at);
    const info = bytes.readUInt8(at + 4);
    const [hasHole, isCompressed] = [(info & 0x01) !== 0, (info & 0x1c) !== 0];
    const holeBytes = !hasHole ? 0 : isCompressed ? bytes.readUInt16LE(at + 5) : 8192 - length;
    image = { bytes: length, holeAt: bytes.readUInt16LE(at + 2), info, holeBytes };
    at += hasHole && isCompressed ? 7 : 5;
  }
  let relation: Pick<BlockHeader, 'space' | 'database' | 'filenode'> | undefined = previous;
  if (!(flags & SAME_RELATION)) {
    const [space, database, filenode] = [
      bytes.readUInt32LE(at),
      bytes.readUInt32LE(at + 4),
      bytes.readUInt32LE(at + 8),
    ];
    relation = { space, database, filenode };
    at += 12;
  }
  if (!relation) throw new RangeError('the first block names no relation');
  const { space, database, filenode } = relation;
  const block = bytes.readUInt32LE(at);
  return [{ space, database, filenode, block, isMain: (flags & 0x0f) === 0, dataBytes, image }, at + 4];
}
