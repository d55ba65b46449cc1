import type { NameTime } from './time-in-name.ts';
import { offsetOf, timeOf } from './time-in-name.ts';

export interface DateText {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Midnights, as UTC, of the possible days; more than one means ambiguous. */
  readonly daysMs: readonly number[];
  /** The time, if it is in the middle of the date as in date(1)'s output. */
  readonly time?: NameTime;
}

const YEAR = '(?:19[789]|20\\d)\\d';
const MONTH =
  'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?';
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const YEAR_FIRST = new RegExp(
  `(?<!\\d)(?<year>${YEAR})(?<between>[-_./]?)(?<month>\\d\\d)\\k<between>(?<day>\\d\\d)(?=\\D|$|\\d{2}(?:\\d{2}){0,2}(?!\\d))`,
  'g',
);
const YEAR_LAST = new RegExp(
  `(?<!\\d)(?<first>\\d\\d?)(?<between>[-_./])(?<second>\\d\\d?)\\k<between>(?<year>${YEAR})(?!\\d)`,
  'g',
);
const YEAR_LAST_JOINED = new RegExp(`(?<!\\d)(?<first>\\d\\d)(?<second>\\d\\d)(?<year>${YEAR})(?=\\D|$)`, 'g');
const NAMED: readonly RegExp[] = [
  `(?<!\\d)(?<day>\\d\\d?)(?:st|nd|rd|th)?[-_. ]*(?<month>${MONTH})[-_. ,]*(?<year>${YEAR})(?=\\D|$|\\d{2}(?:\\d{2}){0,2}(?!\\d))`,
  `(?<![a-z])(?<month>${MONTH})[-_. ]*(?<day>\\d\\d?)(?:st|nd|rd|th)?[-_. ,]+(?<year>${YEAR})(?!\\d)`,
  `(?<!\\d)(?<year>${YEAR})[-_. ]*(?<month>${MONTH})[-_. ]*(?<day>\\d\\d?)(?!\\d)`,
].map((pattern) => new RegExp(pattern, 'gi'));
/** date(1): `Fri Nov 20 03:15:00 UTC 2026`, with the blanks and colons replaced or not. */
const PRINTED = new RegExp(
  `(?<![a-z])(?<month>${MONTH})[-_ ]+(?<day>\\d\\d?)[-_ ]+(?<hour>\\d\\d?)[-_:.](?<minute>\\d\\d)[-_:.](?<second>\\d\\d)(?:[-_ ]+(?<half>[ap])m)?[-_ ]+(?:(?<zone>[a-z]{2,5})[-_ ]+)?(?<year>${YEAR})(?!\\d)`,
  'gi',
);

/** Finds all texts that can be read as a calendar day, ordered by their end; if some overlap, the more complete one. */
export function findDates(text: string): readonly DateText[] {
  const found: DateText[] = [];
  const add = (
    pattern: RegExp,
    read: (groups: Record<string, string>) => Pick<DateText, 'daysMs' | 'time'> | undefined,
  ) => {
    for (const match of text.matchAll(pattern)) {
      const dates = read(match.groups ?? {});
      const [start, end] = [match.index, match.index + match[0].length];
      const isTaken = found.some((other) => start < other.end && other.start < end);
      if (dates && dates.daysMs.length > 0 && !isTaken) found.push({ start, end, ...dates });
    }
  };
  add(PRINTED, readPrinted);
  for (const pattern of NAMED)
    add(pattern, ({ year = '', month = '', day = '' }) => ({ daysMs: named(year, month, day) }));
  add(YEAR_FIRST, ({ year = '', month = '', day = '' }) => ({ daysMs: days([[year, month, day]]) }));
  const yearLast = ({ year = '', first = '', second = '' }) => ({
    daysMs: days([
      [year, second, first],
      [year, first, second],
    ]),
  });
  add(YEAR_LAST, yearLast);
  add(YEAR_LAST_JOINED, yearLast);
  return found.sort((a, b) => a.end - b.end);
}

function readPrinted(groups: Record<string, string>): Pick<DateText, 'daysMs' | 'time'> | undefined {
  const { year = '', month = '', day = '', zone } = groups;
  const timeMs = timeOf(groups);
  if (timeMs === undefined) return undefined;
  return {
    daysMs: named(year, month, day),
    time: { timeMs, offsetMs: zone === undefined ? undefined : offsetOf(zone) },
  };
}

function named(year: string, month: string, day: string): number[] {
  return days([[year, String(MONTHS.indexOf(month.slice(0, 3).toLowerCase()) + 1), day]]);
}

/** Midnights of the readings that are valid dates, without duplicates. */
function days(readings: readonly (readonly [year: string, month: string, day: string])[]): number[] {
  const found = readings.flatMap(([year, month, day]) => {
    const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
    return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day) ? [date.getTime()] : [];
  });
  return [...new Set(found)];
}
