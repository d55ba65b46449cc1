import type { DigestSpec } from '../config/resolve-notify.ts';
import { newestDue } from '../schedule/newest-due.ts';

/** A digest that could not be sent in time is sent up to that much later; then the next one says it all. */
const LATEST_MS = 6 * 3_600_000;

/**
 * The instant of the digest that should have been sent by now; undefined: none was due in the last six hours. Telling it once is the store's part.
 * @throws RangeError for a spec that the configuration would have refused.
 */
export function findDueDigest(spec: Pick<DigestSpec, 'cron' | 'timezone'>, now: Date): Date | undefined {
  return newestDue(spec, now, LATEST_MS);
}
