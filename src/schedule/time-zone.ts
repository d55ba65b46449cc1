import { DAY_MS, SECOND_MS } from './wall-clock.ts';

/** A period without a clock change in a zone. A period also ends at the end of a year, although nothing changes then. */
export interface Period {
  /** Inclusive. */
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
  /** The wall clock's offset from UTC. */
  readonly offsetMs: number;
}

export interface TimeZone {
  readonly name: string;
  periodAt(instantMs: number): Period;
}

/** Names known to be zones. Checking the first one with Intl takes 40 ms, each other a quarter of a millisecond, and drills use the same few. */
const valid = new Set(['UTC']);

/** Whether a name is a time zone: an IANA name, or an offset such as +02:00. */
export function isTimeZone(name: string): boolean {
  if (valid.has(name)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    return false; // Intl throws RangeError for an unknown zone
  }
  valid.add(name);
  return true;
}

/** Zones used so far. Finding the rules takes a millisecond per year of a zone, and there are a few hundred zones at most. */
const known = new Map<string, TimeZone>();

/** The rules of a zone, from Node's copy of the IANA database. @throws RangeError for an unknown zone. */
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
  let last: Period | undefined; // most calls ask for the same period again
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

/** The latest time that the wall clock has shown up to an instant. After the clock was set back, that is later than what it shows now. */
export function latestWallMs(zone: TimeZone, instantMs: number): number {
  let period = zone.periodAt(instantMs);
  let latestMs = instantMs + period.offsetMs;
  // No clock was ever set back by more than a day, the difference across the date line.
  while (period.startMs > instantMs - 2 * DAY_MS) {
    const { startMs } = period;
    period = zone.periodAt(startMs - 1);
    latestMs = Math.max(latestMs, startMs - 1 + period.offsetMs);
  }
  return latestMs;
}

/**
 * The first instant from `fromMs` on at which the wall clock shows `wallMs` or, if that time is skipped, a later one.
 * @param fromMs an instant at which the wall clock shows less.
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

/** Finds the first whole second with the offset that holds at `highMs` and not at `lowMs`. */
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
  if (name === 'UTC') return () => 0; // loading a locale would add 40 ms to every start
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
