import { toPrintable } from '../support/printable.ts';
import { formatAge, formatDuration } from '../support/quantities.ts';
import type { StandingDrill, StandingFacts } from './standing-facts.ts';

export interface BackupsStopped {
  /** When the newest backup became older than the RPO. */
  readonly since: Date;
  /** `no new backup: orders-2026-11-19.dump is the newest, taken 33 h ago, objective 26 h`. */
  readonly sentence: string;
}

/** How long a poll remains valid as evidence that backups stopped; half the RPO if that is longer. */
const LOOK_HOLDS_MS = 2 * 3_600_000;

/**
 * Whether backups stopped arriving, whatever the result of the last run. Only a poll of the source can show it: a recent one that found the newest backup
 * already too old, or no backup at all. What arrived since that poll is unknown, and not a reason for an alert.
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
    if (ageMs <= rpoMs) return undefined; // the backup may be in the middle of being replaced
    return { since, sentence: `no new backup: none is there, the last one was ${toPrintable(seen.key)}, ${told}` };
  }
  const isFresh = now.getTime() - seen.seenAt.getTime() <= Math.max(LOOK_HOLDS_MS, rpoMs / 2);
  if (!isFresh || seen.seenAt.getTime() - takenAt.getTime() <= rpoMs) return undefined;
  return { since, sentence: `no new backup: ${toPrintable(seen.key)} is the newest, ${told}` };
}

/** Whether the last poll found an empty source. The time of that poll is not stored; the result is valid as long as a scheduler keeps polling. */
function foundNone({ state, schedulerSilence }: StandingFacts): boolean {
  return schedulerSilence === undefined && state?.pollError?.code === 'backup-missing';
}

/** When the newest known backup was taken, from a poll of the source or one of the runs. */
export function newestTakenAt({ runs, state }: Pick<StandingFacts, 'runs' | 'state'>): Date | undefined {
  const newestRun = runs.find((run) => run.backup !== undefined)?.backup;
  const known = [state?.newestBackup?.takenAt, newestRun?.newestTakenAt ?? newestRun?.takenAt];
  return known.reduce((newest, at) => (at && (!newest || at > newest) ? at : newest), undefined);
}
