import type { Schedule } from '../config/drill-file.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { ScheduleRecord } from '../record/schedule-store.ts';
import { scheduleHash } from '../schedule/schedule-hash.ts';
import { openTimeZone, toWallMs } from '../schedule/time-zone.ts';
import { type CronSchedule, type Due, makeTimetable, nextStart, type Timetable } from '../schedule/timetable.ts';
import { formatWall } from '../schedule/wall-clock.ts';

export interface Missed {
  readonly dueAt: Date;
  readonly since: string;
  readonly reason: string;
}

export const BY_EARLIER = ' by an earlier schedule';

/** The first run due after an instant. One that was interrupted or canceled counts for a run that it started in time for. @param cutOff such runs, oldest first. */
export function nextUnserved(timetable: Timetable, after: Date, cutOff: readonly RunRecord[]): Due | undefined {
  let due = nextStart(timetable, after);
  for (const { startedAt, endedAt } of cutOff) {
    if (!due || !endedAt || endedAt <= due.at) continue;
    const isInTime = startedAt.getTime() - due.at.getTime() <= timetable.schedule.overdueAfterMs;
    if (isInTime) due = nextStart(timetable, endedAt);
  }
  return due;
}

/**
 * The first run that was due while the schedule applied and was overdue when it was last seen. Jitter, windows and freezes are taken as they are now.
 * @param ranUntil when the newest run ended that served it. @param cutOff as for {@link nextUnserved}.
 */
export function missedIn(
  { since, knownUntil, cron, timezone }: ScheduleRecord,
  name: string,
  present: Schedule,
  ranUntil: Date | undefined,
  cutOff: readonly RunRecord[],
): Missed | undefined {
  if (cron === undefined || timezone === undefined || !knownUntil) return undefined;
  const schedule = { ...present, cron, timezone };
  const after = latestOf([ranUntil, since]) ?? since;
  const due = nextUnserved(makeTimetable(name, schedule), after, cutOff);
  if (!due || knownUntil.getTime() - due.at.getTime() <= present.overdueAfterMs) return undefined;
  return { dueAt: due.at, since: showInstant(due.at, schedule), reason: BY_EARLIER };
}

/** Runs interrupted or canceled after that one, oldest first. */
export function cutOffSince(runs: readonly RunRecord[], last: RunRecord | undefined): readonly RunRecord[] {
  return (last ? runs.slice(0, runs.indexOf(last)) : runs).toReversed();
}

/** Pages and metrics ask about the same drills all the time, and parsing a schedule takes longer than everything else. */
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
  return `${formatWall(toWallMs(openTimeZone(timezone), at.getTime()))} ${timezone}`;
}

export function latestOf(instants: readonly (Date | undefined)[]): Date | undefined {
  return instants.reduce((latest, at) => (at && (!latest || at > latest) ? at : latest), undefined);
}
