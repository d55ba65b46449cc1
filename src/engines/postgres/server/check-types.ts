import type pg from 'pg';
import type { Cell } from '../../query-result.ts';

const BOOL = 16;
const INT8 = 20;
const SMALL_INTEGERS = new Set([21, 23, 26]);
const FLOATS = new Set([700, 701]);
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;

/**
 * Reads values without loss: 64-bit integers as bigint, numeric as text, timestamps as instants (one without a zone is read as UTC, which is also the session's
 * zone), infinities and years that Date cannot represent as text; dates and everything else as the server prints them.
 */
export const exactTypes = {
  getTypeParser: (oid: number) => (text: string) => parseCell(oid, text),
} as unknown as pg.CustomTypesConfig;

function parseCell(oid: number, text: string): Cell {
  if (oid === BOOL) return text === 't';
  if (oid === INT8) return BigInt(text);
  if (SMALL_INTEGERS.has(oid)) return Number(text);
  if (FLOATS.has(oid)) return parseFloatExactly(text);
  if (oid === TIMESTAMP || oid === TIMESTAMPTZ) return parseInstant(text);
  return text;
}

/** With extra_float_digits the server prints the shortest text that reads back as the same number, like JavaScript. */
function parseFloatExactly(text: string): Cell {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

/** `2006-02-14 15:16:03.123456+00`. A Date has no microseconds: such a value is cut to milliseconds. */
function parseInstant(text: string): Cell {
  const match = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d+)?([+-]\d\d(?::?\d\d)?)?$/.exec(text);
  if (!match) return text;
  const [, year, month, day, hour, minute, second, fraction = '', zone = ''] = match;
  const offset = zone === '' || zone === '+00' ? 'Z' : zone.length === 3 ? `${zone}:00` : zone;
  const milliseconds = fraction.slice(1, 4).padEnd(3, '0');
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}${offset}`);
}
