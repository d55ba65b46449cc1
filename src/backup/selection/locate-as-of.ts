import type { BackupSpec } from '../../config/drill-file.ts';
import { DrillError } from '../../support/errors.ts';
import { formatExactInstant, formatInstant } from '../../support/instants.ts';
import { formatCount, formatDuration } from '../../support/quantities.ts';
import type { BackupSource } from '../source.ts';
import { findCandidates } from './candidates.ts';
import type { Chosen } from './choice-rule.ts';
import { chooseBackup, findNewest, hasKey } from './choose.ts';
import { withSplitReadings } from './prove-split.ts';
import { type LocateSpec, makeRule } from './read-listing.ts';
import { type VersionsAsOf, viewAsOf } from './versions-as-of.ts';

/**
 * Chooses among the object versions as of an instant. Data loss is still measured from the newest backup, whether of then or of now.
 * @throws DrillError `backup-missing` when there was none, or whatever the source throws.
 */
export async function locateAsOf(
  source: BackupSource,
  spec: LocateSpec,
  asOf: NonNullable<BackupSpec['asOf']>,
  { now, seed, signal }: { readonly now: Date; readonly seed: string; readonly signal: AbortSignal },
): Promise<Chosen> {
  if (!source.listVersions) throw new Error(`${source.description} has no versions`); // the drill file was validated
  const at = asOf instanceof Date ? asOf : new Date(now.getTime() - asOf.agoMs);
  const view = await viewAsOf(source.listVersions(signal), at);
  const { objects, rule } = await makeRule(source, spec, view.objects, now, signal);
  const proven = await withSplitReadings(objects, { ...rule, seed }, { source, now, signal });
  const chosen = chooseAt(at, () => chooseBackup(objects, proven, now));
  const newestNow = await findNewestNow(source, spec, view, now, signal);
  return {
    ...chosen,
    selection: `${chosen.selection} as of ${formatExactInstant(at)}${describeVersion(chosen)}`,
    newestTakenAt: newestNow && newestNow > chosen.newestTakenAt ? newestNow : chosen.newestTakenAt,
    warnings: [...chosen.warnings, ...warnView(view, at, now)],
  };
}

function describeVersion({ backup: { kind, objects } }: Chosen): string {
  const versionId = kind === 'object' ? objects[0]?.versionId : undefined;
  return versionId === undefined ? '' : `, version ${versionId}`;
}

function chooseAt(at: Date, choose: () => Chosen): Chosen {
  try {
    return choose();
  } catch (error) {
    if (!(error instanceof DrillError) || error.code !== 'backup-missing') throw error;
    const hint = `This is how it was on ${formatInstant(at)}: set \`backup.select.asOf\` to an instant after the backup was stored. What was replaced while versioning was off or suspended is gone.`;
    throw new DrillError(error.code, `${error.message}, as of ${formatExactInstant(at)}`, { hint, cause: error });
  }
}

/** @returns undefined if no current object is a backup. */
async function findNewestNow(
  source: BackupSource,
  spec: LocateSpec,
  { current }: VersionsAsOf,
  now: Date,
  signal: AbortSignal,
): Promise<Date | undefined> {
  const latest = { ...spec, select: { by: 'latest' } } as const;
  const { objects, rule } = await makeRule(
    source,
    latest,
    current.filter(({ sizeBytes }) => sizeBytes > 0),
    now,
    signal,
  );
  try {
    return findNewest(objects, rule, now).takenAt;
  } catch (error) {
    if (error instanceof DrillError && (error.code === 'backup-missing' || error.code === 'backup-undated'))
      return undefined;
    throw error;
  }
}

function warnView({ keepsVersions, deletedCount, replacedCount }: VersionsAsOf, at: Date, now: Date): string[] {
  const warnings: string[] = [];
  if (at > now)
    warnings.push(
      `select.asOf is ${formatDuration(at.getTime() - now.getTime())} ahead: what is there now was chosen from`,
    );
  if (!keepsVersions)
    warnings.push(
      'the store holds no earlier version and no deletion: what was deleted or replaced since then is not seen',
    );
  const lost = [
    ...(deletedCount > 0 ? [`${formatCount(deletedCount)} deleted`] : []),
    ...(replacedCount > 0 ? [`${formatCount(replacedCount)} replaced`] : []),
  ];
  if (lost.length > 0) warnings.push(`since ${formatInstant(at)}, ${lost.join(' and ')} of the objects there`);
  return warnings;
}

/**
 * Adds deleted but recoverable backups to a `backup-missing` error, if the store keeps versions. The error itself matters most: if the versions cannot be
 * listed, it is returned unchanged.
 */
export async function withDeletions(
  error: unknown,
  source: BackupSource,
  spec: LocateSpec,
  signal: AbortSignal,
): Promise<unknown> {
  if (!(error instanceof DrillError) || error.code !== 'backup-missing' || !source.listVersions) return error;
  const deleted = await findDeleted(source, spec, signal).catch((thrown: unknown) => {
    if (signal.aborted) throw thrown;
    return undefined; // no right to list versions, or no versions: as before
  });
  if (!deleted) return error;
  const { count, name, deletedAt } = deleted;
  const before = new Date(deletedAt.getTime() - 1000);
  const which = count === 1 ? `${name} was` : `${formatCount(count)} that match were, the last of them ${name},`;
  return new DrillError(error.code, `${error.message}; ${which} deleted on ${formatInstant(deletedAt)}`, {
    hint: `It is hidden by a delete marker, but its versions are kept: \`select: { asOf: ${before.toISOString().replace(/\.\d+Z$/, 'Z')} }\` drills it. Find out who deleted it.`,
    details: error.details,
    cause: error,
  });
}

async function findDeleted(
  source: BackupSource,
  spec: LocateSpec,
  signal: AbortSignal,
): Promise<{ readonly count: number; readonly name: string; readonly deletedAt: Date } | undefined> {
  const markers = new Map<string, Date>();
  const kept = new Set<string>();
  for await (const { key, isDeletion, isLatest, modifiedAt } of source.listVersions?.(signal) ?? []) {
    if (isDeletion && isLatest) markers.set(key, modifiedAt);
    if (!isDeletion) kept.add(key);
  }
  const deleted = [...markers].filter(([key]) => kept.has(key));
  const objects = deleted.map(([key, modifiedAt]) => ({ key, sizeBytes: 1, modifiedAt, etag: '' }));
  const { matched, all } = findCandidates(objects, { prefix: source.prefix, match: spec.match, layouts: spec.layouts });
  const { select } = spec;
  const wanted = select.by === 'key' ? all.filter((candidate) => hasKey(candidate, select.key)) : matched;
  const [last] = wanted.toSorted((a, b) => b.modifiedAt.getTime() - a.modifiedAt.getTime());
  return last && { count: wanted.length, name: last.name || last.key, deletedAt: last.modifiedAt };
}
