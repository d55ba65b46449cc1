import type { Schedule } from '../../src/config/drill-file.ts';
import { type CronSchedule, makeTimetable, type Timetable } from '../../src/schedule/timetable.ts';

/** The timetable of a drill named orders. */
export function timetableOf(cron: string, timezone = 'UTC', changes: Partial<CronSchedule> = {}): Timetable {
  return makeTimetable('orders', { ...scheduleOf({ timezone, ...changes }), cron, ...changes });
}

/** After each new backup, unless `changes` say otherwise. */
export function scheduleOf(changes: Partial<Schedule> = {}): Schedule {
  return {
    cron: undefined,
    onNewBackup: { pollMs: 300_000 },
    timezone: 'UTC',
    missed: 'run-once',
    jitterMs: 0,
    notDuring: [],
    freezes: [],
    overdueAfterMs: 900_000,
    ...changes,
  };
}

export const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
export const MONDAY_TO_FRIDAY = [1, 2, 3, 4, 5];
