import type { CronFields } from './cron-fields.ts';
import { firstInstantMs, latestWallMs, type TimeZone } from './time-zone.ts';
import { nextWallMs } from './wall-clock.ts';

/**
 * The first instant after `afterMs` at which a cron expression is due in a zone. Where clocks change:
 * - an expression that names hours (`30 2 * * *`) means times of the day, each once: one that does not exist that day is due at the
 *   first instant after the gap, together with whatever else is due then; one that exists twice is due the first time only;
 * - an expression for every hour (every 15 minutes, or at 5 past each) means an interval: it follows what the wall clock shows, through
 *   the repeated hour as well, and owes nothing for the one that was left out.
 *
 * Vixie cron draws the same line, but calls an expression an interval already when a field begins with a star, and so runs
 * every quarter of an hour from 2 to 3 not at all on one night, and twice on another.
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
