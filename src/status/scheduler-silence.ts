import type { DaemonRecord } from '../record/schedule-store.ts';
import { formatAge } from '../support/quantities.ts';
import { heardAt, heartbeatAgeMs } from './heartbeat-age.ts';

/** A scheduler sends heartbeats far more often than this. */
const SILENT_AFTER_MS = 5 * 60_000;

/**
 * Describes that no scheduler starts drills: `no scheduler has reported for 9 h`.
 * @param daemons in any order.
 * @returns undefined when one has sent a heartbeat in the last five minutes and has not stopped since.
 */
export function describeSilence(daemons: readonly DaemonRecord[], now: Date): string | undefined {
  const isAlive = daemons.some((daemon) => !daemon.stoppedAt && heartbeatAgeMs(daemon, now) < SILENT_AFTER_MS);
  if (isAlive) return undefined;
  const [newest] = daemons.toSorted((a, b) => lastHeardFromAt(b, now).getTime() - lastHeardFromAt(a, now).getTime());
  if (!newest) return 'no scheduler has run yet';
  const age = formatAge(ageOf(lastHeardFromAt(newest, now), now));
  return newest.stoppedAt ? `the scheduler was stopped ${age} ago` : `no scheduler has reported for ${age}`;
}

function lastHeardFromAt(daemon: DaemonRecord, now: Date): Date {
  return daemon.stoppedAt ?? heardAt(daemon, now);
}

function ageOf(at: Date, now: Date): number {
  return Math.max(0, now.getTime() - at.getTime());
}
