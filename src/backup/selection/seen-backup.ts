import type { SeenBackup } from '../../record/schedule-store.ts';
import type { Dated } from './choice-rule.ts';
import { identityOf } from './drilled-backup.ts';

/** A candidate as seen in a listing at `now`. */
export function seenBackup({ candidate: { key, sizeBytes, objects }, takenAt }: Dated, now: Date): SeenBackup {
  return { key, sizeBytes, identity: identityOf(objects), takenAt, seenAt: now };
}
