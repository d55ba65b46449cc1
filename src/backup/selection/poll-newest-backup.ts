import type { SeenBackup } from '../../record/schedule-store.ts';
import { DrillError } from '../../support/errors.ts';
import type { BackupSource } from '../source.ts';
import type { SourceTraits } from '../source-driver.ts';
import { findNewest } from './choose.ts';
import { leaveOutRunning } from './leave-out-running.ts';
import { withSplitReadings } from './prove-split.ts';
import { type ListingSpec, readListing } from './read-listing.ts';
import { seenBackup } from './seen-backup.ts';

/**
 * Finds the current newest backup, whichever one the drill would choose. Reads the listing, and tags if the drill uses them; content only where needed to tell
 * whether a file was split, so that a run of the same backup has the same name.
 * An empty backup counts too, so that a run reports it.
 * @throws DrillError `backup-missing`, or whatever the source throws.
 */
export async function pollNewestBackup(
  source: BackupSource,
  { match, takenAt, timezone, layouts }: ListingSpec,
  now: Date,
  signal: AbortSignal,
): Promise<SeenBackup> {
  const spec = { match, takenAt, timezone, layouts, select: { by: 'latest' } } as const;
  const { objects: listed, rule } = await readListing(source, spec, now, signal);
  const { objects } = await leaveOutRunning(listed, rule, { source, now, signal });
  const proven = await withSplitReadings(objects, rule, { source, now, signal }).catch((error: unknown) => {
    if (error instanceof DrillError && error.code === 'backup-ambiguous') return rule; // the run reports it
    throw error;
  });
  return seenBackup(findNewest(objects, proven, now), now);
}

/**
 * Whether a backup is complete as soon as it is listed, and so can be drilled immediately. True for an object in an atomic store. A file in a directory grows
 * while it is written, and directory dumps and split files arrive file by file in any store; these must be unchanged in a second listing.
 */
export function isCompleteOnceListed({ atomicObjects }: SourceTraits, { key }: Pick<SeenBackup, 'key'>): boolean {
  return atomicObjects && !/[/*]$/.test(key);
}
