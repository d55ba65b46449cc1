import { DrillError } from '../../../../support/errors.ts';
import { formatCount } from '../../../../support/quantities.ts';
import type { StoredKeyspace } from '../../bolt/stored-keyspace.ts';

/** What the restored server answers as of the snapshot's revision. */
export interface ServedKeyspace {
  readonly revision: number;
  readonly keys: number;
  /** Undefined if it has none for this revision. */
  readonly hash: number | undefined;
}

const HINT =
  'Take a new snapshot, and compare the versions of the server that wrote it and of the one that restores it.';

/**
 * Compares the server's answers with the contents of the snapshot.
 * @param stored undefined if we could not parse the snapshot. @returns warnings.
 * @throws DrillError `backup-empty`, `restore-failed`.
 */
export function judgeKeyspace(
  key: string,
  stored: StoredKeyspace | undefined,
  served: ServedKeyspace,
): readonly string[] {
  const { revision, keys, hash } = served;
  if (keys === 0) {
    throw new DrillError('backup-empty', `${key} is a complete snapshot, but has no keys`, {
      hint: 'Check which server the backup job connects to: a member that was started without its data has no keys.',
    });
  }
  if (!stored)
    return [
      `${key} could not be compared with the server: its ${formatCount(keys)} keys were counted by the server alone`,
    ];
  if (keys !== stored.keys) {
    throw new DrillError(
      'restore-failed',
      `the server answers with ${formatCount(keys)} keys at revision ${revision}; ${key} has ${formatCount(stored.keys)}`,
      { hint: HINT },
    );
  }
  if (hash === undefined || stored.hash === undefined) {
    return [
      `${key} was taken while old revisions were being compacted: its keys were counted, and their hash was not compared`,
    ];
  }
  if (hash === stored.hash) return [];
  throw new DrillError(
    'restore-failed',
    `the server’s keyspace at revision ${revision} has the hash ${hash}; that of ${key} is ${stored.hash}`,
    { hint: HINT },
  );
}
