import { readCron } from './cron-fields.ts';
import { nextOccurrenceMs } from './occurrences.ts';
import { openTimeZone } from './time-zone.ts';

/**
 * The newest instant of a cron expression that is not after now.
 * @param withinMs how far back to search.
 * @returns undefined when there was none. Throws RangeError for an expression or a zone that the configuration would have refused.
 */
export function newestDue(
  { cron, timezone }: { readonly cron: string; readonly timezone: string },
  now: Date,
  withinMs: number,
): Date | undefined {
  const read = readCron(cron);
  if ('problem' in read) throw new RangeError(`${JSON.stringify(cron)} is not a cron expression: ${read.problem}`);
  const zone = openTimeZone(timezone);
  let latest: number | undefined;
  let at = nextOccurrenceMs(read.fields, zone, now.getTime() - withinMs);
  while (at <= now.getTime()) {
    latest = at;
    at = nextOccurrenceMs(read.fields, zone, at);
  }
  return latest === undefined ? undefined : new Date(latest);
}
