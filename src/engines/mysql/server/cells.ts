import type { Cell } from '../../query-result.ts';
import type { Column } from './byte-query.ts';

/** Types of the protocol (MySQL manual, enum_field_types). */
const SMALL_INTEGERS = new Set([1, 2, 3, 9, 13]);
const FLOATS = new Set([4, 5]);
const BIGINT = 8;
const BIT = 16;
const INSTANTS = new Set([7, 12]);
const JSON_TYPE = 245;
const VECTOR = 242;
const GEOMETRY = 255;
/** Types that hold text or bytes; the character set says which. */
const STRINGS = new Set([15, 247, 248, 249, 250, 251, 252, 253, 254]);
const BINARY = 63;

/**
 * Reads values without loss: 64-bit integers as bigint, decimals as text, DATETIME and TIMESTAMP as instants (the session is in UTC). Zero
 * dates, days that do not exist, dates, times and everything else stay text, as the server prints them. Bytes are
 * hexadecimal with `0x`, as the client prints them.
 */
export function readCell(bytes: Buffer | null, column: Pick<Column, 'type' | 'characterSet'>): Cell {
  if (bytes === null) return null;
  const { type, characterSet } = column;
  if (type === BIT) return readBits(bytes);
  if (type === GEOMETRY || type === VECTOR || (STRINGS.has(type) && characterSet === BINARY)) return toHex(bytes);
  const text = bytes.toString(type === JSON_TYPE || STRINGS.has(type) ? 'utf8' : 'latin1');
  if (type === BIGINT) return BigInt(text);
  if (SMALL_INTEGERS.has(type)) return Number(text);
  if (FLOATS.has(type)) return readFloat(text);
  if (INSTANTS.has(type)) return readInstant(text);
  return text;
}

/** BIT as an integer, which it is in every expression. */
function readBits(bytes: Buffer): Cell {
  const value = bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function toHex(bytes: Buffer): string {
  return `0x${bytes.toString('hex').toUpperCase()}`;
}

function readFloat(text: string): Cell {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

/** `2006-02-14 15:16:03.123456`. A Date has no microseconds: such a value keeps its milliseconds. */
function readInstant(text: string): Cell {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?$/.exec(text);
  if (!match) return text;
  const [, day, time, fraction = ''] = match;
  const date = new Date(`${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}Z`);
  const isReal = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(`${day}T${time}`);
  return isReal ? date : text; // JavaScript turns 31 February into a day in March
}
