import type { SeenBackup } from '../../record/schedule-store.ts';
import { formatCount } from '../../support/quantities.ts';
import type { BackupSource } from '../source.ts';
import { findCandidates } from './candidates.ts';
import { findDated } from './choose.ts';
import { withAllSplitReadings } from './prove-split.ts';
import { type ListingSpec, readListing } from './read-listing.ts';
import { seenBackup } from './seen-backup.ts';
import { warnFuture, warnUndated } from './selection-messages.ts';

/** All backups that a drill could restore. */
export interface ListedBackups {
  /** Newest first, by time taken. */
  readonly backups: readonly SeenBackup[];
  /** Skipped backups: undated, dated in the future, empty or unfinished. */
  readonly warnings: readonly string[];
}

/**
 * Lists the backups that match, whichever one the drill would choose. Reads the listing, and tags if the drill uses them; content only where needed to tell
 * whether files are parts of one backup, so that each has the same name as in a run.
 * @throws DrillError `backup-missing` when none matches, `backup-undated` when none has a date, or whatever the source throws.
 */
export async function listBackups(
  source: BackupSource,
  { match, takenAt, timezone, layouts }: ListingSpec,
  now: Date,
  signal: AbortSignal,
): Promise<ListedBackups> {
  // a window without a start: the tags of all backups are read
  const select = { by: 'random', windowMs: Number.POSITIVE_INFINITY } as const;
  const { objects, rule: listed } = await readListing(
    source,
    { match, takenAt, timezone, layouts, select },
    now,
    signal,
  );
  const rule = await withAllSplitReadings(objects, listed, { source, now, signal });
  const { newestFirst, future, undatedCount } = findDated(findCandidates(objects, rule), rule, now);
  const usable = newestFirst.filter(({ candidate }) => candidate.sizeBytes > 0 && candidate.lacks === undefined);
  const unusable = newestFirst.length - usable.length;
  return {
    backups: usable.map((dated) => seenBackup(dated, now)),
    warnings: [
      ...warnUndated(undatedCount, rule),
      ...warnFuture(future.length),
      ...(unusable === 0
        ? []
        : [`${formatCount(unusable)} empty or unfinished ${unusable === 1 ? 'was' : 'were'} left out`]),
    ],
  };
}
