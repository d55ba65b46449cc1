import { DAY_MS, SECOND_MS } from './wall-clock.ts';

/** A time in which the clocks of a zone are not changed. A year ends one as well, although nothing changes. */
export interface Period {
  /** Inclusive. */
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
  /** What the wall clock shows more than UTC. */
  readonly offsetMs: number;
}

export interface TimeZone {
  readonly name: string;
  periodAt(instantMs: number): Period;
}

/** Whether a name stands for a time zone: one of the IANA database, or an offset such as +02:00. */
export function isTimeZone(name: string): boolean {
  if (name === 'UTC') return true; // asking Intl costs 40 ms of every start
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false; // RangeError is how Intl says so
  }
}

/** Zones that were asked for: the rules of one take a millisecond a year to find, and there are some hundreds at most. */
const known = new Map<string, TimeZone>();

/** The rules of a zone, as Node's own copy of the IANA database has them. @throws RangeError for what is no zone. */
export function openTimeZone(name: string): TimeZone {
  let zone = known.get(name);
  if (!zone) {
    zone = makeTimeZone(name);
    known.set(name, zone);
  }
  return zone;
}

function makeTimeZone(name: string): TimeZone {
  const offsetAt = makeOffsetReader(name);
  const years = new Map<number, readonly Period[]>();
  const periodsOf = (year: number): readonly Period[] => {
    let periods = years.get(year);
    if (!periods) {
      periods = findPeriods(offsetAt, Date.UTC(year, 0), Date.UTC(year + 1, 0));
      years.set(year, periods);
    }
    return periods;
  };
  let last: Period | undefined; // whoever asks mostly asks for the same again
  return {
    name,
    periodAt: (instantMs) => {
      if (last && last.startMs <= instantMs && instantMs < last.endMs) return last;
      last = periodsOf(new Date(instantMs).getUTCFullYear()).find(({ endMs }) => instantMs < endMs);
      if (!last) throw new RangeError(`no instant: ${instantMs}`);
      return last;
    },
  };
}

/** What the wall clock shows at an instant. */
export function toWallMs(zone: TimeZone, instantMs: number): number {
  return instantMs + zone.periodAt(instantMs).offsetMs;
}

/**
 * The latest that the wall clock has shown up to an instant: where it was put back, that lies ahead of what it shows.
 */
export function latestWallMs(zone: TimeZone, instantMs: number): number {
  let period = zone.periodAt(instantMs);
  let latestMs = instantMs + period.offsetMs;
  // No clock was ever put back by more than the day that the date line is worth.
  while (period.startMs > instantMs - 2 * DAY_MS) {
    const { startMs } = period;
    period = zone.periodAt(startMs - 1);
    latestMs = Math.max(latestMs, startMs - 1 + period.offsetMs);
  }
  return latestMs;
}

/**
 * The first instant from `fromMs` on at which the wall clock shows `wallMs` or, where that is left out, more.
 * @param fromMs when the wall clock shows less.
 */
export function firstInstantMs(zone: TimeZone, wallMs: number, fromMs: number = wallMs - 2 * DAY_MS): number {
  let period = zone.periodAt(fromMs);
  for (;;) {
    const instantMs = Math.max(period.startMs, wallMs - period.offsetMs);
    if (instantMs < period.endMs) return instantMs;
    period = zone.periodAt(period.endMs);
  }
}

/** `+01:00` */
export function formatOffset(zone: TimeZone, instantMs: number): string {
  const { offsetMs } = zone.periodAt(instantMs);
  const text = new Date(Math.abs(offsetMs)).toISOString();
  return `${offsetMs < 0 ? '-' : '+'}${text.slice(11, offsetMs % 60_000 === 0 ? 16 : 19)}`;
}

function findPeriods(offsetAt: (instantMs: number) => number, fromMs: number, toMs: number): readonly Period[] {
  const periods: Period[] = [];
  let startMs = fromMs;
  let offsetMs = offsetAt(fromMs);
  // No zone has ever changed its clocks twice within a day.
  for (let dayMs = fromMs; dayMs < toMs; dayMs += DAY_MS) {
    const nextMs = Math.min(dayMs + DAY_MS, toMs - SECOND_MS);
    const after = offsetAt(nextMs);
    if (after === offsetMs) continue;
    const changeMs = bisect(offsetAt, dayMs, nextMs);
    periods.push({ startMs, endMs: changeMs, offsetMs });
    startMs = changeMs;
    offsetMs = after;
  }
  return [...periods, { startMs, endMs: toMs, offsetMs }];
}

/** The first whole second with the offset that holds at `highMs` and not at `lowMs`. */
function bisect(offsetAt: (instantMs: number) => number, lowMs: number, highMs: number): number {
  const offsetMs = offsetAt(highMs);
  let low = lowMs / SECOND_MS;
  let high = highMs / SECOND_MS;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * SECOND_MS) === offsetMs) high = middle;
    else low = middle;
  }
  return high * SECOND_MS;
}

function makeOffsetReader(name: string): (instantMs: number) => number {
  if (name === 'UTC') return () => 0; // asking for a locale costs 40 ms of every start
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return (instantMs) => {
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] =
      format.format(instantMs).match(/\d+/g)?.map(Number) ?? [];
    return Date.UTC(year, month - 1, day, hour, minute, second) - instantMs;
  };
}
