import { EventTooShort } from './read-bytes.ts';

/** Types whose values have a fixed size. Source: MySQL's include/field_types.h; sizes: the "Table_map_event column types" of rows_event.h. */
const FIXED: Readonly<Record<number, number>> = {
  1: 1, // TINYINT
  2: 2, // SMALLINT
  3: 4, // INT
  4: 4, // FLOAT
  5: 8, // DOUBLE
  6: 0, // NULL
  7: 4, // TIMESTAMP of 5.5
  8: 8, // BIGINT
  9: 3, // MEDIUMINT
  10: 3, // DATE
  11: 3, // TIME of 5.5
  12: 8, // DATETIME of 5.5
  13: 1, // YEAR
  14: 3, // DATE
};

/** Types with one byte of metadata: the number of fractional digits of a second. Values are the sizes without the fraction. */
const WITH_FRACTION: Readonly<Record<number, number>> = { 17: 4, 18: 5, 19: 3 }; // TIMESTAMP, DATETIME, TIME
const BLOBS = new Set([140, 242, 245, 249, 250, 251, 252, 255]); // 140: MariaDB's compressed; VECTOR, JSON, TINYBLOB, …, BLOB, GEOMETRY
const VARCHARS = new Set([15, 141, 253]); // 141: MariaDB's compressed
const [BIT, DECIMAL, ENUM, SET, STRING] = [16, 246, 247, 248, 254];

/**
 * Sizes of the values of a table's columns in a row.
 * @param types of TABLE_MAP_EVENT, a byte each. @param metadata that follows them there.
 * @returns bytes; negative: the number of bytes, before the value, that hold its length. undefined: a type is unknown.
 */
export function sizesOfColumns(types: Buffer, metadata: Buffer): Int32Array | undefined {
  const sizes = new Int32Array(types.length);
  let at = 0;
  for (const [column, type] of types.entries()) {
    const [low, high] = [metadata[at] ?? 0, metadata[at + 1] ?? 0];
    const found = sizeOf(type, low, high);
    if (!found) return undefined;
    sizes[column] = found.size;
    at += found.metadata;
  }
  if (at > metadata.length) throw new EventTooShort('what belongs to the types of its columns is cut');
  return sizes;
}

function sizeOf(
  type: number,
  low: number,
  high: number,
): { readonly size: number; readonly metadata: number } | undefined {
  const fixed = FIXED[type];
  if (fixed !== undefined) return { size: fixed, metadata: type === 4 || type === 5 ? 1 : 0 };
  const whole = WITH_FRACTION[type];
  if (whole !== undefined) return { size: whole + ((low + 1) >> 1), metadata: 1 };
  if (BLOBS.has(type)) return low >= 1 && low <= 4 ? { size: -low, metadata: 1 } : undefined;
  if (VARCHARS.has(type)) return { size: low + 256 * high > 255 ? -2 : -1, metadata: 2 };
  if (type === BIT) return { size: high + (low > 0 ? 1 : 0), metadata: 2 };
  if (type === DECIMAL) return { size: decimalSize(low, high), metadata: 2 };
  if (type === ENUM || type === SET) return { size: high, metadata: 2 };
  if (type === STRING) return { size: stringSize(low, high), metadata: 2 };
  return undefined; // also that of arrays, which is in no row
}

/** CHAR, BINARY, ENUM and SET share a type; two bits of the real one hold the highest bits of the length. */
function stringSize(low: number, high: number): number {
  const isLong = (low & 0x30) !== 0x30;
  const type = isLong ? low | 0x30 : low;
  if (type === ENUM || type === SET) return high;
  const length = isLong ? high | (((low & 0x30) ^ 0x30) << 4) : high;
  return length > 255 ? -2 : -1;
}

/** Bytes needed for the digits left over after groups of nine, which take four bytes each. */
const DIGIT_BYTES = [0, 1, 1, 2, 2, 3, 3, 4, 4];

function decimalSize(precision: number, scale: number): number {
  return digitsSize(precision - scale) + digitsSize(scale);
}

function digitsSize(digits: number): number {
  const positive = Math.max(0, digits);
  return 4 * Math.floor(positive / 9) + (DIGIT_BYTES[positive % 9] ?? 0);
}
