import type { Freeze, Pause, TimeWindow } from '../config/drill-file.ts';
import { formatWallTime } from '../support/instants.ts';
import { firstInstantMs, type TimeZone, toWallMs } from './time-zone.ts';
import { DAY_MS, MINUTE_MS, parseWall } from './wall-clock.ts';

/** Why a run may not start at an instant. */
export interface Block {
  readonly kind: 'freeze' | 'window';
  /** `frozen until 7 Jan 2027, 00:00`, `not during mon-fri 08:00-18:00`: wall clock of the drill's zone; `paused until 30 Nov 2026, 08:00 UTC by alice: …`. */
  readonly reason: string;
  /** When this block ends; another may apply then. */
  readonly until: Date;
}

/** A freeze or a pause as instants. */
export interface FrozenSpan {
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
  readonly reason: string;
}

export interface Restrictions {
  readonly zone: TimeZone;
  readonly notDuring: readonly TimeWindow[];
  readonly frozen: readonly FrozenSpan[];
}

/** What blocks a run at an instant; a freeze takes precedence over a window. */
export function findBlock({ zone, notDuring, frozen }: Restrictions, instantMs: number): Block | undefined {
  const span = frozen.find(({ startMs, endMs }) => startMs <= instantMs && instantMs < endMs);
  if (span) return { kind: 'freeze', reason: span.reason, until: new Date(span.endMs) };
  if (notDuring.length === 0) return undefined;
  const wallMs = toWallMs(zone, instantMs);
  for (const window of notDuring) {
    const endMs = findWindowEnd(window, wallMs);
    if (endMs === undefined) continue;
    const until = new Date(firstInstantMs(zone, endMs, instantMs));
    return { kind: 'window', reason: `not during ${formatWindow(window)}`, until };
  }
  return undefined;
}

/** Maximum number of consecutive blocks to search: more than a year of nights. */
const MAX_BLOCKS = 1000;

/** The first instant from `from` on at which nothing blocks a run; undefined: none was found after 1000 windows and freezes. */
export function firstFree(restrictions: Restrictions, from: Date): Date | undefined {
  let at = from;
  for (let count = 0; count < MAX_BLOCKS; count += 1) {
    const block = findBlock(restrictions, at.getTime());
    if (!block) return at;
    at = block.until;
  }
  return undefined;
}

/** The end of the window that contains a wall-clock time; undefined: the time is outside the window. */
export function findWindowEnd({ days, fromMinute, toMinute }: TimeWindow, wallMs: number): number | undefined {
  const midnightMs = Math.floor(wallMs / DAY_MS) * DAY_MS;
  const lengthMs = (toMinute - fromMinute + (toMinute <= fromMinute ? 1440 : 0)) * MINUTE_MS;
  for (const beginsMs of [midnightMs, midnightMs - DAY_MS]) {
    const startMs = beginsMs + fromMinute * MINUTE_MS;
    const holds = startMs <= wallMs && wallMs < startMs + lengthMs;
    if (holds && days.includes(new Date(beginsMs).getUTCDay())) return startMs + lengthMs;
  }
  return undefined;
}

/** The instants of a freeze. If the wall clock shows its end twice, the first one counts. */
export function toFrozenSpan({ from, until }: Freeze, zone: TimeZone): FrozenSpan {
  const endWallMs = parseWall(until)?.wallMs ?? Number.NaN;
  const startWallMs = from === undefined ? undefined : (parseWall(from)?.wallMs ?? Number.NaN);
  return {
    startMs: startWallMs === undefined ? Number.NEGATIVE_INFINITY : firstInstantMs(zone, startWallMs),
    endMs: firstInstantMs(zone, endWallMs),
    reason: `frozen until ${formatWallTime(endWallMs)}`,
  };
}

/** A pause in the form of a block. */
export function toPausedSpan({ from, until, reason }: Pause): FrozenSpan {
  return { startMs: from.getTime(), endMs: until.getTime(), reason };
}

const DAY_NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** `mon-fri 08:00-18:00`, `sat-sun`, `22:00-06:00`. */
function formatWindow({ days, fromMinute, toMinute }: TimeWindow): string {
  const isWholeDay = fromMinute === 0 && toMinute === 1440;
  const hours = isWholeDay ? '' : `${formatMinute(fromMinute)}-${formatMinute(toMinute)}`;
  const names = days.length === 7 ? '' : formatDays(days);
  return [names, hours].filter(Boolean).join(' ');
}

function formatMinute(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** Formats consecutive days as a range, starting on Monday so that a weekend does not split the week. */
function formatDays(days: readonly number[]): string {
  const fromMonday = days.map((day) => (day + 6) % 7).sort((a, b) => a - b);
  const ranges: { first: number; last: number }[] = [];
  for (const day of fromMonday) {
    const range = ranges.at(-1);
    if (range && range.last === day - 1) range.last = day;
    else ranges.push({ first: day, last: day });
  }
  const nameOf = (day: number) => DAY_NAMES[(day + 1) % 7] ?? '';
  return ranges
    .map(({ first, last }) => (first === last ? nameOf(first) : `${nameOf(first)}-${nameOf(last)}`))
    .join(',');
}
