import type { Schedule } from '../config/drill-file.ts';
import type { DrillState, ScheduleRecord } from '../record/schedule-store.ts';

/**
 * The schedules of a drill, ending with the current one.
 * @param since when the current one was first seen.
 * @param seenUntil when a scheduler last saw the previous one; undefined: unknown, so it is only known to have applied at its first instant.
 * @returns undefined if the current one is already recorded.
 */
export function addSchedule(
  { schedules }: Pick<DrillState, 'schedules'>,
  schedule: Schedule | undefined,
  since: Date,
  seenUntil: Date | undefined,
): readonly ScheduleRecord[] | undefined {
  const last = schedules.at(-1);
  const cron = schedule?.cron;
  const present = { cron, timezone: cron === undefined ? undefined : schedule?.timezone };
  const onNewBackup = schedule?.onNewBackup !== undefined;
  const applies = last && !last.knownUntil;
  if (applies && last.cron === cron && last.timezone === present.timezone && last.onNewBackup === onNewBackup)
    return undefined;
  const record = { since, knownUntil: undefined, ...present, onNewBackup };
  return [...(endSchedule({ schedules }, since, seenUntil) ?? schedules), record];
}

/**
 * The schedules of a drill that was removed: none applies until the drill is back, however long that takes.
 * @param seenUntil as for {@link addSchedule}.
 * @returns undefined if it is already recorded that none applies.
 */
export function endSchedule(
  { schedules }: Pick<DrillState, 'schedules'>,
  now: Date,
  seenUntil: Date | undefined,
): readonly ScheduleRecord[] | undefined {
  const last = schedules.at(-1);
  if (!last || last.knownUntil) return undefined;
  return [...schedules.slice(0, -1), { ...last, knownUntil: clamp(seenUntil, last.since, now) }];
}

/** @returns the schedule that applied at an instant; undefined when it is not on record. */
export function scheduleAt({ schedules }: Pick<DrillState, 'schedules'>, at: Date): ScheduleRecord | undefined {
  const record = schedules.findLast(({ since }) => since <= at);
  return record && (!record.knownUntil || at <= record.knownUntil) ? record : undefined;
}

function clamp(at: Date | undefined, from: Date, to: Date): Date {
  if (!at || at < from) return from;
  return at > to ? to : at;
}
