import { reviewSchedule } from '../schedule/review.ts';
import { DAY_MS, formatWall, MINUTE_MS, parseWall } from '../schedule/wall-clock.ts';
import { parseDurationMs } from '../support/quantities.ts';
import type { Freeze, Schedule, TimeWindow } from './drill-file.ts';
import type { DrillFile } from './drill-schema.ts';
import type { ScheduleFile } from './schedule-schema.ts';
import { parseDays, parseMinute } from './time-texts.ts';

type Detailed = Exclude<ScheduleFile, string>;
type WindowFile = Exclude<Detailed['notDuring'], readonly unknown[]>;
type FreezeFile = Exclude<Detailed['freeze'], readonly unknown[]>;

const DEFAULT_POLL_MS = 5 * MINUTE_MS;
const DEFAULT_OVERDUE_AFTER_MS = 15 * MINUTE_MS;

/**
 * `schedule:` with the `timezone:` next to it, defaults filled in. Reports problems that only appear when the parts are combined.
 * @returns undefined for a drill that is only started manually.
 */
export function resolveSchedule(
  { schedule: file, timezone }: Pick<DrillFile, 'schedule' | 'timezone'>,
  report: (path: readonly PropertyKey[], message: string) => void,
): Schedule | undefined {
  if (file === undefined) return undefined;
  const detailed: Detailed = typeof file === 'string' ? { cron: file, notDuring: [], freeze: [] } : file;
  if (detailed.timezone !== undefined && timezone !== undefined)
    report(['schedule', 'timezone'], 'is also set next to schedule; keep one');
  const schedule: Schedule = {
    cron: detailed.cron?.trim(),
    onNewBackup: detailed.on && { pollMs: toMs(detailed.poll, DEFAULT_POLL_MS) },
    timezone: detailed.timezone ?? timezone ?? 'UTC',
    missed: detailed.missed ?? 'run-once',
    jitterMs: toMs(detailed.jitter, 0),
    notDuring: [detailed.notDuring].flat().map(toWindow),
    freezes: [detailed.freeze].flat().map(toFreeze),
    overdueAfterMs: toMs(detailed.overdueAfter, DEFAULT_OVERDUE_AFTER_MS),
  };
  for (const { key, message } of reviewSchedule(schedule)) report(['schedule', key], message);
  return schedule;
}

/** The schema has checked that the text is a duration. */
function toMs(text: string | undefined, defaultMs: number): number {
  return text === undefined ? defaultMs : (parseDurationMs(text) ?? Number.NaN);
}

function toWindow({ days, from, to }: WindowFile): TimeWindow {
  const parsed = days === undefined ? { days: [0, 1, 2, 3, 4, 5, 6] } : parseDays(days);
  return {
    days: 'days' in parsed ? parsed.days : [],
    fromMinute: parseMinute(from ?? '00:00') ?? Number.NaN,
    toMinute: parseMinute(to ?? '24:00') ?? Number.NaN,
  };
}

function toFreeze({ from, until }: FreezeFile): Freeze {
  const ends = parseWall(until);
  const endMs = (ends?.wallMs ?? Number.NaN) + (ends?.isDay ? DAY_MS : 0); // a freeze includes the whole of its last day
  return {
    from: from === undefined ? undefined : formatWall(parseWall(from)?.wallMs ?? Number.NaN),
    until: formatWall(endMs),
  };
}
