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
 * newest backup too old already then, or none at all. What came since that look is not known, and no reason for an alarm.
 */
export function findBackupsStopped(drill: StandingDrill, facts: StandingFacts, now: Date): BackupsStopped | undefined {
  const rpoMs = drill.objectives.rpoMs;
  const seen = facts.state?.newestBackup;
  if (rpoMs === undefined || !seen) return undefined;
  const takenAt = newestTakenAt(facts) ?? seen.takenAt;
  const ageMs = now.getTime() - takenAt.getTime();
  const told = `taken ${formatAge(ageMs)} ago, objective ${formatDuration(rpoMs)}`;
  const since = new Date(takenAt.getTime() + rpoMs);
  if (foundNone(facts)) {
    if (ageMs <= rpoMs) return undefined; // it may be in the middle of being replaced
    return { since, sentence: `no new backup: none is there, the last one was ${toPrintable(seen.key)}, ${told}` };
  }
  const isFresh = now.getTime() - seen.seenAt.getTime() <= Math.max(LOOK_HOLDS_MS, rpoMs / 2);
  if (!isFresh || seen.seenAt.getTime() - takenAt.getTime() <= rpoMs) return undefined;
  return { since, sentence: `no new backup: ${toPrintable(seen.key)} is the newest, ${told}` };
}

/** Whether the last look met an empty source. When that was is not kept: it holds while a scheduler looks again and again. */
function foundNone({ state, schedulerSilence }: StandingFacts): boolean {
  return schedulerSilence === undefined && state?.lookError?.startsWith('backup-missing:') === true;
}

/** When the newest backup that anybody has seen was taken: by a look at the source, or by one of the runs. */
export function newestTakenAt({ runs, state }: Pick<StandingFacts, 'runs' | 'state'>): Date | undefined {
  const newestRun = runs.find((run) => run.backup !== undefined)?.backup;
  const known = [state?.newestBackup?.takenAt, newestRun?.newestTakenAt ?? newestRun?.takenAt];
  return known.reduce((newest, at) => (at && (!newest || at > newest) ? at : newest), undefined);
}
