import type { DigestSpec } from '../config/resolve-notify.ts';
import { newestDue } from '../schedule/newest-due.ts';

/** A late digest is still sent within this time; after that, the next one covers it. */
const LATEST_MS = 6 * 3_600_000;

/**
 * The instant of the digest that should have been sent by now; undefined: none was due in the last six hours. The store sends it only once.
 * @throws RangeError for a spec that the configuration would have refused.
 */
export function findDueDigest(spec: Pick<DigestSpec, 'cron' | 'timezone'>, now: Date): Date | undefined {
  return newestDue(spec, now, LATEST_MS);
}
