/** The fields of a wall clock. */
export interface Shown {
  readonly month: number;
  readonly day: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

export interface Rule {
  /**
   * `interval`: due whenever the wall clock shows a minute that matches. `times`: due when it shows, or has just
   * skipped, a minute that matches, and has not shown or skipped it before.
   */
  readonly kind: 'interval' | 'times';
  readonly matches: (shown: Shown) => boolean;
}

const MINUTE_MS = 60_000;

/** Goes through a period minute by minute. @returns when each of the rules is due, in the same order. */
export function goThrough(zone: string, startMs: number, endMs: number, rules: readonly Rule[]): readonly number[][] {
  const shown = readWallClock(zone, startMs, endMs);
  const due = rules.map((rule) => ({ rule, found: [] as number[] }));
  let latest = (shown[0] ?? 0) - 1;
  for (let index = 0; index < shown.length; index += 1) {
    const minute = shown[index] ?? Number.NaN;
    const passed = [takeApart(minute)];
    for (let left = latest + 1; left < minute; left += 1) passed.push(takeApart(left));
    const [now, ...skipped] = passed;
    for (const { rule, found } of due) {
      const isDue =
        rule.kind === 'interval'
          ? now && rule.matches(now)
          : minute > latest && ((now && rule.matches(now)) || skipped.some(rule.matches));
      if (isDue) found.push(startMs + index * MINUTE_MS);
    }
    latest = Math.max(latest, minute);
  }
  return due.map(({ found }) => found);
}

/** What the wall clock shows in each minute, as minutes since 1970: read from Intl every hour, and every minute where clocks change. */
export function readWallClock(zone: string, startMs: number, endMs: number): Float64Array {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  const ask = (atMs: number) => Date.parse(`${format.format(atMs).replace(' ', 'T')}Z`) / MINUTE_MS;
  const shown = new Float64Array((endMs - startMs) / MINUTE_MS);
  let next = ask(startMs);
  for (let index = 0; index < shown.length; index += 60) {
    const first = next;
    next = ask(startMs + (index + 60) * MINUTE_MS);
    for (let past = 0; past < 60; past += 1) {
      shown[index + past] = next === first + 60 ? first + past : ask(startMs + (index + past) * MINUTE_MS);
    }
  }
  return shown;
}

function takeApart(minute: number): Shown {
  const day = Math.floor(minute / 1440);
  const { month, date, weekday } = takeDayApart(day);
  const ofDay = minute - day * 1440;
  const hour = Math.floor(ofDay / 60);
  return { month, day: date, weekday, hour, minute: ofDay - hour * 60 };
}

interface Day {
  readonly month: number;
  readonly date: number;
  readonly weekday: number;
}

let last: (Day & { readonly day: number }) | undefined;

function takeDayApart(day: number): Day {
  if (last?.day === day) return last;
  const date = new Date(day * 1440 * MINUTE_MS);
  last = { day, month: date.getUTCMonth() + 1, date: date.getUTCDate(), weekday: date.getUTCDay() };
  return last;
}
