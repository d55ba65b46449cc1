import { toPrintable } from '../support/printable.ts';
import { formatAge, formatDuration } from '../support/quantities.ts';
import type { StandingDrill, StandingFacts } from './standing-facts.ts';

export interface BackupsStopped {
  /** When the newest backup became older than the RPO. */
  readonly since: Date;
  /** `no new backup: orders-2026-11-19.dump is the newest, taken 33 h ago, objective 26 h`. */
  readonly sentence: string;
}

/** A look at the source tells of backups that stopped coming for that long, or for half the RPO, whichever is longer. */
const LOOK_HOLDS_MS = 2 * 3_600_000;

/**
 * Backups that stopped coming, whatever the last run said. Only a look at the source can say so: it must have been made not long ago, and have found the
 * newest backup too old already then. What came since that look is not known, and no reason for an alarm.
 */
export function findBackupsStopped(drill: StandingDrill, facts: StandingFacts, now: Date): BackupsStopped | undefined {
  const rpoMs = drill.objectives.rpoMs;
  const seen = facts.state?.newestBackup;
  if (rpoMs === undefined || !seen) return undefined;
  if (now.getTime() - seen.seenAt.getTime() > Math.max(LOOK_HOLDS_MS, rpoMs / 2)) return undefined;
  const takenAt = newestTakenAt(facts) ?? seen.takenAt;
  if (seen.seenAt.getTime() - takenAt.getTime() <= rpoMs) return undefined;
  const age = formatAge(now.getTime() - takenAt.getTime());
  const sentence = `no new backup: ${toPrintable(seen.key)} is the newest, taken ${age} ago, objective ${formatDuration(rpoMs)}`;
  return { since: new Date(takenAt.getTime() + rpoMs), sentence };
}

/** When the newest backup that anybody has seen was taken: by a look at the source, or by one of the runs. */
export function newestTakenAt({ runs, state }: Pick<StandingFacts, 'runs' | 'state'>): Date | undefined {
  const newestRun = runs.find((run) => run.backup !== undefined)?.backup;
  const known = [state?.newestBackup?.takenAt, newestRun?.newestTakenAt ?? newestRun?.takenAt];
  return known.reduce((newest, at) => (at && (!newest || at > newest) ? at : newest), undefined);
}
