import { sizesOfColumns } from './event-columns.ts';
import { inflateRecord } from './event-query.ts';
import type { RowsFacts, RowsType } from './event-types.ts';
import { EventBytes, EventTooShort } from './read-bytes.ts';

/** Facts about a table that the rows events after its TABLE_MAP_EVENT need. */
export interface MappedTable {
  readonly database: string;
  readonly table: string;
  /** See {@link sizesOfColumns}. undefined: a column has an unknown type. */
  readonly sizes: Int32Array | undefined;
}

/** Maximum number of columns of a table. */
const MAX_COLUMNS = 4096;

/**
 * TABLE_MAP_EVENT: table number 6 (4 in an old layout), flags 2; names, number of columns, one type byte per column, and metadata of the types. Source: MySQL's
 * libs/mysql/binlog/event/rows_event.h, `Table_map_event`.
 */
export function readTableMap(
  bytes: EventBytes,
  headBytes: number,
): { readonly id: number; readonly definition: Buffer } {
  const id = bytes.uint(headBytes === 6 ? 4 : 6);
  bytes.skip(2);
  return { id, definition: bytes.rest() };
}

/** Reads the part of a TABLE_MAP_EVENT that follows the flags. */
export function readMappedTable(definition: Buffer): MappedTable {
  const bytes = new EventBytes(definition);
  const [database, table] = [bytes.shortText(), bytes.shortText()];
  const columns = bytes.packedLength();
  if (columns > MAX_COLUMNS) throw new EventTooShort(`a table with ${columns} columns`);
  const types = bytes.take(columns);
  const metadata = bytes.take(bytes.packedLength());
  return { database, table, sizes: sizesOfColumns(types, metadata) };
}

/** Table number of an event that only ends a statement. */
const NO_TABLE = 0xffffff;
const ENDS_STATEMENT = 1;

export interface RowsHead {
  readonly id: number;
  readonly endsStatement: boolean;
}

/** Table number 6 (4), flags 2; in version 2 also the length of extra data, including its own two bytes, and the data. */
export function readRowsHead(bytes: EventBytes, { version }: RowsType, headBytes: number): RowsHead {
  const id = bytes.uint(headBytes === 6 ? 4 : 6);
  const flags = bytes.uint(2);
  if (version === 2) bytes.skip(bytes.uint(2) - 2);
  return { id, endsStatement: (flags & ENDS_STATEMENT) !== 0 };
}

/**
 * Counts rows without reading values: number of columns; a bitmap of the columns present in the row (an update has a second one for the new row); then rows: a
 * null bitmap for the columns present, and the values that are not null. Source: MySQL's libs/mysql/binlog/event/rows_event.h, `Rows_event`.
 * @param isCut whether only the beginning of the event is present.
 */
export function countRows(
  bytes: EventBytes,
  head: RowsHead,
  type: RowsType,
  table: MappedTable | undefined,
  isCut: boolean,
): RowsFacts {
  const named = { change: type.change, database: table?.database ?? '', table: table?.table ?? '' };
  if (head.id === NO_TABLE && bytes.left <= 2) return { ...named, rows: 0, isExact: true };
  if (!table) throw new EventTooShort('rows of a table that no event before them names');
  const columns = bytes.packedLength();
  if (columns > MAX_COLUMNS) throw new EventTooShort(`rows with ${columns} columns`);
  const images =
    type.change === 'update'
      ? [bytes.take((columns + 7) >> 3), bytes.take((columns + 7) >> 3)]
      : [bytes.take((columns + 7) >> 3)];
  const record = bytes.rest();
  if (record.length === 0) return { ...named, rows: 0, isExact: true };
  const { sizes } = table;
  if (type.isPartial || sizes?.length !== columns) return { ...named, rows: 1, isExact: false };
  if (type.isCompressed && isCut) return { ...named, rows: 1, isExact: false };
  const plain = type.isCompressed ? inflateRecord(record) : { bytes: record, isCut: false };
  const counted = walkRows(
    plain.bytes,
    images.map((image) => sizesIn(image, sizes)),
  );
  const isPart = isCut || plain.isCut;
  // if the last row does not end with the event, one of its types is not what it seems
  return { ...named, rows: Math.max(1, counted.rows), isExact: counted.isWhole && !isPart };
}

/** Sizes of the columns that are present in a row. */
function sizesIn(image: Buffer, sizes: Int32Array): Int32Array {
  if (hasAll(image, sizes.length)) return sizes;
  return sizes.filter((_, column) => ((image[column >> 3] ?? 0) >> (column & 7)) & 1);
}

function hasAll(image: Buffer, columns: number): boolean {
  const whole = columns >> 3;
  for (let at = 0; at < whole; at += 1) if (image[at] !== 0xff) return false;
  const last = (1 << (columns & 7)) - 1;
  return ((image[whole] ?? 0) & last) === last;
}

/** @returns how many rows begin in the bytes, and whether the last one ends exactly at their end. */
function walkRows(bytes: Buffer, images: readonly Int32Array[]): { readonly rows: number; readonly isWhole: boolean } {
  let at = 0;
  let rows = 0;
  while (at < bytes.length) {
    rows += 1;
    const begin = at;
    for (const sizes of images) {
      const nulls = at;
      at += (sizes.length + 7) >> 3;
      for (let column = 0; column < sizes.length; column += 1) {
        if (((bytes[nulls + (column >> 3)] ?? 0) >> (column & 7)) & 1) continue;
        const size = sizes[column] ?? 0;
        if (size >= 0) at += size;
        else if (at - size <= bytes.length) at += bytes.readUIntLE(at, -size) - size;
        else return { rows, isWhole: false };
      }
    }
    if (at === begin) return { rows, isWhole: false }; // rows without a byte could be any number
  }
  return { rows, isWhole: at === bytes.length };
}
