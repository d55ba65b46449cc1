import type { DaemonRecord } from '../record/schedule-store.ts';

type Heartbeat = Pick<DaemonRecord, 'beatAt' | 'ageMs'>;

/** Time since the last heartbeat in ms, at least 0: by the store's clock if it has one, else by the clocks of both machines. */
export function heartbeatAgeMs({ beatAt, ageMs }: Heartbeat, now: Date): number {
  return Math.max(0, ageMs ?? now.getTime() - beatAt.getTime());
}

/** When the last heartbeat arrived, by this machine's clock. */
export function heardAt(process: Heartbeat, now: Date): Date {
  return process.ageMs === undefined ? process.beatAt : new Date(now.getTime() - heartbeatAgeMs(process, now));
}
