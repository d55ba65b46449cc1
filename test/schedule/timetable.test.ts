import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toWallMs } from '../../src/schedule/time-zone.ts';
import { dueBetween, isMovedByClocks, nextDue, nextStart, type Timetable } from '../../src/schedule/timetable.ts';
import { matchesWall } from '../../src/schedule/wall-clock.ts';
import { cronExpressions } from './expressions.ts';
import { EVERY_DAY, MONDAY_TO_FRIDAY, timetableOf } from './timetables.ts';

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Pacific/Apia',
  'America/St_Johns',
  'Africa/Casablanca',
  'America/Sao_Paulo', // at midnight, until 2019
];
const timetables = fc
  .record({
    cron: cronExpressions(),
    zone: fc.constantFrom(...ZONES),
    jitterMs: fc.constantFrom(0, 0, 60_000, 600_000),
    notDuring: fc.constantFrom([], [{ days: MONDAY_TO_FRIDAY, fromMinute: 22 * 60, toMinute: 3 * 60 }]),
  })
  .map(({ cron, zone, ...changes }) => timetableOf(cron, zone, changes));
const instants = fc.integer({ min: Date.UTC(2008, 0), max: Date.UTC(2030, 0) }).map((ms) => new Date(ms));

describe('the next due time', () => {
  it('is after the instant, matches the expression or replaces a skipped time, and is the first', () => {
    fc.assert(
      fc.property(timetables, instants, fc.double({ min: 0, max: 0.999, noNaN: true }), (timetable, after, share) => {
        const due = nextDue(timetable, after);
        expect(due.at.getTime()).toBeGreaterThan(after.getTime());
        const lateMs = due.at.getTime() - due.dueAt.getTime();
        expect(lateMs).toBeGreaterThanOrEqual(0);
        expect(lateMs).toBeLessThan(Math.max(1, timetable.schedule.jitterMs));
        expect(
          matchesWall(timetable.fields, toWallMs(timetable.zone, due.dueAt.getTime())) ||
            isAfterGap(timetable, due.dueAt),
        ).toBe(true);
        const between = new Date(after.getTime() + Math.floor((due.at.getTime() - after.getTime()) * share));
        expect(nextDue(timetable, between)).toEqual(due);
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on how a span is split', () => {
    fc.assert(
      fc.property(timetables, instants, fc.nat(3 * 86_400_000), fc.nat(3 * 86_400_000), (timetable, from, one, two) => {
        const middle = new Date(from.getTime() + one);
        const to = new Date(middle.getTime() + two);
        const whole = take(dueBetween(timetable, from, to));
        const parts = [...take(dueBetween(timetable, from, middle)), ...take(dueBetween(timetable, middle, to))];
        expect(parts.slice(0, whole.length)).toEqual(whole);
      }),
      { numRuns: 100 },
    );
  });
});

describe('clock changes', () => {
  const local = (timetable: Timetable, from: string, count: number) => {
    const found: string[] = [];
    let after = new Date(from);
    for (let index = 0; index < count; index += 1) {
      const due = nextDue(timetable, after);
      after = due.at;
      const wall = new Date(toWallMs(timetable.zone, due.at.getTime())).toISOString().slice(5, 16);
      found.push(`${wall} ${due.at.toISOString().slice(11, 16)}Z${isMovedByClocks(timetable, due) ? ' moved' : ''}`);
    }
    return found;
  };

  it.each([
    ['Europe/Berlin', '30 2 * * *', '2026-03-28T12:00Z', ['03-29T03:00 01:00Z moved', '03-30T02:30 00:30Z']],
    ['Australia/Sydney', '30 2 * * *', '2026-10-03T12:00Z', ['10-04T03:00 16:00Z moved', '10-05T02:30 15:30Z']],
    ['Australia/Lord_Howe', '10 2 * * *', '2026-10-03T12:00Z', ['10-04T02:30 15:30Z moved', '10-05T02:10 15:10Z']],
    ['Europe/Berlin', '0,30 2,3 * * *', '2026-03-28T12:00Z', ['03-29T03:00 01:00Z', '03-29T03:30 01:30Z']],
    ['Pacific/Apia', '30 3 * * *', '2011-12-29T20:00Z', ['12-31T00:00 10:00Z moved', '12-31T03:30 13:30Z']],
    ['America/Sao_Paulo', '0 0 * * *', '2018-11-03T12:00Z', ['11-04T01:00 03:00Z moved', '11-05T00:00 02:00Z']],
  ])('a time of day that %s skips (%s) is due once, right after the gap', (zone, cron, from, expected) => {
    expect(local(timetableOf(cron, zone), from, 2)).toEqual(expected);
  });

  it.each([
    ['Europe/Berlin', '30 2 * * *', '2026-10-24T12:00Z', ['10-25T02:30 00:30Z', '10-26T02:30 01:30Z']],
    ['Europe/Berlin', '0 3 * * *', '2026-10-24T12:00Z', ['10-25T03:00 02:00Z', '10-26T03:00 02:00Z']],
    ['Europe/Berlin', '30 2 * * *', '2026-10-25T01:15Z', ['10-26T02:30 01:30Z', '10-27T02:30 01:30Z']],
    ['Australia/Lord_Howe', '45 1 * * *', '2026-04-04T12:00Z', ['04-05T01:45 14:45Z', '04-06T01:45 15:15Z']],
    ['Australia/Lord_Howe', '0 2 * * *', '2026-04-04T12:00Z', ['04-05T02:00 15:30Z', '04-06T02:00 15:30Z']],
  ])('a time of day that %s repeats (%s) is due the first time', (zone, cron, from, expected) => {
    expect(local(timetableOf(cron, zone), from, 2)).toEqual(expected);
  });

  it('an interval continues through both', () => {
    const everyHalfHour = timetableOf('*/30 * * * *', 'Europe/Berlin');
    expect(local(everyHalfHour, '2026-10-25T00:00Z', 5).map((text) => text.slice(6))).toEqual([
      '02:30 00:30Z',
      '02:00 01:00Z',
      '02:30 01:30Z',
      '03:00 02:00Z',
      '03:30 02:30Z',
    ]);
    expect(local(everyHalfHour, '2026-03-29T00:00Z', 3).map((text) => text.slice(6))).toEqual([
      '01:30 00:30Z',
      '03:00 01:00Z',
      '03:30 01:30Z',
    ]);
    expect(local(timetableOf('7 * * * *', 'Europe/Berlin'), '2026-03-29T00:00Z', 2)).toEqual([
      '03-29T01:07 00:07Z',
      '03-29T03:07 01:07Z',
    ]);
  });
});

describe('jitter', () => {
  const jittered = (drill: string) => ({ ...timetableOf('30 3 * * *', 'Europe/Berlin', { jitterMs: 600_000 }), drill });
  const from = new Date('2026-11-21T12:00Z');

  it('is the same after a restart, and differs for each drill and night', () => {
    const late = (drill: string, after: Date) => nextDue(jittered(drill), after).at.getTime() % 3_600_000;
    expect(late('orders', from)).toBe(late('orders', from));
    const night = (number: number) => new Date(from.getTime() + number * 86_400_000);
    const nights = new Set(Array.from({ length: 50 }, (_, number) => late('orders', night(number))));
    const drills = new Set(Array.from({ length: 50 }, (_, number) => late(`drill-${number}`, from)));
    expect(nights.size).toBeGreaterThan(40);
    expect(drills.size).toBeGreaterThan(40);
  });

  it('never moves a run into a window: it starts on time instead', () => {
    const notDuring = [{ days: EVERY_DAY, fromMinute: 3 * 60 + 35, toMinute: 360 }];
    const to = new Date(from.getTime() + 100 * 86_400_000);
    const found = [...dueBetween(timetableOf('30 3 * * *', 'UTC', { jitterMs: 600_000, notDuring }), from, to)];
    const lateMs = found.map(({ at, dueAt }) => at.getTime() - dueAt.getTime());
    expect(found.every(({ blocked }) => blocked === undefined)).toBe(true);
    expect(Math.max(...lateMs)).toBeLessThan(300_000);
    expect(lateMs.filter((ms) => ms === 0).length).toBeGreaterThan(25);
    expect(lateMs.filter((ms) => ms > 0).length).toBeGreaterThan(25);
  });
});

describe('a blocked run', () => {
  const reasonAt = (timetable: Timetable, at: string) =>
    nextDue(timetable, new Date(Date.parse(at) - 1)).blocked?.reason;
  const berlin = (fromMinute: number, toMinute: number, days = MONDAY_TO_FRIDAY) =>
    timetableOf('* * * * *', 'Europe/Berlin', { notDuring: [{ days, fromMinute, toMinute }] });

  it.each([
    ['2026-11-23T06:59Z', undefined],
    ['2026-11-23T07:00Z', 'not during mon-fri 08:00-18:00'],
    ['2026-11-23T16:59Z', 'not during mon-fri 08:00-18:00'],
    ['2026-11-23T17:00Z', undefined],
    ['2026-11-22T12:00Z', undefined], // a Sunday
  ])('by working hours in Berlin, at %s: %s', (at, reason) => {
    expect(reasonAt(berlin(480, 1080), at)).toBe(reason);
  });

  it.each([
    ['2026-11-27T20:59Z', undefined],
    ['2026-11-27T21:00Z', 'not during mon-fri 22:00-06:00'], // Friday
    ['2026-11-28T04:59Z', 'not during mon-fri 22:00-06:00'], // Saturday, begun on Friday
    ['2026-11-28T05:00Z', undefined],
    ['2026-11-28T21:00Z', undefined],
    ['2026-11-30T04:59Z', undefined], // Monday, begun on Sunday
  ])('by a window over midnight, which belongs to the day on which it begins, at %s: %s', (at, reason) => {
    expect(reasonAt(berlin(1320, 360), at)).toBe(reason);
  });

  it('says when it is unblocked', () => {
    const block = nextDue(berlin(0, 1440, [0, 6]), new Date('2026-11-21T12:00Z')).blocked;
    expect(block).toEqual({ kind: 'window', reason: 'not during sat-sun', until: new Date('2026-11-21T23:00Z') });
    expect(nextStart(berlin(0, 1440, [0, 6]), new Date('2026-11-21T12:00Z'))?.at).toEqual(
      new Date('2026-11-22T23:00Z'),
    );
  });

  it('waits from the start to the end of a freeze, in the zone of the drill', () => {
    const freezes = [{ from: '2026-12-20 00:00', until: '2027-01-07 00:00' }];
    const timetable = timetableOf('0 * * * *', 'America/New_York', { freezes });
    expect(reasonAt(timetable, '2026-12-20T04:00Z')).toBeUndefined();
    expect(reasonAt(timetable, '2026-12-20T05:00Z')).toBe('frozen until 7 Jan 2027, 00:00');
    expect(reasonAt(timetable, '2027-01-07T04:00Z')).toBe('frozen until 7 Jan 2027, 00:00');
    expect(reasonAt(timetable, '2027-01-07T05:00Z')).toBeUndefined();
    expect(nextStart(timetable, new Date('2026-12-20T04:30Z'))?.at).toEqual(new Date('2027-01-07T05:00Z'));
  });

  it('has always been blocked by a freeze without a start', () => {
    const timetable = timetableOf('@daily', 'UTC', { freezes: [{ from: undefined, until: '2026-01-01 00:00' }] });
    expect(reasonAt(timetable, '1999-01-01T00:00Z')).toBe('frozen until 1 Jan 2026, 00:00');
  });
});

/** Whether the wall clock jumped forward at this instant. */
function isAfterGap({ zone }: Timetable, at: Date): boolean {
  return toWallMs(zone, at.getTime()) - toWallMs(zone, at.getTime() - 1) > 1;
}

function take<T>(values: Iterable<T>, limit = 500): T[] {
  const taken: T[] = [];
  for (const value of values) {
    taken.push(value);
    if (taken.length === limit) break;
  }
  return taken;
}
