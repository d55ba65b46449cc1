import type { CronFields } from './cron-fields.ts';
import { firstInstantMs, latestWallMs, type TimeZone } from './time-zone.ts';
import { nextWallMs } from './wall-clock.ts';

/**
 * The first instant after `afterMs` at which a cron expression is due in a zone. When clocks change:
 * - an expression with specific hours (`30 2 * * *`) means times of day, once each: a time that does not exist that day is due at the
 *   first instant after the gap, together with whatever else is due then; a time that exists twice is due only the first time;
 * - an expression for every hour (every 15 minutes, or at 5 past each) means an interval: it follows the wall clock, also through
 *   the repeated hour, and does not catch up on a skipped one.
 *
 * Vixie cron makes the same distinction, but treats an expression as an interval as soon as a field begins with a star. So it skips
 * a run every quarter of an hour from 2 to 3 on one night, and repeats it on another.
 */
export function nextOccurrenceMs(fields: CronFields, zone: TimeZone, afterMs: number): number {
  if (isInterval(fields)) return nextOfInterval(fields, zone, afterMs);
  return firstInstantMs(zone, nextWallMs(fields, latestWallMs(zone, afterMs)), afterMs);
}

function isInterval({ hours }: CronFields): boolean {
  return hours.length === 24;
}

function nextOfInterval(fields: CronFields, zone: TimeZone, afterMs: number): number {
  let period = zone.periodAt(afterMs);
  let shownMs = afterMs + period.offsetMs;
  for (;;) {
    const instantMs = nextWallMs(fields, shownMs) - period.offsetMs;
    if (instantMs < period.endMs) return instantMs;
    period = zone.periodAt(period.endMs);
    shownMs = period.startMs + period.offsetMs - 1;
  }
}
