import { hasDrilled } from '../backup/selection/drilled-backup.ts';
import type { Schedule } from '../config/drill-file.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { SeenBackup, SkipRecord } from '../record/schedule-store.ts';
import { scheduleHash } from '../schedule/schedule-hash.ts';
import { openTimeZone, toWallMs } from '../schedule/time-zone.ts';
import {
  type CronSchedule,
  hasCron,
  makeRestrictions,
  makeTimetable,
  nextStart,
  type Timetable,
} from '../schedule/timetable.ts';
import { formatWall } from '../schedule/wall-clock.ts';
import { firstFree } from '../schedule/windows.ts';
import { toPrintable } from '../support/printable.ts';
import { formatAge } from '../support/quantities.ts';
import type { StandingDrill, StandingFacts } from './standing-facts.ts';
import { waitingBackup } from './waiting-backup.ts';

export interface Overdue {
  /** When the run should have started. */
  readonly dueAt: Date;
  /** `2026-11-21 03:30 Europe/Berlin`. */
  readonly since: string;
  /** `was due 2026-11-21 03:30 Europe/Berlin, 9 h ago; waits for memory: …`. */
  readonly sentence: string;
}

/**
 * The first run that was due after the newest run ended, or after the schedule was first seen, and that has not started within `overdueAfter`.
 * Runs blocked by a window or a freeze were never due, and nothing is overdue while a run is in progress. A run that was interrupted or canceled
 * does not count unless it started in time, and a newer backup does not end the wait of an earlier one.
 * @returns undefined also when it is unknown since when this schedule applies: then nothing is known to be missed.
 */
export function findOverdue(drill: StandingDrill, facts: StandingFacts, now: Date): Overdue | undefined {
  const { schedule } = drill;
  if (!schedule || facts.runs.some((run) => run.status === 'running')) return undefined;
  const found = [findMissedTime(drill, facts), findMissedBackup(drill, facts)]
    .filter((missed) => missed !== undefined)
    .filter(({ dueAt }) => now.getTime() - dueAt.getTime() > schedule.overdueAfterMs)
    .toSorted((a, b) => a.dueAt.getTime() - b.dueAt.getTime());
  const [first] = found;
  if (!first) return undefined;
  const age = formatAge(now.getTime() - first.dueAt.getTime());
  const { dueAt, since, reason } = first;
  return { dueAt, since, sentence: `was due ${since}${reason}, ${age} ago; ${explain(drill, facts, dueAt)}` };
}

/** What is known about a drill's schedule at a past instant. */
export type OverdueThen =
  /** The schedule at that time is not on record: it was first seen later, it has changed since, or there is none now. */
  | { readonly known: false }
  | { readonly known: true; readonly dueAt: Date; readonly since: string }
  | { readonly known: true; readonly dueAt: undefined };

/**
 * Whether the drill was overdue at a past instant. Known only if the present schedule already applied then, as recorded by the scheduler.
 * Windows and freezes are taken as they are now; new backups of that time are not on record.
 * @param ranUntil when the newest run that had started by then ended; undefined: there was none.
 */
export function findOverdueThen(
  { name, schedule }: Pick<StandingDrill, 'name' | 'schedule'>,
  state: StandingFacts['state'],
  ranUntil: Date | undefined,
  then: Date,
): OverdueThen {
  if (!schedule || !hasCron(schedule) || !state?.scheduledSince || state.scheduledSince > then) return { known: false };
  const { hash, timetable } = readOnce(name, schedule);
  if (state.scheduleHash !== hash) return { known: false };
  const due = nextStart(timetable, latestOf([ranUntil, state.scheduledSince]) ?? state.scheduledSince);
  if (!due || then.getTime() - due.at.getTime() <= schedule.overdueAfterMs) return { known: true, dueAt: undefined };
  return { known: true, dueAt: due.at, since: showInstant(due.at, schedule) };
}

interface Missed {
  readonly dueAt: Date;
  readonly since: string;
  readonly reason: string;
}

function findMissedTime({ name, schedule }: StandingDrill, { runs, state }: StandingFacts): Missed | undefined {
  if (!schedule || !hasCron(schedule)) return undefined;
  // The scheduler has not seen the current schedule yet, so it is unknown since when it applies.
  const { hash, timetable } = readOnce(name, schedule);
  if (state?.scheduleHash !== undefined && state.scheduleHash !== hash) return undefined;
  const lastRun = runs.find(({ status }) => status !== 'interrupted');
  const since = latestOf([lastRun?.endedAt, state?.scheduledSince]) ?? runs.at(-1)?.endedAt;
  if (!since) return undefined;
  let due = nextStart(timetable, since);
  for (const { startedAt, endedAt } of cutOffSince(runs, lastRun)) {
    if (!due || !endedAt || endedAt <= due.at) continue;
    const isInTime = startedAt.getTime() - due.at.getTime() <= schedule.overdueAfterMs;
    if (isInTime) due = nextStart(timetable, endedAt);
  }
  if (!due) return undefined;
  return { dueAt: due.at, since: showInstant(due.at, schedule), reason: '' };
}

/** Runs interrupted or canceled after that one, oldest first. */
function cutOffSince(runs: readonly RunRecord[], last: RunRecord | undefined): readonly RunRecord[] {
  return (last ? runs.slice(0, runs.indexOf(last)) : runs).toReversed();
}

/** Pages and metrics ask about the same drills all the time, and parsing a schedule takes longer than everything else. */
const known = new WeakMap<Schedule, { readonly name: string; readonly hash: string; readonly timetable: Timetable }>();

function readOnce(name: string, schedule: CronSchedule): { readonly hash: string; readonly timetable: Timetable } {
  let read = known.get(schedule);
  if (read?.name !== name) {
    read = { name, hash: scheduleHash(schedule), timetable: makeTimetable(name, schedule) };
    known.set(schedule, read);
  }
  return read;
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

function showInstant(at: Date, { timezone }: Schedule): string {
  return `${formatWall(toWallMs(openTimeZone(timezone), at.getTime()))} ${timezone}`;
}

function explain({ schedule }: StandingDrill, facts: StandingFacts, dueAt: Date): string {
  const { state, schedulerSilence } = facts;
  if (schedulerSilence !== undefined) return schedulerSilence;
  if (state?.waitsFor !== undefined) return `waits ${toPrintable(state.waitsFor)}`;
  if (schedule?.missed === 'skip' && state?.handledUntil && state.handledUntil >= dueAt)
    return 'it was missed, and is not caught up (missed: skip)';
  return 'nothing started it: is the scheduler running?';
}

function latestOf(instants: readonly (Date | undefined)[]): Date | undefined {
  return instants.reduce((latest, at) => (at && (!latest || at > latest) ? at : latest), undefined);
}
