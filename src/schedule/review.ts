import type { Schedule } from '../config/drill-file.ts';
import { formatDuration } from '../support/quantities.ts';
import { type CronFields, readCron } from './cron-fields.ts';
import { DAY_MS, MINUTE_MS, nextWallMs, SECOND_MS } from './wall-clock.ts';
import { findWindowEnd } from './windows.ts';

/** A problem of a schedule whose parts are each valid by themselves. */
export interface ScheduleProblem {
  readonly key: 'jitter' | 'notDuring';
  readonly message: string;
}

/** A Monday in a leap year. A fixed start makes the result the same in every zone and on every day. */
const SAMPLE_START_MS = Date.UTC(2024, 0, 1) - 1;
const SAMPLE_COUNT = 1000;

/** Checks the next 1000 wall-clock times for settings that can never work. */
export function reviewSchedule(schedule: Schedule): readonly ScheduleProblem[] {
  const { cron, onNewBackup, jitterMs, notDuring } = schedule;
  const fields = readFields(cron);
  const problems: ScheduleProblem[] = [];
  const isSure = !fields || jitterMs <= leastIntervalMs(fields);
  const shortestMs = isSure ? Number.POSITIVE_INFINITY : findShortestInterval(fields);
  if (jitterMs > shortestMs) {
    const message = `is longer than the ${formatDuration(shortestMs)} between two runs: they could run out of order`;
    problems.push({ key: 'jitter', message });
  }
  if (notDuring.length === 0) return problems;
  if (fields && isAlwaysBlocked(fields, notDuring)) {
    const message = 'blocks every run: every time of the cron expression is in one of these windows';
    problems.push({ key: 'notDuring', message });
  } else if (onNewBackup && isAlways(notDuring)) {
    problems.push({ key: 'notDuring', message: 'blocks every run: together these windows cover all time' });
  }
  return problems;
}

/** undefined: no cron expression, or one that was already reported. */
function readFields(cron: string | undefined): CronFields | undefined {
  const read = cron === undefined ? undefined : readCron(cron);
  return read && 'fields' in read ? read.fields : undefined;
}

/** A backup can arrive at any minute. */
function isAlways(notDuring: Schedule['notDuring']): boolean {
  const anyMinute = readFields('* * * * *');
  return anyMinute !== undefined && isAlwaysBlocked(anyMinute, notDuring);
}

/** The shortest interval between two runs by time of day alone, which is enough to know for most schedules. */
function leastIntervalMs({ hours, minutes, seconds }: CronFields): number {
  if (hours.length * minutes.length * seconds.length > SAMPLE_COUNT) return 0;
  const times = hours.flatMap((hour) =>
    minutes.flatMap((minute) => seconds.map((second) => (hour * 60 + minute) * MINUTE_MS + second * SECOND_MS)),
  );
  return Math.min(...times.map((ms, index) => (times[index + 1] ?? (times[0] ?? 0) + DAY_MS) - ms));
}

function findShortestInterval(fields: CronFields): number {
  let shortestMs = Number.POSITIVE_INFINITY;
  let wallMs = nextWallMs(fields, SAMPLE_START_MS);
  for (let count = 0; count < SAMPLE_COUNT; count += 1) {
    const followingMs = nextWallMs(fields, wallMs);
    shortestMs = Math.min(shortestMs, followingMs - wallMs);
    wallMs = followingMs;
  }
  return shortestMs;
}

function isAlwaysBlocked(fields: CronFields, notDuring: Schedule['notDuring']): boolean {
  let wallMs = nextWallMs(fields, SAMPLE_START_MS);
  for (let count = 0; count < SAMPLE_COUNT; count += 1) {
    const ends = notDuring.map((window) => findWindowEnd(window, wallMs)).filter((endMs) => endMs !== undefined);
    if (ends.length === 0) return false;
    wallMs = nextWallMs(fields, Math.max(...ends) - 1);
  }
  return true;
}
