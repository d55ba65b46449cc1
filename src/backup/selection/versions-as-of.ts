import type { StoredObject, StoredVersion } from '../source.ts';

/** The state of a bucket at an instant, and its current state. */
export interface VersionsAsOf {
  /** The objects that existed then, as they were. */
  readonly objects: readonly StoredObject[];
  /** The objects that exist now. */
  readonly current: readonly StoredObject[];
  /** How many of `objects` were deleted since. */
  readonly deletedCount: number;
  /** How many of `objects` were replaced since and are still there. */
  readonly replacedCount: number;
  /** Whether the store has kept any earlier version or deletion, which shows that its history is reliable. */
  readonly keepsVersions: boolean;
}

interface History {
  /** The newest version or deletion stored at or before the instant. */
  past: StoredVersion | undefined;
  present: StoredVersion | undefined;
}

/**
 * Reads a listing of versions in any order, and keeps two per key. If versions have the same time (stores report whole seconds), the one listed first is
 * newer, since stores list the newest first.
 */
export async function viewAsOf(versions: AsyncIterable<StoredVersion>, at: Date): Promise<VersionsAsOf> {
  const histories = new Map<string, History>();
  let keepsVersions = false;
  for await (const version of versions) {
    const history = histories.get(version.key) ?? { past: undefined, present: undefined };
    histories.set(version.key, history);
    if (version.versionId !== undefined || !version.isLatest || version.isDeletion) keepsVersions = true;
    if (version.isLatest) history.present = version;
    if (version.modifiedAt <= at && (!history.past || version.modifiedAt > history.past.modifiedAt))
      history.past = version;
  }
  const objects: StoredObject[] = [];
  const current: StoredObject[] = [];
  let deletedCount = 0;
  let replacedCount = 0;
  for (const { past, present } of histories.values()) {
    if (present && !present.isDeletion) current.push(toObject(present));
    if (!past || past.isDeletion) continue;
    objects.push(toObject(past));
    if (!present || present.isDeletion) deletedCount += 1;
    else if (present !== past) replacedCount += 1;
  }
  return { objects, current, deletedCount, replacedCount, keepsVersions };
}

function toObject({ isDeletion: _, isLatest: __, ...object }: StoredVersion): StoredObject {
  return object;
}
