/**
 * The instant that a backup's name says it was taken, or undefined when it says none. Understood:
 * - a date `2026-11-20`, `2026_11_20`, `2026.11.20`, `20261120`, or as folders `2026/11/20/…`;
 * - after it, if at all, a time `T03:15:00Z`, `-031500`, `_03-15`, ` 03.15.00`, `0315`, with or without fraction; hours alone
 *   only as `2026112003`;
 * - after the time, if at all, a zone `Z`, `UTC`, `+01:00`, `+0100`, `-05:00`; without one it is UTC;
 * - seconds or milliseconds since 1970 where no calendar date is there.
 * The file name counts before its folders, and the last date in it before others. An impossible date (`2026-13-45`) is none; an
 * impossible time leaves the date alone.
 * @param name key relative to the source's prefix, with `/`.
 */
export function takenAtInName(name: string): Date | undefined {
  const path = name.replace(/\/+$/, '');
  const fileName = path.slice(path.lastIndexOf('/') + 1);
  return lastDate(fileName) ?? lastDate(path) ?? epoch(fileName);
}

const DATE =
  /(?<!\d)(?<year>(?:19[789]|20\d)\d)(?<between>[-_./]?)(?<month>\d\d)\k<between>(?<day>\d\d)(?=\D|$|\d{2}(?:\d{2}){0,2}(?!\d))/g;
const TIME =
  /^(?:(?<joint>[Tt]|[-_. /]|--?)?(?<hour>\d\d)(?<between>[:\-_.]?)(?<minute>\d\d)(?:\k<between>(?<second>\d\d))?(?:[.,]\d{1,9})?(?!\d)|(?<hourOnly>\d\d)(?!\d))/;
const ZONE =
  /^ ?(?:(?<utc>[Zz]|UTC)|(?<sign>[+-])(?<hours>\d\d):(?<minutes>\d\d)|\+(?<plusHours>\d\d)(?<plusMinutes>\d\d))(?![\d])/;

function lastDate(text: string): Date | undefined {
  let last: Date | undefined;
  for (const match of text.matchAll(DATE)) {
    const { year = '', month = '', day = '' } = match.groups ?? {};
    const dayMs = toUtcMs(Number(year), Number(month), Number(day));
    if (dayMs === undefined) continue;
    last = new Date(dayMs + timeAfter(text.slice(match.index + match[0].length)));
  }
  return last;
}

/** @returns undefined for a day that is not in the calendar. */
function toUtcMs(year: number, month: number, day: number): number | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : undefined;
}

/** @returns milliseconds after midnight UTC that the text, which follows a date, begins with; 0 when it begins with no time. */
function timeAfter(text: string): number {
  const match = TIME.exec(text);
  if (!match?.groups) return 0;
  const { hour, minute = '0', second = '0', hourOnly } = match.groups;
  const hours = Number(hour ?? hourOnly);
  if (hours > 23 || Number(minute) > 59 || Number(second) > 60) return 0;
  const timeMs = ((hours * 60 + Number(minute)) * 60 + Number(second)) * 1000;
  return hour === undefined ? timeMs : timeMs - offsetMs(text.slice(match[0].length));
}

function offsetMs(text: string): number {
  const groups = ZONE.exec(text)?.groups;
  if (!groups || groups['utc']) return 0;
  const hours = Number(groups['hours'] ?? groups['plusHours']);
  const minutes = Number(groups['minutes'] ?? groups['plusMinutes']);
  if (hours > 14 || minutes > 59) return 0;
  return (groups['sign'] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** Ten digits from 2001-09-09 to 2033, or thirteen with milliseconds. */
function epoch(text: string): Date | undefined {
  const digits = /(?<!\d)(1\d{9})(\d{3})?(?!\d)/.exec(text);
  return digits ? new Date(Number(digits[1]) * 1000 + Number(digits[2] ?? 0)) : undefined;
}
