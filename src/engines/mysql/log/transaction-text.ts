import type { QueryFacts } from './event-types.ts';

/** Client character sets by collation number. All others are UTF-8, or too rare to name tables. Source: `INFORMATION_SCHEMA.COLLATIONS` of both products. */
const ENCODINGS: readonly (readonly [string, readonly number[]])[] = [
  ['windows-1252', [5, 8, 15, 31, 47, 48, 49, 94]],
  ['iso-8859-2', [2, 9, 21, 27, 77]],
  ['windows-1250', [26, 34, 44, 66, 99]],
  ['windows-1251', [14, 23, 50, 51, 52]],
  ['koi8-r', [7, 74]],
  ['koi8-u', [22, 75]],
  ['iso-8859-7', [25, 70]],
  ['iso-8859-8', [16, 71]],
  ['iso-8859-9', [30, 78]],
  ['iso-8859-13', [20, 41, 42, 79]],
  ['windows-1256', [57, 67]],
  ['windows-1257', [29, 58, 59]],
  ['big5', [1, 84]],
  ['gbk', [28, 87, 24, 86]],
  ['gb18030', [248, 249, 250]],
  ['shift_jis', [13, 88, 95, 96]],
  ['euc-jp', [12, 91, 97, 98]],
  ['euc-kr', [19, 85]],
];
const ENCODING_OF = new Map(ENCODINGS.flatMap(([encoding, collations]) => collations.map((one) => [one, encoding])));

/** A statement as text. @param maxBytes of its beginning. */
export function statementText({ statement, collation }: QueryFacts, maxBytes = statement.length): string {
  const encoding = collation === undefined ? undefined : ENCODING_OF.get(collation);
  const bytes = statement.subarray(0, maxBytes);
  return encoding === undefined ? bytes.toString('utf8') : new TextDecoder(encoding).decode(bytes);
}
