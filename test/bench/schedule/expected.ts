import { hash } from 'node:crypto';
import { goThrough, readWallClock } from '../../schedule/brute-force.ts';
import type { Barred, BenchDrill, Times } from './drills.ts';
import type { World } from './simulate.ts';
import type { Standstill } from './standstills.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
/** As in `decide`: anything later than that has been missed. */
const GRACE_MS = 60_000;

/** What should have happened; instants in seconds. */
export interface Expected {
  /** When each run was due, and when it was claimed. */
  readonly runs: readonly number[];
  /** All due instants, blocked or not. */
  readonly dues: readonly number[];
}

/** One zone, minute by minute, independently of what the code under test knows about cron, zones, windows and jitter. */
export class ZoneYear {
  readonly #startMs: number;
  readonly #shown: Float64Array;
  readonly #duesMs: ReadonlyMap<string, readonly number[]>;
  readonly #barred = new Map<Barred, Uint8Array>();
  readonly #world: World;

  constructor(zone: string, times: readonly Times[], world: World) {
    this.#world = world;
    this.#startMs = world.startMs - 2 * DAY_MS;
    const endMs = world.endMs + 6 * DAY_MS;
    this.#shown = readWallClock(zone, this.#startMs, endMs);
    const found = goThrough(
      zone,
      this.#startMs,
      endMs,
      times.map(({ rule }) => rule),
    );
    this.#duesMs = new Map(times.map(({ cron }, index) => [cron, found[index] ?? []]));
  }

  expect(drill: BenchDrill): Expected {
    const { startMs, endMs } = this.#world;
    const barred = this.#barredMinutes(drill.barred);
    const open: number[] = [];
    const dues: number[] = [];
    for (const dueMs of this.#duesMs.get(drill.times.cron) ?? []) {
      const isBarred = this.#isSet(barred, dueMs);
      const latestMs = dueMs + (isBarred ? 0 : jitterMs(drill.name, dueMs, drill.schedule.jitterMs));
      const atMs = this.#isSet(barred, latestMs) ? dueMs : latestMs;
      if (atMs <= startMs || atMs >= endMs) continue;
      dues.push(atMs / 1000);
      if (!isBarred) open.push(atMs);
    }
    const isBarredAt = (ms: number) => this.#isSet(barred, ms);
    return { runs: liveThrough(this.#world, drill, open, isBarredAt), dues };
  }

  #isSet(minutes: Uint8Array | undefined, ms: number): boolean {
    return minutes?.[Math.floor((ms - this.#startMs) / MINUTE_MS)] === 1;
  }

  #barredMinutes(barred: Barred): Uint8Array | undefined {
    if (barred.notDuring.length + barred.freezes.length === 0) return undefined;
    const known = this.#barred.get(barred) ?? findBarred(this.#shown, barred);
    this.#barred.set(barred, known);
    return known;
  }
}

/** Follows one drill through its year. @param open the instants when its unblocked runs are due. @returns pairs, in seconds. */
function liveThrough(world: World, drill: BenchDrill, open: readonly number[], isBarredAt: (ms: number) => boolean) {
  const runs: number[] = [];
  let freeMs = world.startMs;
  for (let index = 0; index < open.length; ) {
    let lookMs = whenLooked(world.standstills, Math.max(open[index] ?? Number.NaN, freeMs));
    for (;;) {
      if (lookMs >= world.endMs) return runs;
      let newest = index;
      while ((open[newest + 1] ?? Number.POSITIVE_INFINITY) <= lookMs) newest += 1;
      const dueMs = open[newest] ?? Number.NaN;
      const isLate = lookMs - dueMs > GRACE_MS;
      if (isLate && drill.schedule.missed === 'skip') {
        index = newest + 1;
        break;
      }
      if (isLate && isBarredAt(lookMs)) {
        const nextMs = Math.min(endOfBar(lookMs, isBarredAt), open[newest + 1] ?? Number.POSITIVE_INFINITY);
        lookMs = whenLooked(world.standstills, nextMs);
        continue;
      }
      const readyMs = lookMs + world.delayOf(drill, dueMs);
      const restart = findRestart(world.standstills, lookMs, readyMs);
      if (restart) {
        lookMs = restart.toMs; // it was in the queue, and so no longer in the memory of any process
        continue;
      }
      freeMs = whenLooked(world.standstills, readyMs);
      if (freeMs >= world.endMs) return runs;
      runs.push(dueMs / 1000, freeMs / 1000);
      index = newest + 1;
      break;
    }
  }
  return runs;
}

function whenLooked(standstills: readonly Standstill[], ms: number): number {
  const last = standstills[countBegun(standstills, ms) - 1];
  return last && ms < last.toMs ? last.toMs : ms;
}

/** The first that starts after one instant and not after the other. */
function findRestart(standstills: readonly Standstill[], afterMs: number, untilMs: number): Standstill | undefined {
  for (let index = countBegun(standstills, afterMs); ; index += 1) {
    const standstill = standstills[index];
    if (!standstill || standstill.fromMs > untilMs) return undefined;
    if (standstill.kind === 'restart') return standstill;
  }
}

/** How many have started by an instant. */
function countBegun(standstills: readonly Standstill[], ms: number): number {
  let [low, high] = [0, standstills.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((standstills[middle]?.fromMs ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

function endOfBar(ms: number, isBarredAt: (ms: number) => boolean): number {
  let endMs = ms - (ms % MINUTE_MS) + MINUTE_MS;
  while (isBarredAt(endMs)) endMs += MINUTE_MS;
  return endMs;
}

function findBarred(shown: Float64Array, { notDuring, freezes }: Barred): Uint8Array {
  const week = Uint8Array.from({ length: WEEK_MINUTES }, (_, minute) => (isInWindow(notDuring, minute) ? 1 : 0));
  const barred = new Uint8Array(shown.length);
  for (let index = 0; index < shown.length; index += 1) {
    barred[index] = week[((shown[index] ?? 0) + THURSDAY_MINUTES) % WEEK_MINUTES] ?? 0;
  }
  for (const { from, until } of freezes) {
    const fromIndex = from === undefined ? 0 : firstShowing(shown, from);
    barred.fill(1, fromIndex, firstShowing(shown, until));
  }
  return barred;
}

const WEEK_MINUTES = 7 * 1440;
/** 1 January 1970 was one; weeks begin on Sunday. */
const THURSDAY_MINUTES = 4 * 1440;

/** @param minute since the start of the week. */
function isInWindow(notDuring: Barred['notDuring'], minute: number): boolean {
  const weekday = Math.floor(minute / 1440);
  const ofDay = minute % 1440;
  return notDuring.some(({ days, fromMinute, toMinute }) => {
    const isOverMidnight = toMinute <= fromMinute;
    const begunToday = days.includes(weekday) && ofDay >= fromMinute && (isOverMidnight || ofDay < toMinute);
    return begunToday || (isOverMidnight && days.includes((weekday + 6) % 7) && ofDay < toMinute);
  });
}

function firstShowing(shown: Float64Array, text: string): number {
  const minute = Date.parse(`${text.replace(' ', 'T')}Z`) / MINUTE_MS;
  return shown.findIndex((other) => other >= minute);
}

/** As the documentation says it can be calculated. */
function jitterMs(name: string, dueMs: number, longestMs: number): number {
  if (longestMs === 0) return 0;
  const digest = hash('sha256', `${name} ${new Date(dueMs).toISOString()}`);
  return Number(BigInt(`0x${digest.slice(0, 12)}`) % BigInt(longestMs / 1000)) * 1000;
}
