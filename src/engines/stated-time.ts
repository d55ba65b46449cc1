import { formatWallTime } from '../support/instants.ts';
import type { StatedTime } from './engine.ts';

/** The time zone furthest behind UTC: a clock there shows a given time last. */
const FURTHEST_BEHIND_MS = 12 * 3_600_000;

/** Lines that state the time, as written by mysqldump, mysqldump-php, mysqlpump, phpMyAdmin, TablePlus, Sequel Ace and mydumper. */
const LABEL =
  /^(?:--|#) ?(?:Dump completed on:?|Dump end time:|Generation Time:|(?:Started|Finished) dump at:)\s+(\S[^\r\n]{0,80})$/im;
const BARE_LINE = /^-- (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?: [A-Z]{1,5})?)\s*$/;
const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ]{1,2}(\d{1,2}):(\d\d)(?::(\d\d))?/;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** Matches the clock in `Sat, 28 Nov 2026 02:05:44`, `Sat Nov 28 02:05:44 2026`, `Nov 28, 2026 at 02:05 AM`. */
const CLOCK = /(\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([ap])m)?/i;
const NAMED = /\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b/i;

/**
 * @param comment from an SQL dump or a metadata file. @param hasBareDate whether the tool writes the date without a label. @returns undefined if it states no
 * time.
 */
export function statedTimeIn(comment: string, hasBareDate = false): StatedTime | undefined {
  const text = LABEL.exec(comment)?.[1] ?? (hasBareDate ? BARE_LINE.exec(comment)?.[1] : undefined);
  return text === undefined ? undefined : statedTime(text);
}

/** @param text a time as tools write it, without its label. @returns undefined if it is not a time. */
export function statedTime(text: string): StatedTime | undefined {
  const wallMs = readIso(text) ?? readNamed(text);
  if (wallMs === undefined) return undefined;
  return { text: `${formatWallTime(wallMs)} (its own clock)`, atLatest: new Date(wallMs + FURTHEST_BEHIND_MS) };
}

/** @returns the later one: a file may contain several dumps. */
export function laterStated(one: StatedTime | undefined, other: StatedTime | undefined): StatedTime | undefined {
  if (!one || !other) return one ?? other;
  return one.atLatest < other.atLatest ? other : one;
}

function readIso(text: string): number | undefined {
  const found = ISO.exec(text);
  if (!found) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map((part) => Number(part ?? 0));
  return wallTime(year, month, day, hour, minute, second);
}

/** The order of the parts varies, so each is searched for separately. */
function readNamed(text: string): number | undefined {
  const month = NAMED.exec(text)?.[1]?.toLowerCase();
  const year = /\b(\d{4})\b/.exec(text.replace(/[-+]\d{4}\b/, ''))?.[1];
  const day = /(?<![\d:])(\d{1,2})(?![\d:])/.exec(text)?.[1];
  const [, hours = '', minute = '', second = '0', half] = CLOCK.exec(text) ?? [];
  if (month === undefined || year === undefined || day === undefined || hours === '') return undefined;
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (/p/i.test(half) ? 12 : 0);
  return wallTime(Number(year), MONTHS.indexOf(month) + 1, Number(day), hour, Number(minute), Number(second));
}

/** @returns undefined for a time that does not exist, and for a clock that was never set. */
function wallTime(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  const wallMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const at = new Date(wallMs);
  const isReal = at.getUTCMonth() === month - 1 && at.getUTCDate() === day && hour < 24 && minute < 60 && second <= 60;
  return isReal && year >= 2000 ? wallMs : undefined;
}
