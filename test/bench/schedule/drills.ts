import type { Freeze, TimeWindow } from '../../../src/config/drill-file.ts';
import type { ScheduledDrill } from '../../../src/daemon/agenda.ts';
import { scheduleHash } from '../../../src/schedule/schedule-hash.ts';
import type { Rule } from '../../schedule/brute-force.ts';
import { EVERY_DAY, MONDAY_TO_FRIDAY, scheduleOf } from '../../schedule/timetables.ts';
import { makeRandom, pick } from './random.ts';

/** A cron expression, and its meaning, written a second time. */
export interface Times {
  readonly cron: string;
  readonly rule: Rule;
}

/** When drills may not run; shared by several drills. */
export interface Barred {
  readonly notDuring: readonly TimeWindow[];
  readonly freezes: readonly Freeze[];
}

export interface BenchDrill extends ScheduledDrill {
  readonly index: number;
  readonly times: Times;
  readonly barred: Barred;
}

/** Zones without clock changes, with them in both hemispheres, by half an hour, for Ramadan, and with an odd offset. */
export const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'Africa/Casablanca',
  'America/St_Johns',
  'Asia/Kolkata',
];

/** Most run at night, one in twenty every hour, a few every quarter of an hour. */
export function makeDrills(count: number, seed: number, zones: readonly string[]): readonly BenchDrill[] {
  const random = makeRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const place = (index * 7) % 200; // some of each kind, even if there are few drills
    const [, kind] = SHARES.find(([share]) => place < share) ?? [200, MONTHLY];
    const times = pick(kind, random);
    const barred = random() < 0.6 ? FREE : pick(BARRED, random);
    const schedule = {
      ...scheduleOf({
        timezone: pick(zones, random),
        missed: random() < 0.5 ? 'run-once' : 'skip',
        jitterMs: pick(JITTERS_MS, random),
        ...barred,
      }),
      cron: times.cron,
    };
    return { index, name: `drill-${index}`, schedule, scheduleHash: scheduleHash(schedule), times, barred };
  });
}

/** No longer than the interval of the shortest schedule. */
const JITTERS_MS = [0, 0, 0, 60_000, 300_000, 600_000];

const HOURLY = [0, 5, 7, 20, 30, 38, 45, 59].map((minute) =>
  interval(`${minute} * * * *`, (at) => at.minute === minute),
);
const QUARTERLY = [interval('*/15 * * * *', ({ minute }) => minute % 15 === 0)];
const NIGHTLY = [
  ...[0, 1, 2, 3, 4].flatMap((hour) => [0, 10, 30, 45].map((minute) => daily(hour, minute))),
  times('@daily', ({ hour, minute }) => hour === 0 && minute === 0),
  times('15 2 * * mon-fri', (at) => at.weekday >= 1 && at.weekday <= 5 && at.hour === 2 && at.minute === 15),
  times('10 */8 * * *', ({ hour, minute }) => hour % 8 === 0 && minute === 10),
  times('0,30 2 * * *', ({ hour, minute }) => hour === 2 && minute % 30 === 0),
];
const WEEKLY = [0, 1, 2, 3, 4, 5, 6].flatMap((weekday) =>
  [2, 3].map((hour) =>
    times(`30 ${hour} * * ${weekday}`, (at) => at.weekday === weekday && at.hour === hour && at.minute === 30),
  ),
);
const MONTHLY = [
  ...[1, 15, 29, 31].map((day) => times(`0 2 ${day} * *`, (at) => at.day === day && at.hour === 2 && at.minute === 0)),
  times('0 3 13 * fri', (at) => (at.day === 13 || at.weekday === 5) && at.hour === 3 && at.minute === 0),
  times('59 23 31 mar,oct,dec *', (at) => [3, 10, 12].includes(at.month) && at.day === 31 && isAt(at, 23, 59)),
];

/** Cumulated limits out of two hundred. */
const SHARES: readonly (readonly [number, readonly Times[]])[] = [
  [1, QUARTERLY],
  [10, HOURLY],
  [150, NIGHTLY],
  [180, WEEKLY],
  [200, MONTHLY],
];

const FREE: Barred = { notDuring: [], freezes: [] };
const BARRED: readonly Barred[] = [
  { ...FREE, notDuring: [{ days: MONDAY_TO_FRIDAY, fromMinute: 480, toMinute: 1080 }] },
  { ...FREE, notDuring: [{ days: EVERY_DAY, fromMinute: 1320, toMinute: 125 }] },
  { ...FREE, notDuring: [{ days: [0, 6], fromMinute: 0, toMinute: 1440 }] },
  { ...FREE, freezes: [{ from: '2026-12-18 18:00', until: '2027-01-04 00:00' }] },
  {
    notDuring: [{ days: [1, 3], fromMinute: 150, toMinute: 240 }],
    freezes: [
      { from: undefined, until: '2026-01-05 00:00' },
      { from: '2026-03-28 12:00', until: '2026-03-30 02:30' },
      { from: '2026-10-25 02:30', until: '2026-10-26 02:30' },
    ],
  },
];

function daily(hour: number, minute: number): Times {
  return times(`${minute} ${hour} * * *`, (at) => isAt(at, hour, minute));
}

function isAt(at: { readonly hour: number; readonly minute: number }, hour: number, minute: number): boolean {
  return at.hour === hour && at.minute === minute;
}

/** It names hours: times of the day, each once. */
function times(cron: string, matches: Rule['matches']): Times {
  return { cron, rule: { kind: 'times', matches } };
}

/** It applies to every hour, and follows the clock. */
function interval(cron: string, matches: Rule['matches']): Times {
  return { cron, rule: { kind: 'interval', matches } };
}
