import type { QueuedJob, RunnerRecord } from '../record/queue-store.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { DaemonRecord, EngineRecord } from '../record/schedule-store.ts';
import type { Store } from '../record/store.ts';
import { parseOwner } from '../support/owner.ts';
import { heardAt, heartbeatAgeMs } from './heartbeat-age.ts';
import { type PoolService, poolService, SILENT_MS } from './pool-service.ts';

/** A process that queues runs, or runs them. */
export interface FleetProcess {
  readonly role: 'scheduler' | 'runner';
  readonly host: string;
  readonly pid: number | undefined;
  /** Pool of a runner; undefined for a scheduler. */
  readonly pool: string | undefined;
  readonly firedrillVersion: string;
  readonly startedAt: Date;
  readonly lastSeenAt: Date;
  /**
   * `standby`: a scheduler that is not the leader; `draining`: it takes no new runs, and finishes those in progress; `silent`: its heartbeat is overdue;
   * `lost`: no heartbeat for two minutes, without having reported that it stops.
   */
  readonly state: FleetState;
  /** If `silent`: time since its last heartbeat, in ms. */
  readonly silentMs: number | undefined;
  /** Maximum number of concurrent runs; undefined: unknown, from an earlier Firedrill. */
  readonly sandboxes: number | undefined;
  /** The container engines in its settings, as it last reported them; empty for a process that is gone, or that has none. */
  readonly engines: readonly EngineRecord[];
  /** Runs in progress, oldest first. */
  readonly runs: readonly Pick<RunRecord, 'id' | 'drill' | 'startedAt'>[];
}

export const FLEET_STATES = ['serving', 'standby', 'draining', 'silent', 'stopped', 'lost'] as const;
export type FleetState = (typeof FLEET_STATES)[number];

export interface FleetPool extends PoolService {
  /** Number of drills that name this pool. */
  readonly drills: number;
  /** In the order in which they were queued. */
  readonly queued: readonly Pick<QueuedJob, 'drill' | 'waitingSince'>[];
}

/** The processes that share a store, schedulers first, and the pools between them, by name. */
export interface Fleet {
  readonly processes: readonly FleetProcess[];
  readonly pools: readonly FleetPool[];
}

/** A process that is gone is shown for a week, unless another one on its host has replaced it. */
const SHOWN_GONE_MS = 7 * 24 * 3_600_000;

/** Throws what the store throws. @param drills the drills of schedulers. @param silences see `DrillControl`. */
export async function readFleet(
  store: Pick<Store, 'isShared' | 'getDaemons' | 'getRunners' | 'findRunning' | 'findJobs'>,
  drills: readonly { readonly pool?: string | undefined }[],
  silences: ReadonlyMap<string, number>,
  now: Date,
): Promise<Fleet> {
  const [daemons, runners, running] = [await store.getDaemons(), await store.getRunners(), await store.findRunning()];
  const jobs = store.isShared ? await store.findJobs() : [];
  const processes = processesOf(daemons, runners, { running, silences, now });
  return { processes, pools: poolsOf(drills, runners, jobs, { silences, now }) };
}

interface Present {
  readonly silences: ReadonlyMap<string, number>;
  readonly now: Date;
}

function processesOf(
  daemons: readonly DaemonRecord[],
  runners: readonly RunnerRecord[],
  present: Present & { readonly running: readonly RunRecord[] },
): readonly FleetProcess[] {
  const { now } = present;
  const schedulers = daemons.map((daemon) => toProcess('scheduler', daemon, present));
  const all = [...schedulers, ...runners.map((runner) => toProcess('runner', runner, present))];
  const shown = new Set<string>();
  const kept = all.toSorted(byState).filter((one) => {
    const place = `${one.role} ${one.host} ${one.pool}`;
    const isGone = one.state === 'stopped' || one.state === 'lost';
    if (isGone && (shown.has(place) || now.getTime() - one.lastSeenAt.getTime() > SHOWN_GONE_MS)) return false;
    shown.add(place);
    return true;
  });
  return kept.toSorted(byPlace);
}

function toProcess(
  role: FleetProcess['role'],
  record: DaemonRecord & { readonly pool?: string },
  { running, silences, now }: Present & { readonly running: readonly RunRecord[] },
): FleetProcess {
  const { owner, pool, firedrillVersion, startedAt, stoppedAt, sandboxes, isStandby = false } = record;
  const { host = owner, pid } = parseOwner(owner) ?? {};
  const runs = running
    .filter(({ leaseOwner }) => leaseOwner === owner)
    .map(({ id, drill, startedAt: at }) => ({ id, drill, startedAt: at }));
  const isOverdue = silences.has(owner);
  const ageMs = heartbeatAgeMs(record, now);
  const state = stateOf({ stoppedAt, isStandby, hasRuns: runs.length > 0, isOverdue, ageMs });
  const silentMs = state === 'silent' ? silences.get(owner) : undefined;
  const isGone = state === 'stopped' || state === 'lost';
  const engines = isGone ? [] : (record.engines ?? []);
  const lastSeenAt = heardAt(record, now);
  return { role, host, pid, pool, firedrillVersion, startedAt, lastSeenAt, state, silentMs, sandboxes, engines, runs };
}

function stateOf(process: {
  readonly stoppedAt: Date | undefined;
  readonly isStandby: boolean;
  readonly hasRuns: boolean;
  readonly isOverdue: boolean;
  readonly ageMs: number;
}): FleetState {
  if (process.stoppedAt) return process.hasRuns ? 'draining' : 'stopped';
  if (process.ageMs > SILENT_MS) return 'lost';
  if (process.isOverdue) return 'silent';
  return process.isStandby ? 'standby' : 'serving';
}

function poolsOf(
  drills: readonly { readonly pool?: string | undefined }[],
  runners: readonly RunnerRecord[],
  jobs: readonly QueuedJob[],
  { silences, now }: Present,
): readonly FleetPool[] {
  const named = drills.flatMap(({ pool }) => pool ?? []);
  const known = [...new Set(runners.map(({ pool }) => pool))];
  const served = known.filter((pool) => poolService(pool, runners, now).isServed);
  const names = new Set([...named, ...served, ...jobs.map(({ pool }) => pool)]);
  return [...names].toSorted().map((pool) => ({
    ...poolService(pool, runners, now, silences),
    drills: named.filter((name) => name === pool).length,
    queued: jobs.filter((job) => job.pool === pool).map(({ drill, waitingSince }) => ({ drill, waitingSince })),
  }));
}

/** Active processes first, then the newest. */
function byState(a: FleetProcess, b: FleetProcess): number {
  return (
    FLEET_STATES.indexOf(a.state) - FLEET_STATES.indexOf(b.state) || b.lastSeenAt.getTime() - a.lastSeenAt.getTime()
  );
}

function byPlace(a: FleetProcess, b: FleetProcess): number {
  return compare(b.role, a.role) || compare(a.pool ?? '', b.pool ?? '') || compare(a.host, b.host) || byState(a, b);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
