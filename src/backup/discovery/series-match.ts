import { findDates } from '../selection/dates-in-name.ts';

const DATE = '\0';
const WEEKDAY = '(?:mon|tues|wednes|thurs|fri|satur|sun)day';
const MONTH = 'january|february|march|april|may|june|july|august|september|october|november|december';
/** Words of a date beside it, as backup scripts add them: `2026-11-29_06h25m_Sunday`, `week.48.2026-11-28`, `2026-11-01_November`. */
const BESIDE_DATE = new RegExp(`\\0[-_. ]*(?:${WEEKDAY}|mon|tue|wed|thu|fri|sat|sun|${MONTH})(?![A-Za-z])`, 'gi');
/** The only date in the names of files that are overwritten a week later. */
const ONLY_DAY = new RegExp(`(?<![A-Za-z])${WEEKDAY}(?![A-Za-z])`, 'gi');

const WORD = /(?<![A-Za-z\d])[A-Za-z\d]{8,}(?![A-Za-z\d])/g;
const HASH = /^(?=.*\d)(?=.*[a-f])[\da-f]{10,}$/i;
/** More turns between letters and digits than any name such as `shard10node12` has. */
const ID_RUNS = 6;

/** @returns the glob of the series that a name belongs to: `orders-2026-11-20T0315Z.dump` → `orders-*.dump`. Digits after a letter (`db2`) stay. */
export function seriesMatch(name: string): string {
  let text = name.replaceAll(DATE, '?').replace(/\/$/, '');
  for (const { start, end } of findDates(text).toReversed()) {
    const folders = text.slice(start, end).split('/').length;
    text = text.slice(0, start) + Array(folders).fill(DATE).join('/') + text.slice(end);
  }
  return text
    .replaceAll(WORD, (word) => (isId(word) ? DATE : word))
    .replaceAll(/\0(?:[Tt]?[\d:_.@ hms-]*\d[hms]?(?:Z(?![A-Za-z]))?)/g, DATE)
    .replaceAll(/(?<![A-Za-z\d])\d+(?![A-Za-z])/g, DATE)
    .replaceAll(BESIDE_DATE, DATE)
    .replaceAll(ONLY_DAY, DATE)
    .replaceAll(/[\\*?[\](){}!+@|]/g, '\\$&')
    .replaceAll(/[\r\n]/g, '?') // a drill file has a glob in one line
    .replaceAll(/\0+/g, '*');
}

/** Whether a word makes each name unique, such as a hash or a random id. */
function isId(word: string): boolean {
  return HASH.test(word) || (word.match(/[A-Za-z]+|\d+/g) ?? []).length >= ID_RUNS;
}
