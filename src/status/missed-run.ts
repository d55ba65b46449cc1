import type { Schedule } from '../config/drill-file.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { ScheduleRecord, SkipRecord } from '../record/schedule-store.ts';
import { scheduleHash } from '../schedule/schedule-hash.ts';
import { openTimeZone, toWallMs } from '../schedule/time-zone.ts';
import { type CronSchedule, type Due, makeTimetable, nextStart, type Timetable } from '../schedule/timetable.ts';
import { formatWallTime } from '../support/instants.ts';

export interface Missed {
  readonly dueAt: Date;
  readonly since: string;
  readonly reason: string;
}

export const BY_EARLIER = ' by an earlier schedule';

/** What else counts as serving a run that was due, apart from a completed run. */
export interface Served {
  /** Runs that were interrupted or canceled, oldest first: each counts for the due run that it was started for in time. */
  readonly cutOff: readonly RunRecord[];
  /** Runs that a scheduler skipped. Those skipped because of freezes and pauses were never due, even if the current configuration says otherwise. */
  readonly skips?: readonly SkipRecord[] | undefined;
}

/** The first run due after an instant that nothing has served. */
export function nextUnserved(timetable: Timetable, after: Date, { cutOff, skips = [] }: Served): Due | undefined {
  const frozen = skips.filter(({ kind }) => kind === 'freeze');
  const next = (from: Date) => nextUnfrozen(timetable, from, frozen);
  let due = next(after);
  for (const { startedAt, endedAt } of cutOff) {
    if (!due || !endedAt || endedAt <= due.at) continue;
    const isInTime = startedAt.getTime() - due.at.getTime() <= timetable.schedule.overdueAfterMs;
    if (isInTime) due = next(endedAt);
  }
  return due;
}

function nextUnfrozen(timetable: Timetable, after: Date, frozen: readonly SkipRecord[]): Due | undefined {
  for (let due = nextStart(timetable, after); due; due = nextStart(timetable, due.at)) {
    const { at, dueAt } = due; // a run that is blocked is recorded without its jitter
    const isFrozen = frozen.some(({ first, last }) => [at, dueAt].some((one) => first <= one && one <= last));
    if (!isFrozen) return due;
  }
  return undefined;
}

/**
 * The first run that was due while the schedule applied and was overdue when the schedule was last seen. Uses the current jitter, windows and freezes.
 * @param ranUntil when the newest run that served it ended. @param served as for {@link nextUnserved}.
 */
export function missedIn(
  { since, knownUntil, cron, timezone }: ScheduleRecord,
  name: string,
  present: Schedule,
  ranUntil: Date | undefined,
  served: Served,
): Missed | undefined {
  if (cron === undefined || timezone === undefined || !knownUntil) return undefined;
  const schedule = { ...present, cron, timezone };
  const after = latestOf([ranUntil, since]) ?? since;
  const due = nextUnserved(makeTimetable(name, schedule), after, served);
  if (!due || knownUntil.getTime() - due.at.getTime() <= present.overdueAfterMs) return undefined;
  return { dueAt: due.at, since: showInstant(due.at, schedule), reason: BY_EARLIER };
}

/** Runs interrupted or canceled after that one, oldest first. */
export function cutOffSince(runs: readonly RunRecord[], last: RunRecord | undefined): readonly RunRecord[] {
  return (last ? runs.slice(0, runs.indexOf(last)) : runs).toReversed();
}

/** Pages and metrics query the same drills all the time, and parsing a schedule takes longer than everything else. */
const known = new WeakMap<Schedule, { readonly name: string; readonly hash: string; readonly timetable: Timetable }>();

export function readOnce(
  name: string,
  schedule: CronSchedule,
): { readonly hash: string; readonly timetable: Timetable } {
  let read = known.get(schedule);
  if (read?.name !== name) {
    read = { name, hash: scheduleHash(schedule), timetable: makeTimetable(name, schedule) };
    known.set(schedule, read);
  }
  return read;
}

export function showInstant(at: Date, { timezone }: Schedule): string {
  return `${formatWallTime(toWallMs(openTimeZone(timezone), at.getTime()))} ${timezone}`;
}

export function latestOf(instants: readonly (Date | undefined)[]): Date | undefined {
  return instants.reduce((latest, at) => (at && (!latest || at > latest) ? at : latest), undefined);
}
