import { type Admission, admit, type WaitingRun } from '../../src/daemon/admission.ts';
import type { RunningRun } from '../../src/daemon/place-run.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const START = new Date('2026-11-21T00:00:00.000Z');

/** A run in a simulation, with its duration. */
export interface Job extends WaitingRun {
  readonly durationMs: number;
  /** Triggered by a person: starts at once, however little is free. */
  readonly byHand: boolean;
}

export interface Machine {
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly sandboxes: number;
  /** Free space while nothing runs. */
  readonly diskBytes: number;
}

/** A decision and its inputs. */
export interface Decision {
  readonly now: Date;
  readonly freeDiskBytes: number;
  readonly running: readonly RunningRun[];
  readonly admissions: readonly Admission<Job>[];
}

export interface Simulated {
  readonly startedAt: ReadonlyMap<Job, Date>;
  readonly decisions: readonly Decision[];
}

/** Lets jobs arrive and end on a machine, and asks for admission at each of these times and every quarter of an hour until `until`. */
export function simulate(jobs: readonly Job[], machine: Machine, until: Date): Simulated {
  const startedAt = new Map<Job, Date>();
  const decisions: Decision[] = [];
  const comingMs = jobs.map((job) => job.waitingSince.getTime());
  const moments = new Set(comingMs);
  for (let at = START.getTime(); at <= until.getTime(); at += 15 * MINUTE_MS) moments.add(at);
  const start = (job: Job, nowMs: number) => {
    startedAt.set(job, new Date(nowMs));
    moments.add(nowMs + job.durationMs);
  };
  for (let nowMs = nextOf(moments); nowMs <= until.getTime(); nowMs = nextOf(moments)) {
    moments.delete(nowMs);
    const here = jobs.filter((_, index) => (comingMs[index] ?? 0) <= nowMs);
    for (const job of here) if (job.byHand && !startedAt.has(job)) start(job, nowMs);
    const running = [...startedAt]
      .filter(([job, at]) => at.getTime() + job.durationMs > nowMs)
      .map(([job, at]) => ({ ...job, diskUsedBytes: usedBytes(job, nowMs - at.getTime()) }));
    const freeDiskBytes = machine.diskBytes - running.reduce((sum, { diskUsedBytes }) => sum + diskUsedBytes, 0);
    const now = new Date(nowMs);
    const waiting = here.filter((job) => !startedAt.has(job));
    const capacity = { docker: [{ memoryBytes: machine.memoryBytes, cpus: machine.cpus, freeDiskBytes }] };
    const admissions = admit({ waiting, running, capacity, limits: { sandboxes: machine.sandboxes }, now });
    decisions.push({ now, freeDiskBytes, running, admissions });
    for (const { kind, run } of admissions) if (kind === 'start') start(run, nowMs);
  }
  return { startedAt, decisions };
}

/** Disk use grows evenly during a run. */
function usedBytes({ diskBytes = 0, durationMs }: Job, elapsedMs: number): number {
  return Math.floor((diskBytes * elapsedMs) / durationMs);
}

function nextOf(moments: ReadonlySet<number>): number {
  return Math.min(Number.POSITIVE_INFINITY, ...moments);
}
