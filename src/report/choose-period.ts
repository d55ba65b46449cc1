import { firstInstantMs, openTimeZone, toWallMs } from '../schedule/time-zone.ts';
import type { PeriodInput } from './input.ts';

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/;
const QUARTER = /^(\d{4})-Q([1-4])$/i;
const MONTHS_PER_QUARTER = 3;

/** The period of the given length that ends at `asOf`. */
export function lastPeriod(lengthMs: number, asOf: Date, zone: string): PeriodInput {
  return { from: new Date(asOf.getTime() - lengthMs), to: asOf, zone };
}

/** A calendar month (`2026-10`) in the time zone; undefined when the text is not a month. */
export function monthPeriod(text: string, zone: string): PeriodInput | undefined {
  const [, year, month] = MONTH.exec(text) ?? [];
  return year === undefined ? undefined : monthsFrom(Number(year), Number(month) - 1, 1, zone);
}

/** A calendar quarter (`2026-Q4`) in the time zone; undefined when the text is not a quarter. */
export function quarterPeriod(text: string, zone: string): PeriodInput | undefined {
  const [, year, quarter] = QUARTER.exec(text) ?? [];
  if (year === undefined) return undefined;
  return monthsFrom(Number(year), (Number(quarter) - 1) * MONTHS_PER_QUARTER, MONTHS_PER_QUARTER, zone);
}

export const CALENDAR_UNITS = ['day', 'week', 'month', 'quarter', 'year'] as const;
export type CalendarUnit = (typeof CALENDAR_UNITS)[number];

/** The last complete day, week (from Monday), month, quarter or year before an instant, in the time zone. */
export function lastWhole(unit: CalendarUnit, asOf: Date, zone: string): PeriodInput {
  const wall = new Date(toWallMs(openTimeZone(zone), asOf.getTime()));
  const [year, month, day] = [wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate()];
  const days = (endDay: number, count: number) =>
    between(Date.UTC(year, month, endDay - count), Date.UTC(year, month, endDay), zone);
  switch (unit) {
    case 'day':
      return days(day, 1);
    case 'week':
      return days(day - ((wall.getUTCDay() + 6) % 7), 7);
    case 'month':
      return monthsFrom(year, month - 1, 1, zone);
    case 'quarter':
      return monthsFrom(year, month - (month % MONTHS_PER_QUARTER) - MONTHS_PER_QUARTER, MONTHS_PER_QUARTER, zone);
    case 'year':
      return monthsFrom(year - 1, 0, 12, zone);
  }
}

function monthsFrom(year: number, month: number, count: number, zone: string): PeriodInput {
  return between(Date.UTC(year, month), Date.UTC(year, month + count), zone);
}

/** From midnight to midnight; if a clock change skips midnight, from the first instant after it. */
function between(fromWallMs: number, toWall: number, zone: string): PeriodInput {
  const clocks = openTimeZone(zone);
  return {
    from: new Date(firstInstantMs(clocks, fromWallMs)),
    to: new Date(firstInstantMs(clocks, toWall)),
    zone,
  };
}
