import type { Schedule } from '../config/drill-file.ts';
import { formatDuration } from '../support/quantities.ts';
import { type CronFields, readCron } from './cron-fields.ts';
import { nextWallMs } from './wall-clock.ts';
import { findWindowEnd } from './windows.ts';

/** What is wrong with a schedule whose parts are right each by themselves. */
export interface ScheduleProblem {
  readonly key: 'jitter' | 'notDuring';
  readonly message: string;
}

/** A Monday of a leap year; what follows is the same in every zone and on every day of the year that this is asked. */
const SAMPLE_START_MS = Date.UTC(2024, 0, 1) - 1;
const SAMPLE_COUNT = 1000;

/** Looks at the next 1000 times of the wall clock for what could never work. */
export function reviewSchedule({ cron, jitterMs, notDuring }: Schedule): readonly ScheduleProblem[] {
  const read = readCron(cron);
  if ('problem' in read) return []; // told before
  const problems: ScheduleProblem[] = [];
  const shortestMs = jitterMs > 0 ? findShortestInterval(read.fields) : Number.POSITIVE_INFINITY;
  if (jitterMs > shortestMs) {
    const message = `is longer than the ${formatDuration(shortestMs)} between two runs: one could overtake the other`;
    problems.push({ key: 'jitter', message });
  }
  if (notDuring.length > 0 && isAlwaysBlocked(read.fields, notDuring)) {
    const message = 'leaves no run: every time that the cron expression names lies in one of these windows';
    problems.push({ key: 'notDuring', message });
  }
  return problems;
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
