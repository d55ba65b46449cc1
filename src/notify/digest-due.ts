import type { DigestSpec } from '../config/resolve-notify.ts';
import { readCron } from '../schedule/cron-fields.ts';
import { nextOccurrenceMs } from '../schedule/occurrences.ts';
import { openTimeZone } from '../schedule/time-zone.ts';

/** A digest that could not be sent in time is sent up to that much later; then the next one says it all. */
const LATEST_MS = 6 * 3_600_000;

/**
 * The instant of the digest that should have been sent by now; undefined: none was due in the last six hours. Telling it once is the store's part.
 * @throws RangeError for a spec that the configuration would have refused.
 */
export function findDueDigest({ cron, timezone }: Pick<DigestSpec, 'cron' | 'timezone'>, now: Date): Date | undefined {
  const read = readCron(cron);
  if ('problem' in read) throw new RangeError(`${JSON.stringify(cron)} is no cron expression: ${read.problem}`);
  const zone = openTimeZone(timezone);
  let latest: number | undefined;
  let at = nextOccurrenceMs(read.fields, zone, now.getTime() - LATEST_MS);
  while (at <= now.getTime()) {
    latest = at;
    at = nextOccurrenceMs(read.fields, zone, at);
  }
  return latest === undefined ? undefined : new Date(latest);
}
