import { describe, expect, it } from 'vitest';
import { type Due, dueBetween } from '../../src/schedule/timetable.ts';
import { goThrough, type Rule } from './brute-force.ts';
import { timetableOf } from './timetables.ts';

/** Expressions, with their meaning written out independently. */
const RULES: Readonly<Record<string, Rule>> = {
  '30 2 * * *': times(({ hour, minute }) => hour === 2 && minute === 30),
  '0 3 * * *': times(({ hour, minute }) => hour === 3 && minute === 0),
  '*/20 0-3 * * *': times(({ hour, minute }) => hour <= 3 && minute % 20 === 0),
  '10 */2 * * *': times(({ hour, minute }) => hour % 2 === 0 && minute === 10),
  '59 23 * * sun': times(({ weekday, hour, minute }) => weekday === 0 && hour === 23 && minute === 59),
  '0 2 13 * FRI': times((at) => (at.day === 13 || at.weekday === 5) && at.hour === 2 && at.minute === 0),
  '45 1 30,31 mar,oct,dec *': times(
    (at) => [3, 10, 12].includes(at.month) && at.day >= 30 && at.hour === 1 && at.minute === 45,
  ),
  '@daily': times(({ hour, minute }) => hour === 0 && minute === 0),
  '@monthly': times(({ day, hour, minute }) => day === 1 && hour === 0 && minute === 0),
  '0 12 29 2 *': times((at) => at.month === 2 && at.day === 29 && at.hour === 12 && at.minute === 0),
  '*/15 * * * *': interval(({ minute }) => minute % 15 === 0),
  '7,38 * * * *': interval(({ minute }) => minute === 7 || minute === 38),
  '0 * * * mon-fri': interval(({ weekday, minute }) => weekday >= 1 && weekday <= 5 && minute === 0),
};

describe('years of a schedule match the wall clock, minute by minute,', () => {
  it.each([
    ['UTC', 2024, 1],
    ['Europe/Berlin', 2024, 2],
    ['America/New_York', 2026, 1],
    ['Australia/Lord_Howe', 2024, 2], // by half an hour
    ['Asia/Kolkata', 2026, 1],
    ['Pacific/Apia', 2011, 2], // without 30 December in 2011, and with daylight saving
    ['Africa/Casablanca', 2024, 1], // back for Ramadan
    ['America/St_Johns', 2009, 1], // at one minute past midnight
  ])('in %s, from %i for %i year(s)', (zone, year, years) => {
    const [startMs, endMs] = [Date.UTC(year, 0), Date.UTC(year + years, 0)];
    const expected = goThrough(zone, startMs, endMs, Object.values(RULES));
    for (const [index, cron] of Object.keys(RULES).entries()) {
      const found = dueBetween(timetableOf(cron, zone), new Date(startMs - 1), new Date(endMs - 1));
      expect({ cron, wrong: firstDifference([...found], expected[index] ?? []) }).toEqual({ cron, wrong: undefined });
    }
  });
});

/** Two lists of a hundred thousand are compared by hand: a matcher takes longer than creating them. */
function firstDifference(found: readonly Due[], expected: readonly number[]): string | undefined {
  for (let index = 0; index < Math.max(found.length, expected.length); index += 1) {
    const [a, b] = [found[index]?.at, expected[index]];
    if (a?.getTime() !== b) return `found ${a?.toISOString()}, not ${b && new Date(b).toISOString()}`;
  }
  return undefined;
}

/** The expression names hours: it means times of day, each due once. */
function times(matches: Rule['matches']): Rule {
  return { kind: 'times', matches };
}

/** The expression covers every hour: it follows the clock. */
function interval(matches: Rule['matches']): Rule {
  return { kind: 'interval', matches };
}
