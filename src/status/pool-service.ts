import type { RunnerRecord } from '../record/queue-store.ts';
import type { DaemonRecord } from '../record/schedule-store.ts';
import { parseOwner } from '../support/owner.ts';
import { formatAge } from '../support/quantities.ts';
import { heardAt, heartbeatAgeMs } from './heartbeat-age.ts';

/** Heartbeats arrive every 5 s; if the store has no clock of its own, the clocks of two machines may differ by a minute. */
export const SILENT_MS = 120_000;

/** Prefix of the alert subjects for pools; no drill or file has such a name. */
export const POOL_SUBJECT = 'pool:';

/** Whether the runs of a pool are started. */
export interface PoolService {
  readonly pool: string;
  readonly isServed: boolean;
  /** `pool eu-payments is served by a and b`, `pool eu-payments: no heartbeat from a for 15 s`, `no runner serves pool eu-payments; last seen 3 h ago on b`. */
  readonly sentence: string;
  /** When the last runner was seen; undefined: one is running, or there never was one. */
  readonly lastSeenAt: Date | undefined;
}

/** @param silences see `DrillControl`. */
export function poolService(
  pool: string,
  runners: readonly RunnerRecord[],
  now: Date,
  silences: ReadonlyMap<string, number> = new Map(),
): PoolService {
  const own = runners.filter((runner) => runner.pool === pool);
  const live = own.filter((runner) => isLive(runner, now));
  if (live.length > 0) {
    const [heard, silent] = [hostsOf(live.filter(({ owner }) => !silences.has(owner))), hostsOf(live)];
    const shortestMs = Math.min(...live.map(({ owner }) => silences.get(owner) ?? 0));
    const sentence =
      heard.length > 0
        ? `pool ${pool} is served by ${heard.join(', ')}`
        : `pool ${pool}: no heartbeat from ${silent.join(', ')} for ${formatAge(shortestMs)}`;
    return { pool, isServed: true, sentence, lastSeenAt: undefined };
  }
  const [last] = own.toSorted((a, b) => heartbeatAgeMs(a, now) - heartbeatAgeMs(b, now));
  const seen = last
    ? `last seen ${formatAge(heartbeatAgeMs(last, now))} ago on ${hostOf(last.owner)}`
    : 'none ever has';
  return {
    pool,
    isServed: false,
    sentence: `no runner serves pool ${pool}; ${seen}`,
    lastSeenAt: last && heardAt(last, now),
  };
}

/** Whether drills without a pool are left to runners: there are schedulers, but none has sandboxes of its own. */
export function isDefaultPoolQueued(daemons: readonly DaemonRecord[], now: Date): boolean {
  const live = daemons.filter((daemon) => isLive(daemon, now));
  return live.length > 0 && live.every(({ sandboxes }) => sandboxes === 0);
}

function isLive(process: DaemonRecord, now: Date): boolean {
  return !process.stoppedAt && heartbeatAgeMs(process, now) <= SILENT_MS;
}

function hostsOf(processes: readonly DaemonRecord[]): readonly string[] {
  return [...new Set(processes.map(({ owner }) => hostOf(owner)))].toSorted();
}

function hostOf(owner: string): string {
  return parseOwner(owner)?.host ?? owner;
}
