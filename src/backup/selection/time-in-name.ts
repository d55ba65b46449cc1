import { toPrintable } from '../../support/printable.ts';

export interface NameTime {
  /** Milliseconds after midnight. */
  readonly timeMs: number;
  /** Offset of the wall clock from UTC; undefined when the name has none. */
  readonly offsetMs: number | undefined;
}

const JOINT = '(?<joint>[Tt]|[-_. /@]|--|__|[-_ ]at[-_ ]| - )?';
const HALF = '(?:[-_. ]?(?<half>[ap])\\.?m(?![a-z]))?';
/** Tried in this order. */
const TIMES: readonly RegExp[] = [
  // 23h45m10s, 23h45, 23h
  `^${JOINT}(?<hour>\\d\\d?)h(?:(?<minute>\\d\\d)(?:m(?:in)?)?(?:(?<second>\\d\\d)s?(?:ec)?)?)?(?![a-z\\d])`,
  // 03:15:00, 03-15, 031500, 0315, each with a fraction or AM and PM
  `^${JOINT}(?<hour>\\d\\d)(?<between>[:\\-_.]?)(?<minute>\\d\\d)(?:\\k<between>(?<second>\\d\\d))?(?:[.,]\\d{1,9})?(?!\\d)${HALF}`,
  // 9:15, 9-15-PM, 9.15PM
  `^${JOINT}(?<hour>\\d):(?<minute>\\d\\d)(?::(?<second>\\d\\d))?(?!\\d)${HALF}`,
  `^${JOINT}(?<hour>\\d)[-_.](?<minute>\\d\\d)(?:[-_.](?<second>\\d\\d))?[-_. ]?(?<half>[ap])\\.?m(?![a-z])`,
  // 11PM
  `^${JOINT}(?<hour>\\d\\d?)[-_. ]?(?<half>[ap])\\.?m(?![a-z])`,
  // T03, a folder 03/, and 2026112003
  '^[Tt](?<hour>\\d\\d)(?![\\d])',
  '^/(?<hour>\\d\\d)(?=/|$)(?:/(?<minute>\\d\\d)(?=/|$))?',
  '^(?<hour>\\d\\d)(?!\\d)',
].map((pattern) => new RegExp(pattern, 'i'));

/** @param text the text after a date. @returns the time at its start, or undefined if there is none that can be parsed. */
export function readTimeAfter(text: string): NameTime | undefined {
  for (const pattern of TIMES) {
    const match = pattern.exec(text);
    if (!match?.groups) continue;
    const timeMs = timeOf(match.groups);
    if (timeMs === undefined) continue;
    const isFormal = /[Tt]/.test(match.groups['joint'] ?? '') || match[0].includes(':');
    return { timeMs, offsetMs: readOffset(text.slice(match[0].length), isFormal) };
  }
  return undefined;
}

/** @returns milliseconds after midnight; undefined for an impossible time. */
export function timeOf(groups: Record<string, string | undefined>): number | undefined {
  const { hour = '', minute = '0', second = '0', half } = groups;
  let hours = Number(hour);
  if (half !== undefined) {
    if (hours < 1 || hours > 12) return undefined;
    hours = (hours % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  }
  if (hours > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  return ((hours * 60 + Number(minute)) * 60 + Number(second)) * 1000;
}

/** Unambiguous timezone abbreviations. */
const ZONES: Readonly<Record<string, number>> = {
  Z: 0,
  UTC: 0,
  GMT: 0,
  WET: 0,
  WEST: 1,
  CET: 1,
  CEST: 2,
  EET: 2,
  EEST: 3,
  MSK: 3,
  JST: 9,
  AEST: 10,
  AEDT: 11,
  NZST: 12,
  NZDT: 13,
  EST: -5,
  EDT: -4,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
};

/** @returns undefined for an ambiguous or unknown abbreviation. */
export function offsetOf(zone: string): number | undefined {
  const hours = ZONES[zone.toUpperCase()];
  return hours === undefined ? undefined : hours * 3_600_000;
}

/** `Z`, `_CET`; `UTC+2`; `+02:00`, `+0200`, `+02`. */
const OFFSETS: readonly RegExp[] = [
  '^[_ ]?(?:UTC|GMT)(?<sign>[+-])(?<hours>\\d\\d?)(?::?(?<minutes>\\d\\d))?(?!\\d)',
  '^-(?:UTC|GMT)(?<sign>\\+)(?<hours>\\d\\d?)(?::?(?<minutes>\\d\\d))?(?!\\d)', // `-UTC-1`: the dash separates, and 1 is a counter
  '^-(?:UTC|GMT)(?<sign>-)(?<hours>\\d\\d):?(?<minutes>00|15|30|45)(?!\\d)',
  '^ ?(?<zone>[Zz](?![A-Za-z\\d])|[-_ ]?[A-Z]{3,4}(?![A-Za-z\\d]))',
  '^ ?(?<sign>[+-])(?<hours>\\d\\d):(?<minutes>\\d\\d)(?!\\d)',
  '^ ?(?<sign>\\+)(?<hours>\\d\\d)(?<minutes>00|15|30|45)?(?!\\d)',
].map((pattern) => new RegExp(pattern));
/** Only after an ISO 8601 time: elsewhere `-0500` is just a number. */
const FORMAL_OFFSET = /^ ?(?<sign>-)(?<hours>\d\d)(?<minutes>00|15|30|45)(?!\d)/;

/** @param isFormal the time is in ISO 8601. */
function readOffset(text: string, isFormal: boolean): number | undefined {
  for (const pattern of isFormal ? [...OFFSETS, FORMAL_OFFSET] : OFFSETS) {
    const groups = pattern.exec(text)?.groups;
    if (groups?.['zone'] !== undefined) return offsetOf(groups['zone'].replace(/^[-_ ]/, ''));
    const hours = Number(groups?.['hours']);
    const minutes = Number(groups?.['minutes'] ?? 0);
    if (groups !== undefined && hours <= 14 && minutes <= 59)
      return (groups['sign'] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
  }
  return undefined;
}

/** File extensions, which may contain digits. */
const ENDING = /(?:\.(?:[a-z][a-z0-9]{0,9}|7z))+$/i;
/** Any digits right after the day. */
const ADJACENT = /^(?:[Tt]|[-_. @/]*)(\d[\w:.-]{0,20})/;
/** `0315`, `031500`, `3:15`, `03h15`, `3 pm`, apart from other words. */
const TIME_LIKE =
  /(?<![\da-z])((?:[01]?\d|2[0-3])(?:[:h][0-5]\d|[-_. ]?[ap]m(?![a-z]))|(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?(?![\da-z]))/i;
const TIME_BEFORE =
  /(?:^|[-_. @])((?:[01]?\d|2[0-3])[:h-][0-5]\d(?:[:m-][0-5]\d)?[sm]?|[012]\d[0-5]\d(?:[0-5]\d)?)[-_. @]*$/i;

/**
 * @param before the text before the day in its folder or file name; @param after the text after it.
 * @returns text that may be a time of day but cannot be parsed; undefined when there is only a day.
 */
export function mayHoldTime(before: string, after: string): string | undefined {
  const rest = after.replace(ENDING, '');
  const text = ADJACENT.exec(rest)?.[1] ?? TIME_LIKE.exec(rest)?.[1] ?? TIME_BEFORE.exec(before)?.[1];
  return text === undefined ? undefined : toPrintable(text, 20);
}
