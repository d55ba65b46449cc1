/** Microseconds since 1970 in UTC: servers store more precise times than the milliseconds of a JavaScript Date. */
export type InstantMicros = bigint;

const PATTERN =
  /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s?(Z|UTC|[+-]\d{2}(?::?\d{2})?(?::?\d{2})?)?)?$/i;

/**
 * ISO 8601 as people and servers write it: `2026-11-20`, `2026-11-20 23:59:07`, `2026-11-20T23:59:07.123456+01`. Without a zone it is taken as UTC; a date
 * alone means midnight.
 * @returns undefined when the text is not a calendar instant: `0000-00-00`, 31 February, `infinity`, BC.
 */
export function parseInstant(text: string): InstantMicros | undefined {
  if (text.length > 64) return undefined;
  const match = PATTERN.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  const fields = [year, month, day, hour, minute, second].map(Number);
  const utcMs = exactUtcMs(fields);
  if (utcMs === undefined) return undefined;
  const micros = BigInt(fraction.padEnd(6, '0').slice(0, 6));
  return BigInt(utcMs) * 1000n + micros - zoneMicros(zone);
}

/** @returns undefined for an invalid Date. */
export function instantOfDate(date: Date): InstantMicros | undefined {
  const ms = date.getTime();
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1000n;
}

/** `Date.UTC` rolls 31 February over into March, so a date is invalid if a field comes back changed. */
function exactUtcMs(fields: readonly number[]): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const back = [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ];
  return back.every((value, index) => value === fields[index]) ? date.getTime() : undefined;
}

function zoneMicros(zone: string | undefined): bigint {
  const match = /^([+-])(\d{2}):?(\d{2})?:?(\d{2})?$/.exec(zone ?? '');
  if (!match) return 0n;
  const [, sign, hours, minutes = '0', seconds = '0'] = match;
  const total = BigInt(Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1_000_000n;
  return sign === '-' ? -total : total;
}
