import type { CronFields } from './cron-fields.ts';

/**
 * A wall-clock time is represented as the milliseconds at which a clock in UTC shows it: plain arithmetic, without gaps or repetitions. Only
 * {@link file://./time-zone.ts} converts it to an instant.
 */

export const SECOND_MS = 1000;
export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/**
 * The first whole second after `afterMs` that the fields match. Always terminates, because {@link readCron} rejects dates that never occur.
 *
 * The package's own `getNextDateFrom` is not used. It reads the system's clock (finds nothing more than 8 years from today, and resolves
 * repeated times by today's season), takes milliseconds per answer, and is wrong around clock changes:
 * `0 3 * * *` in Europe/Berlin runs at 02:00 and at 03:00 when clocks go back, and `30 2 * * *` in Australia/Sydney at
 * 03:30 when they go forward, because it assumes that January is standard time.
 */
export function nextWallMs(fields: CronFields, afterMs: number): number {
  const startMs = (Math.floor(afterMs / SECOND_MS) + 1) * SECOND_MS;
  let dayMs = Math.floor(startMs / DAY_MS) * DAY_MS;
  let second = (startMs - dayMs) / SECOND_MS;
  for (;;) {
    const day = new Date(dayMs);
    const month = day.getUTCMonth();
    if (!fields.months.has(month + 1)) {
      dayMs = Date.UTC(day.getUTCFullYear(), month + 1, 1);
    } else {
      const found = matchesDay(fields, day) ? firstSecondFrom(fields, second) : undefined;
      if (found !== undefined) return dayMs + found * SECOND_MS;
      dayMs += DAY_MS;
    }
    second = 0;
  }
}

/** Whether the fields match a wall-clock time. */
export function matchesWall(fields: CronFields, wallMs: number): boolean {
  return nextWallMs(fields, wallMs - 1) === wallMs;
}

function matchesDay({ daysOfMonth, weekdays }: CronFields, day: Date): boolean {
  const byDate = daysOfMonth?.has(day.getUTCDate());
  const byWeekday = weekdays?.has(day.getUTCDay());
  if (byDate === undefined) return byWeekday ?? true;
  return byDate || (byWeekday ?? false);
}

/** @returns seconds since midnight, or undefined when no matching time is left on the day. */
function firstSecondFrom({ hours, minutes, seconds }: CronFields, from: number): number | undefined {
  const fromHour = Math.floor(from / 3600);
  const fromMinute = Math.floor(from / 60) % 60;
  for (const hour of hours) {
    if (hour < fromHour) continue;
    for (const minute of minutes) {
      if (hour === fromHour && minute < fromMinute) continue;
      const isFirst = hour === fromHour && minute === fromMinute;
      const second = isFirst ? seconds.find((candidate) => candidate >= from % 60) : seconds[0];
      if (second !== undefined) return hour * 3600 + minute * 60 + second;
    }
  }
  return undefined;
}

/** `2026-11-03 03:30`, with seconds where there are any. */
export function formatWall(wallMs: number): string {
  const text = new Date(wallMs).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, wallMs % MINUTE_MS === 0 ? 16 : 19)}`;
}

const WALL_TEXT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d))?$/;

/**
 * `2026-12-31` or `2026-12-31 18:00`.
 * @returns undefined for other formats and for dates that do not exist; `isDay` when no time was given.
 */
export function parseWall(text: string): { readonly wallMs: number; readonly isDay: boolean } | undefined {
  const [, day = '', time] = WALL_TEXT.exec(text) ?? [];
  const wallMs = Date.parse(`${day}T${time ?? '00:00'}:00Z`);
  if (Number.isNaN(wallMs) || formatWall(wallMs) !== `${day} ${time ?? '00:00'}`) return undefined; // February 30 becomes March 2
  return { wallMs, isDay: time === undefined };
}
