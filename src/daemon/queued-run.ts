import type { Drill } from '../config/drill-file.ts';
import { readsFrom } from '../config/reads-from.ts';
import type { QueueOutcome } from '../record/queue-store.ts';
import { type CountedRun, limitsOn, type RunLimit } from '../record/run-limits.ts';
import type { RunRecord, Trigger } from '../record/run-record.ts';
import type { ClaimOutcome, JobPlace, SkipRecord } from '../record/schedule-store.ts';
import type { DrillError } from '../support/errors.ts';
import type { WaitingRun } from './admission.ts';
import type { Basis, StateChange } from './drill-states.ts';
import type { RunningRun } from './place-run.ts';

/** A run that is due and queued. */
export interface QueuedRun {
  readonly drill: Drill;
  readonly trigger: Trigger;
  /** When it became due; for a manual run, when it was requested. */
  readonly dueAt: Date;
  /** Human-readable: `schedule (due 22 Nov 2026, 03:30)`. */
  readonly triggeredBy: string;
  readonly waitingSince: Date;
  /** Changes to the drill's state, stored in the transaction that claims the run. */
  readonly change: StateChange;
  readonly skips: readonly SkipRecord[];
  /** The state this run was decided on. If the store has a different one by then, another process was faster. Empty for manual runs. */
  readonly basis: Basis;
  /** For a retry: the id of the run it repeats, the newest of its drill. */
  readonly retryOf?: string;
  /** Expected size of the restored data; undefined: unknown. */
  readonly diskBytes: number | undefined;
  /** Whether a user starts it regardless of the month's budget. */
  readonly isOverBudget?: true;
  /** The remainder of the race that this run is part of; undefined: the drill's own `race`, if it is due. */
  readonly race?: RaceLeg | undefined;
  /** Not started before this instant; undefined: at once. */
  readonly notBefore?: Date | undefined;
  /** Its job in the pool's queue; undefined: it exists only in this process. */
  readonly job?: JobPlace | undefined;
}

/** The part of a race that follows a run. */
export interface RaceLeg {
  /** The drill with `race`. */
  readonly of: string;
  /** When it was due. */
  readonly dueAt: Date;
  /** The drills still to be run, in order. */
  readonly left: readonly string[];
}

/** The outcome of a queued run. */
export type Outcome =
  | { readonly kind: 'ended'; readonly run: RunRecord }
  /** The store failed: the run could not be claimed or recorded. */
  | { readonly kind: 'failed'; readonly error: DrillError; readonly isClaimed: boolean }
  | {
      readonly kind: 'not-claimed';
      readonly outcome: Exclude<ClaimOutcome, { kind: 'claimed' }> | Exclude<QueueOutcome, { kind: 'queued' }>;
    };

/** A queued run, as input for admission. @param limits across all machines. */
export function toWaiting(
  queued: QueuedRun,
  defaultRuntime: string | undefined,
  limits: readonly RunLimit[],
): WaitingRun & { readonly queued: QueuedRun } {
  const { drill, dueAt, waitingSince } = queued;
  const runtime = drill.sandbox.runtime ?? defaultRuntime;
  const counted = toCounted(queued);
  const fleetLimits = limitsOn(counted, limits);
  return { ...toLoad(queued), ...counted, tier: drill.tier, dueAt, waitingSince, runtime, fleetLimits, queued };
}

/** How it counts towards the limits across all machines. */
export function toCounted({ drill, job }: Pick<QueuedRun, 'drill' | 'job'>): CountedRun {
  return { readsFrom: readsFrom(drill), pool: job?.pool };
}

/** The resources that an active run uses. */
export function toLoad({ drill: { name, sandbox }, diskBytes }: QueuedRun): RunningRun {
  const { memoryBytes, cpus, storage } = sandbox;
  return { drill: name, memoryBytes, cpus, diskBytes: storage === 'tmpfs' ? 0 : diskBytes };
}
