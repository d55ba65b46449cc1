import type { Replayed } from '../../engine.ts';
import { describeTarget } from '../../event-words.ts';
import type { LogArchive, RecoveryTarget } from '../../format.ts';
import { type ArchivedSegment, newestByName } from '../log/plan-log.ts';

type Newest = Pick<ArchivedSegment, 'name' | 'file'>;

/** What is known about a replay before it ends. A recovery to the end of the backup only considers the log up to there. */
export function notReached(target: RecoveryTarget, newest: Newest | undefined): Replayed {
  return {
    summary: `${describeTarget(target)}, which was not reached`,
    recoverableUntil: 'unknown',
    ...(newest && target.kind !== 'backup-end' ? describeNewest(newest) : {}),
  };
}

/** What is known about a replay before it starts, from the names of the log files. */
export function describeLog(target: RecoveryTarget, { files }: Pick<LogArchive, 'files'>): Replayed {
  return notReached(target, newestByName(files));
}

export function describeNewest({ name, file }: Newest): Pick<Replayed, 'logEndsWith' | 'logStoredAt'> {
  return { logEndsWith: name, logStoredAt: file.modifiedAt };
}
