import { DrillError } from '../../../support/errors.ts';
import type { Cell, QueryResult } from '../../query-result.ts';

/**
 * Reads the format TabSeparatedWithNamesAndTypes, exactly as the server wrote its values: whole numbers beyond 2^53 become bigint, decimals stay text. JSON
 * would lose both. Source: ClickHouse's manual, "TabSeparated", "Data formatting".
 * @param text may end in the middle of a line if it was cut at a size; that line is dropped.
 * @throws DrillError `check-malformed` for text in another format: the query names one, or consists of several queries.
 */
export function readTsv(text: string, maxRows: number): QueryResult {
  const lines = text.split('\n');
  const unfinished = lines.pop();
  const [names, types, ...rows] = lines.map((line) => line.split('\t'));
  if (names === undefined) return { columns: [], rows: [], truncated: false };
  const isTable = types?.length === names.length && rows.every(({ length }) => length === names.length);
  if (!isTable) throw notOneResult();
  const readers = (types ?? []).map((type) => readerOf(unescapeText(type)));
  return {
    columns: names.map(unescapeText),
    rows: rows.slice(0, maxRows).map((cells) => cells.map((cell, index) => readCell(cell, readers[index] ?? asText))),
    truncated: rows.length > maxRows || unfinished !== '',
  };
}

function notOneResult(): DrillError {
  return new DrillError('check-malformed', 'the result is not a single table of rows', {
    hint: 'Write one SELECT, without FORMAT and without INTO OUTFILE.',
  });
}

type Reader = (text: string) => Cell;

function readCell(cell: string, read: Reader): Cell {
  return cell === '\\N' ? null : read(cell);
}

/** `LowCardinality(Nullable(UInt8))` is read as `UInt8`. */
function readerOf(type: string): Reader {
  const inner = /^(?:Nullable|LowCardinality)\((.*)\)$/s.exec(type)?.[1];
  if (inner !== undefined) return readerOf(inner);
  if (/^U?Int(?:8|16|32|64|128|256)$/.test(type)) return asWhole;
  if (/^B?Float(?:16|32|64)$/.test(type)) return asFloat;
  if (type === 'Bool') return (text) => text === 'true';
  if (type === 'DateTime') return (text) => asInstant(text.replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/, '$1T$2Z'));
  if (/^DateTime(?:64)?(?:\(.*\))?$/s.test(type)) return asInstant;
  return asText;
}

const asText: Reader = (text) => unescapeText(text);

const asWhole: Reader = (text) => {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
};

/** `nan` and `inf` stay text: no limit of a check applies to them. */
const asFloat: Reader = (text) => (Number.isFinite(Number(text)) ? Number(text) : text);

/**
 * Written in UTC (`date_time_output_format=iso`; servers that lack it run in UTC, and write a column without a zone without the `T`). A value finer than a
 * millisecond stays text, which loses nothing.
 */
const asInstant: Reader = (text) => {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/.test(text)) return unescapeText(text);
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date;
};

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', r: '\r', n: '\n', t: '\t', 0: '\0' };

/** Any other escaped character stands for itself: `\'`, `\\`. */
function unescapeText(text: string): string {
  return text.includes('\\') ? text.replaceAll(/\\(.)/gs, (_all, char: string) => ESCAPES[char] ?? char) : text;
}
