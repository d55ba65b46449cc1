import { hasDrilled } from '../backup/selection/drilled-backup.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { SeenBackup, SkipRecord } from '../record/schedule-store.ts';
import { hasCron, makeRestrictions } from '../schedule/timetable.ts';
import { firstFree } from '../schedule/windows.ts';
import { toPrintable } from '../support/printable.ts';
import { formatAge } from '../support/quantities.ts';
import {
  BY_EARLIER,
  cutOffSince,
  latestOf,
  type Missed,
  missedIn,
  nextUnserved,
  readOnce,
  showInstant,
} from './missed-run.ts';
import type { StandingDrill, StandingFacts } from './standing-facts.ts';
import { waitingBackup } from './waiting-backup.ts';

export interface Overdue {
  /** When the run should have started. */
  readonly dueAt: Date;
  /** `21 Nov 2026, 03:30 Europe/Berlin`. */
  readonly since: string;
  /** `was due 21 Nov 2026, 03:30 Europe/Berlin, 9 h ago; waits for memory: …`. */
  readonly sentence: string;
}

/**
 * The first run that was due after the newest run ended, or after the schedule was first seen, and that has not started within `overdueAfter`. A drill that was
 * overdue when its schedule was edited stays overdue until it has run. Runs blocked by a window or a freeze were never due, nor were those that a scheduler
 * skipped because of a freeze or a pause. Nothing is overdue while a run is in progress. A run that was interrupted or canceled does not count unless it
 * started in time, and a newer backup does not reset the wait of an earlier one.
 * @returns undefined also when it is unknown since when this schedule applies: then nothing is known to be missed.
 */
export function findOverdue(drill: StandingDrill, facts: StandingFacts, now: Date): Overdue | undefined {
  const { schedule } = drill;
  if (!schedule || facts.runs.some((run) => run.status === 'running')) return undefined;
  const found = [findMissedEarlier(drill, facts), findMissedTime(drill, facts), findMissedBackup(drill, facts)]
    .filter((missed) => missed !== undefined)
    .filter(({ dueAt }) => now.getTime() - dueAt.getTime() > schedule.overdueAfterMs)
    .toSorted((a, b) => a.dueAt.getTime() - b.dueAt.getTime());
  const [first] = found;
  if (!first) return undefined;
  const age = formatAge(now.getTime() - first.dueAt.getTime());
  const { dueAt, since, reason } = first;
  return { dueAt, since, sentence: `was due ${since}${reason}, ${age} ago; ${explain(drill, facts, first)}` };
}

/** A run that was overdue when the schedule was edited stays overdue until a run has ended since. */
function findMissedEarlier(
  { name, schedule }: StandingDrill,
  { runs, state, skips }: StandingFacts,
): Missed | undefined {
  if (!schedule || !state) return undefined;
  const lastRun = runs.find(({ status }) => status !== 'interrupted');
  const ranUntil = lastRun?.endedAt;
  for (const record of state.schedules) {
    if (ranUntil && record.knownUntil && record.knownUntil <= ranUntil) continue;
    const missed = missedIn(record, name, schedule, ranUntil, { cutOff: cutOffSince(runs, lastRun), skips });
    if (missed) return missed;
  }
  return undefined;
}

function findMissedTime({ name, schedule }: StandingDrill, { runs, state, skips }: StandingFacts): Missed | undefined {
  if (!schedule || !hasCron(schedule)) return undefined;
  // The scheduler has not seen the current schedule yet, so it is unknown since when it applies.
  const { hash, timetable } = readOnce(name, schedule);
  if (state?.scheduleHash !== undefined && state.scheduleHash !== hash) return undefined;
  const lastRun = runs.find(({ status }) => status !== 'interrupted');
  const since = latestOf([lastRun?.endedAt, state?.scheduledSince]) ?? runs.at(-1)?.endedAt;
  if (!since) return undefined;
  const due = nextUnserved(timetable, since, { cutOff: cutOffSince(runs, lastRun), skips });
  if (!due) return undefined;
  return { dueAt: due.at, since: showInstant(due.at, schedule), reason: '' };
}

function findMissedBackup({ schedule }: StandingDrill, { runs, state, skips = [] }: StandingFacts): Missed | undefined {
  const backup = waitingBackup(schedule, state);
  if (!schedule || !backup || runs.some((run) => hasDrilled(run, backup))) return undefined;
  const dueAt = firstFree(makeRestrictions(schedule), waitingSince(backup, runs, skips));
  if (!dueAt) return undefined;
  return { dueAt, since: showInstant(dueAt, schedule), reason: ` for the new backup ${toPrintable(backup.key)}` };
}

/** When the first backup after the newest run was seen, even if others have replaced it since. */
function waitingSince(backup: SeenBackup, runs: readonly RunRecord[], skips: readonly SkipRecord[]): Date {
  const after = runs.find(({ status }) => status !== 'interrupted')?.startedAt ?? new Date(0);
  const superseded = skips.filter(({ kind, recordedAt }) => kind === 'superseded' && recordedAt > after);
  const seen = [backup.firstSeenAt ?? backup.seenAt, ...superseded.map(({ first }) => first)];
  return new Date(Math.min(...seen.map((at) => at.getTime())));
}

function explain({ schedule }: StandingDrill, facts: StandingFacts, { dueAt, reason }: Missed): string {
  const { state, schedulerSilence } = facts;
  if (schedulerSilence !== undefined) return schedulerSilence;
  if (state?.waitsFor !== undefined) return `waits ${toPrintable(state.waitsFor)}`;
  if (reason === BY_EARLIER) return 'it has not run since its schedule was changed';
  if (schedule?.missed === 'skip' && state?.handledUntil && state.handledUntil >= dueAt)
    return 'it was missed and will not be caught up (missed: skip)';
  return 'nothing started it: is the scheduler running?';
}
