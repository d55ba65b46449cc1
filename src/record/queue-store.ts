import type { Trigger } from './run-record.ts';
import type { DaemonRecord, DrillState, JobPlace, SkipRecord } from './schedule-store.ts';

/** A run that is due and waits for a runner of its pool. */
export interface QueuedJob extends NewJob, JobPlace {}

export interface NewJob {
  readonly pool: string;
  readonly drill: string;
  /** Of the drill, as the scheduler has it. */
  readonly definitionHash: string;
  readonly trigger: Trigger;
  readonly dueAt: Date;
  /** For people: `schedule (due 22 Nov 2026, 03:30)`. */
  readonly triggeredBy: string;
  readonly waitingSince: Date;
  /** For a retry: the id of the run it repeats. */
  readonly retryOf: string | undefined;
  /** Expected size of the restored data; undefined: unknown. */
  readonly diskBytes: number | undefined;
  /** A user starts it whatever the budget of the month says. */
  readonly isOverBudget?: true;
}

/**
 * - `queued`: the run is in the queue, and no longer due;
 * - `taken`: the state's version has changed, because another process has decided on this drill; read it again;
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
 * The queue's part of a store that several machines share. A queued run becomes a run in one transaction (`claimDue`): whatever dies, it is either queued or
 * recorded, never both or neither. From then on the run's own lease says whether its runner lives. Each method throws `store-failed` for a store without a
 * queue, except those of runners.
 */
export interface QueueStore {
  /** Whether machines share this store, so that there is a queue. */
  readonly isShared: boolean;
  /**
   * Stores the drill's new state with what was skipped, and the run in the queue, in one transaction: see {@link QueueOutcome}, the first that holds.
   * @param replaces a queued run of the drill that leaves for it; when it has left already: `taken`.
   */
  queueRun(job: NewJob, state: DrillState, skips: readonly SkipRecord[], replaces?: JobPlace): Promise<QueueOutcome>;
  /** In the order in which they were queued. @param pool undefined: of all pools. */
  findJobs(pool?: string): Promise<readonly QueuedJob[]>;
  /** Takes a run out of the queue. @returns false when it is not there any more. */
  removeJob(job: JobPlace): Promise<boolean>;
  /** Inserts or updates the runner's row. */
  beatRunner(runner: RunnerRecord): Promise<void>;
  /** Most recent heartbeat first, at most 1000. */
  getRunners(): Promise<readonly RunnerRecord[]>;
}
