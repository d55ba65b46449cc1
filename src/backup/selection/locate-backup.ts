import type { BackupSource } from '../source.ts';
import type { Chosen } from './choice-rule.ts';
import { chooseBackup } from './choose.ts';
import { warnDeadLinks, withDeadLinks } from './dead-links.ts';
import { leaveOutRunning } from './leave-out-running.ts';
import { locateAsOf, withDeletions } from './locate-as-of.ts';
import { withSplitReadings } from './prove-split.ts';
import { type LocateSpec, readListing } from './read-listing.ts';

/**
 * Lists the source and chooses the backup to drill.
 * @param seed of a random choice: the run's id.
 * @throws DrillError `backup-missing`, `backup-empty`, or whatever the source throws.
 */
export async function locateBackup(
  source: BackupSource,
  spec: LocateSpec,
  now: Date,
  seed: string,
  signal: AbortSignal,
): Promise<Chosen> {
  if (spec.asOf !== undefined) return await locateAsOf(source, spec, spec.asOf, { now, seed, signal });
  const { objects, rule, deadLinks } = await readListing(source, spec, now, signal);
  try {
    const finished = await leaveOutRunning(objects, rule, { source, now, signal });
    const proven = await withSplitReadings(finished.objects, { ...rule, seed }, { source, now, signal });
    const chosen = chooseBackup(finished.objects, proven, now);
    return {
      ...chosen,
      listed: objects,
      warnings: [...finished.warnings, ...chosen.warnings, ...warnDeadLinks(deadLinks, rule.where)],
    };
  } catch (error) {
    throw withDeadLinks(await withDeletions(error, source, spec, signal), deadLinks, rule.where);
  }
}
