import type { Schedule } from '../../src/config/drill-file.ts';
import { makeTimetable, type Timetable } from '../../src/schedule/timetable.ts';

/** The timetable of a drill named orders. */
export function timetableOf(cron: string, timezone = 'UTC', changes: Partial<Schedule> = {}): Timetable {
  return makeTimetable('orders', {
    cron,
    timezone,
    missed: 'run-once',
    jitterMs: 0,
    notDuring: [],
    freezes: [],
    ...changes,
  });
}

export const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
export const MONDAY_TO_FRIDAY = [1, 2, 3, 4, 5];
