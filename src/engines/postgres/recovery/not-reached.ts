import type { Replayed } from '../../engine.ts';
import { describeTarget } from '../../event-words.ts';
import type { LogArchive, RecoveryTarget } from '../../format.ts';
import { type ArchivedSegment, newestByName } from '../log/plan-log.ts';

type Newest = Pick<ArchivedSegment, 'name' | 'file'>;

/** What is known of a replay before it ends. For a recovery to the end of the backup only the log until there is looked at. */
export function notReached(target: RecoveryTarget, newest: Newest | undefined): Replayed {
  return {
    summary: `${describeTarget(target)}, which was not reached`,
    recoverableUntil: 'unknown',
    ...(newest && target.kind !== 'backup-end' ? describeNewest(newest) : {}),
  };
}

/** What is known of a replay before it begins, from the names of the log's files. */
export function describeLog(target: RecoveryTarget, { files }: Pick<LogArchive, 'files'>): Replayed {
  return notReached(target, newestByName(files));
}

export function describeNewest({ name, file }: Newest): Pick<Replayed, 'logEndsWith' | 'logStoredAt'> {
  return { logEndsWith: name, logStoredAt: file.modifiedAt };
}
