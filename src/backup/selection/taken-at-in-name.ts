import { DAY_MS } from '../../schedule/wall-clock.ts';
import { type DateText, findDates } from './dates-in-name.ts';
import { mayHoldTime, readTimeAfter } from './time-in-name.ts';

/** When a backup was taken, according to its name. Wall-clock times are in epoch milliseconds, as if the clock were in UTC. */
export type NameDate =
  | { readonly kind: 'instant'; readonly at: Date; readonly isDay: false }
  /** Without an offset: to be interpreted in the configured timezone of names. `isDay`: midnight, because the name has only a day. */
  | { readonly kind: 'wall'; readonly wallMs: number; readonly isDay: boolean }
  /** The day is clear, but adjacent text may be a time that cannot be parsed. */
  | { readonly kind: 'unclear-time'; readonly dayMs: number; readonly text: string }
  | { readonly kind: 'ambiguous-day'; readonly text: string; readonly readings: readonly number[] };

/**
 * Reads a date from a name. Supported:
 * - days as `2026-11-20`, `20261120`, `28-11-2026`, `20-Nov-2026`, `November 20, 2026`, as folders `2026/11/20/…`, and with labels `dt=2026-11-20/hour=03`,
 *   `year=2026/month=11/day=20`;
 * - after them times as `T03:15:00Z`, `-031500`, `_03-15`, `03h15m`, `11-45-PM`, `T03`, with or without fraction and offset (`+02`, `UTC+2`);
 * - the output of date(1), `Fri Nov 20 03:15:00 UTC 2026`;
 * - seconds or milliseconds since 1970, when there is no other day, or it is the same day.
 * The file name takes precedence over its folders, and the last day in it over others; one after a `v` counts as a version if there is another day. Invalid
 * days are ignored. Text that may be a time but cannot be parsed is reported, and so is a day with two readings (`07-08-2026`).
 * @param name key relative to the source's prefix, with `/`.
 * @returns undefined when the name contains no day.
 */
export function readNameDate(name: string): NameDate | undefined {
  const path = withoutEscapes(name)
    .replace(/\/+$/, '')
    .replace(/(^|[/_.-])[A-Za-z]{1,12}=/g, '$1');
  const fileName = path.slice(path.lastIndexOf('/') + 1);
  const epoch = findEpoch(fileName);
  const found = lastDate(fileName) ?? lastDate(path);
  if (!found) return epoch && { kind: 'instant', at: epoch, isDay: false };
  if (epoch && isSameDay(epoch, found)) return { kind: 'instant', at: epoch, isDay: false };
  return found;
}

/** Programs that write to a store through URLs may leave colons, blanks or plus signs URL-encoded in the key. */
function withoutEscapes(name: string): string {
  return name.replaceAll(/%(?:3A|20|2B)/gi, (escaped) => decodeURIComponent(escaped));
}

function lastDate(text: string): NameDate | undefined {
  const dates = findDates(text);
  const date = dates.findLast(({ start }) => !isVersion(text.slice(0, start))) ?? dates.at(-1);
  return date && readDate(text, date);
}

/** Whether the following text is a version written like a date, such as the schema version in `forum-2026-11-20-031500-v20231130183000.tar.gz`. */
function isVersion(before: string): boolean {
  return /(?:^|[^a-z])v(?:er(?:sion)?)?[-_.]?$/i.test(before);
}

function readDate(text: string, date: DateText): NameDate {
  const shown = text.slice(date.start, date.end);
  const [dayMs, ...others] = date.daysMs;
  if (dayMs === undefined || others.length > 0) return { kind: 'ambiguous-day', text: shown, readings: date.daysMs };
  const time = date.time ?? readTimeAfter(text.slice(date.end));
  if (time) {
    const wallMs = dayMs + time.timeMs;
    return time.offsetMs === undefined
      ? { kind: 'wall', wallMs, isDay: false }
      : { kind: 'instant', at: new Date(wallMs - time.offsetMs), isDay: false };
  }
  const before = text.slice(text.lastIndexOf('/', date.start) + 1, date.start);
  const unclear = mayHoldTime(before, text.slice(date.end));
  return unclear === undefined
    ? { kind: 'wall', wallMs: dayMs, isDay: true }
    : { kind: 'unclear-time', dayMs, text: unclear };
}

/** Ten digits, from 2001-09-09 to 2033, or thirteen with milliseconds. */
function findEpoch(text: string): Date | undefined {
  const digits = /(?<!\d)(1\d{9})(\d{3})?(?!\d)/.exec(text);
  return digits ? new Date(Number(digits[1]) * 1000 + Number(digits[2] ?? 0)) : undefined;
}

/** Whether the instant may fall on that day in any timezone. */
function isSameDay(instant: Date, date: NameDate): boolean {
  if (date.kind === 'instant') return Math.abs(instant.getTime() - date.at.getTime()) <= DAY_MS;
  const days = date.kind === 'ambiguous-day' ? date.readings : [date.kind === 'wall' ? date.wallMs : date.dayMs];
  return days.some((dayMs) => instant.getTime() > dayMs - DAY_MS && instant.getTime() < dayMs + 2 * DAY_MS);
}
