import { formatExactInstant } from '../support/instants.ts';
import { formatDuration } from '../support/quantities.ts';
import type { ArchiveRecord, ReplayRecord } from './run-record.ts';

type Commit = NonNullable<ReplayRecord['lastCommit']>;

/** `to just before …; last commit replayed: transaction 754 of 27 Nov 2026, 03:10:00.250 UTC (0/3067A70); first not replayed: 755 at …`. */
export function describeReplay({ to, end, lastCommit, firstLost, isWholeLog }: ReplayRecord): string {
  const next = isWholeLog
    ? 'the whole log was replayed'
    : `first not replayed: ${firstLost ? describeCommit(firstLost) : 'unknown'}`;
  const parts = [to, ...(end === undefined ? [] : [`ended at ${end}`])];
  return [...parts, `last commit replayed: ${lastCommit ? describeCommit(lastCommit) : 'none'}`, next].join('; ');
}

function describeCommit({ transaction, at, position }: Commit): string {
  const which = transaction === undefined ? '' : `transaction ${transaction} of `;
  return `${which}${formatExactInstant(at)}${position === undefined ? '' : ` (${position})`}`;
}

/** `ends with 000000010000000000000007, stored 2 min 3 s before the run started`. */
export function describeArchive({ newest, lagMs }: ArchiveRecord): string {
  const stored = lagMs === undefined ? '' : `, stored ${formatDuration(lagMs)} before the run started`;
  return `ends with ${newest}${stored}`;
}
