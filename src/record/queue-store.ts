import type { Trigger } from './run-record.ts';
import type { DaemonRecord, DrillState, JobPlace, SkipRecord } from './schedule-store.ts';

/** A due run that is waiting for a runner of its pool. */
export interface QueuedJob extends NewJob, JobPlace {}

export interface NewJob {
  readonly pool: string;
  readonly drill: string;
  /** Hash of the drill's definition, as loaded by the scheduler. */
  readonly definitionHash: string;
  readonly trigger: Trigger;
  readonly dueAt: Date;
  /** Human-readable: `schedule (due 22 Nov 2026, 03:30)`. */
  readonly triggeredBy: string;
  readonly waitingSince: Date;
  /** For a retry: the id of the run it repeats. */
  readonly retryOf: string | undefined;
  /** Expected size of the restored data; undefined: unknown. */
  readonly diskBytes: number | undefined;
  /** Whether a user starts it regardless of the month's budget. */
  readonly isOverBudget?: true;
}

/**
 * - `queued`: the run is in the queue, and no longer due;
 * - `taken`: the state's version has changed, because another process has already decided on this drill; read it again;
 * - `overlap`: a run of the same drill is in progress; nothing was stored;
 * - `waiting`: a run of the same drill is in the queue; nothing was stored.
 */
export type QueueOutcome =
  | { readonly kind: 'queued' }
  | { readonly kind: 'taken' }
  | { readonly kind: 'overlap'; readonly runId: string }
  | { readonly kind: 'waiting' };

/** A process that runs the drills of a pool. */
export interface RunnerRecord extends DaemonRecord {
  readonly pool: string;
}

/**
 * The queue's part of a store that several machines share. A queued run becomes a run in one transaction (`claimDue`): whatever crashes, it is either queued
 * or recorded, never both or neither. After that, the run's own lease shows whether its runner is alive. Each method throws `store-failed` for a store without
 * a queue, except those of runners.
 */
export interface QueueStore {
  /** Whether machines share this store, and thus whether a queue exists. */
  readonly isShared: boolean;
  /**
   * Stores the drill's new state with skipped runs, and queues the run, in one transaction: see {@link QueueOutcome}; the first that applies is returned.
   * @param replaces a queued run of the drill to remove instead; if it has already left the queue: `taken`.
   */
  queueRun(job: NewJob, state: DrillState, skips: readonly SkipRecord[], replaces?: JobPlace): Promise<QueueOutcome>;
  /** In queue order. @param pool undefined: all pools. */
  findJobs(pool?: string): Promise<readonly QueuedJob[]>;
  /** Removes a run from the queue. @returns false if it is no longer queued. */
  removeJob(job: JobPlace): Promise<boolean>;
  /** Inserts or updates the runner's row. */
  beatRunner(runner: RunnerRecord): Promise<void>;
  /** Most recent heartbeat first, at most 1000. */
  getRunners(): Promise<readonly RunnerRecord[]>;
}
