import type { Schedule } from '../config/drill-file.ts';
import { type CronFields, readCron } from './cron-fields.ts';
import { jitterOfMs } from './jitter.ts';
import { nextOccurrenceMs } from './occurrences.ts';
import { openTimeZone, toWallMs } from './time-zone.ts';
import { matchesWall } from './wall-clock.ts';
import { type Block, findBlock, type Restrictions, toFrozenSpan, toPausedSpan } from './windows.ts';

/** A schedule with times. One that runs only after new backups has no timetable: see {@link makeRestrictions}. */
export type CronSchedule = Schedule & { readonly cron: string };

export function hasCron(schedule: Schedule): schedule is CronSchedule {
  return schedule.cron !== undefined;
}

/** A drill's parsed schedule. Create it once and reuse it. */
export interface Timetable extends Restrictions {
  readonly drill: string;
  readonly schedule: CronSchedule;
  readonly fields: CronFields;
}

/** A run that is due by a schedule, blocked or not. */
export interface Due {
  /** When it starts: `dueAt` plus the jitter. */
  readonly at: Date;
  /** The time in the cron expression. */
  readonly dueAt: Date;
  /** What blocks it from starting then, if anything. */
  readonly blocked: Block | undefined;
}

/**
 * @param drill its name, which determines the jitter.
 * @throws RangeError for a schedule that the configuration would have refused.
 */
export function makeTimetable(drill: string, schedule: CronSchedule): Timetable {
  const cron = readCron(schedule.cron);
  if ('problem' in cron)
    throw new RangeError(`${JSON.stringify(schedule.cron)} is not a cron expression: ${cron.problem}`);
  return { drill, schedule, fields: cron.fields, ...makeRestrictions(schedule) };
}

/**
 * When no run of this schedule may start, whatever triggers it; for `findBlock`.
 * @throws RangeError for a zone that the configuration would have refused.
 */
export function makeRestrictions({ timezone, notDuring, freezes, pauses = [] }: Schedule): Restrictions {
  const zone = openTimeZone(timezone);
  const frozen = freezes.map((freeze) => toFrozenSpan(freeze, zone));
  return { zone, notDuring, frozen: [...frozen, ...pauses.map(toPausedSpan)] };
}

/** The last answer for each timetable, and the first instant for which it is known to be valid. Most calls ask the same question again. */
const answers = new WeakMap<Timetable, { readonly fromMs: number; readonly due: Due }>();

/** The first run that starts after an instant, or would start if nothing blocked it. */
export function nextDue(timetable: Timetable, after: Date): Due {
  const afterMs = after.getTime();
  const last = answers.get(timetable);
  if (last && last.fromMs <= afterMs && afterMs < last.due.at.getTime()) return last.due;
  const due = findNextDue(timetable, afterMs);
  answers.set(timetable, { fromMs: afterMs, due });
  return due;
}

function findNextDue(timetable: Timetable, afterMs: number): Due {
  // Jitter can move a run across `after`, and can change the order of runs, by less than its maximum.
  let dueMs = afterMs - timetable.schedule.jitterMs;
  let first: Due | undefined;
  for (;;) {
    dueMs = nextOccurrenceMs(timetable.fields, timetable.zone, dueMs);
    if (first && dueMs >= first.at.getTime()) return first;
    const due = toDue(timetable, dueMs);
    if (due.at.getTime() > afterMs && (!first || due.at < first.at)) first = due;
    if (first && first.at <= due.dueAt) return first;
  }
}

/** The runs that start after `from` and not after `to`, blocked ones included, in order. */
export function* dueBetween(timetable: Timetable, from: Date, to: Date): Generator<Due> {
  for (let due = nextDue(timetable, from); due.at <= to; due = nextDue(timetable, due.at)) yield due;
}

/** Maximum number of consecutive blocked runs to search. A schedule that is always blocked is rejected earlier. */
const MAX_BLOCKED = 100_000;

/** The first run after an instant that nothing blocks; undefined: none was found in the next 100,000. */
export function nextStart(timetable: Timetable, after: Date): Due | undefined {
  let due = nextDue(timetable, after);
  for (let count = 0; due.blocked; count += 1) {
    if (count === MAX_BLOCKED) return undefined;
    // a block no longer holds at the instant when it ends, so search from the millisecond before
    due = nextDue(timetable, new Date(Math.max(due.at.getTime(), due.blocked.until.getTime() - 1)));
  }
  return due;
}

/** Whether a clock change skips the time in the expression, so that the run comes right after the gap. */
export function isMovedByClocks({ fields, zone }: Timetable, { dueAt }: Due): boolean {
  return !matchesWall(fields, toWallMs(zone, dueAt.getTime()));
}

/** Jitter never moves a run into a block: such a run starts without jitter. */
function toDue(timetable: Timetable, dueMs: number): Due {
  const dueAt = new Date(dueMs);
  const blocked = findBlock(timetable, dueMs);
  const jitterMs = blocked ? 0 : jitterOfMs(timetable.drill, dueMs, timetable.schedule.jitterMs);
  const at = jitterMs === 0 || findBlock(timetable, dueMs + jitterMs) ? dueAt : new Date(dueMs + jitterMs);
  return { at, dueAt, blocked };
}
