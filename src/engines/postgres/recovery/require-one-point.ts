import { DrillError } from '../../../support/errors.ts';
import { formatExactInstant } from '../../../support/instants.ts';
import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { LogArchive, RecoveryTarget } from '../../format.ts';
import type { OpenLog } from '../log/open-log.ts';
import { findRestorePoints, type RestorePoint } from '../log/restore-points.ts';

const MAX_LISTED = 5;
/** How much of the log after the point is searched for another one, in bytes: a recovery must not wait until terabytes have been read. */
const MAX_SEARCHED_BYTES = 1024 ** 3;

/**
 * Refuses the name of several restore points within 1 GiB of the log: a server stops at the first after the backup without a word, and the last one is as likely to be meant.
 * @param stoppedAt the record after which the server stopped.
 * @throws DrillError `target-ambiguous`, what reading the archive throws.
 */
export async function requireOnePoint(
  target: RecoveryTarget,
  stoppedAt: string | undefined,
  { log, archive }: { readonly log: OpenLog | undefined; readonly archive: LogArchive | undefined },
  signal: AbortSignal,
): Promise<void> {
  if (target.kind !== 'position' || !('name' in target.at) || stoppedAt === undefined || !log || !archive) return;
  const { name } = target.at;
  const { segmentBytes, plan } = log;
  const points = await findRestorePoints(
    { archive, segments: plan.segments, segmentBytes, from: stoppedAt, maxBytes: MAX_SEARCHED_BYTES },
    name,
    signal,
  );
  if (points.length < 2) return;
  throw new DrillError(
    'target-ambiguous',
    `the log since the backup has ${formatCount(points.length)} restore points called ${toPrintable(name)}`,
    {
      hint: `Name the position of the one to recover to, such as \`--to lsn=${points.at(-1)?.lsn}\` for the last one.`,
      details: points.slice(-MAX_LISTED).map(describePoint),
    },
  );
}

function describePoint({ lsn, createdAt }: RestorePoint): string {
  return `created ${formatExactInstant(createdAt)}, at ${lsn}`;
}
