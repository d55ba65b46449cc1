import type { CheckRecord } from '../record/check-record.ts';
import type { CommandOutcome } from '../record/live-store.ts';
import type { BackupRecord, StageRecord } from '../record/run-record.ts';
import type { KeptSandbox, Prediction, Progress } from '../run/contract.ts';
import type { StageName } from '../support/vocabulary.ts';

/** A run in progress, in this process or in one that publishes it in the shared store. */
export interface LiveRun {
  readonly runId: string;
  readonly drill: string;
  readonly startedAt: Date;
  readonly triggeredBy: string;
  /** Stages that have ended. */
  readonly stages: readonly StageRecord[];
  /** The current stage and when it started; undefined between two. */
  readonly stage: { readonly name: StageName; readonly startedAt: Date } | undefined;
  readonly progress: Progress | undefined;
  /** Estimated time at which recovery completes; undefined before it starts. */
  readonly prediction: Prediction | undefined;
  /** The chosen backup; undefined until chosen. */
  readonly backup: Pick<BackupRecord, 'key' | 'sizeBytes' | 'takenAt' | 'selection'> | undefined;
  readonly rtoMs: number;
  /** The newest log lines, oldest first. */
  readonly lastLines: readonly LiveLine[];
  readonly checks: readonly CheckRecord[];
  /** How many further checks passed; default 0. */
  readonly moreChecks?: number;
  /** Set while its sandbox is kept for inspection, after the run has been recorded. */
  readonly kept: KeptSandbox | undefined;
  /** How long to keep the sandbox afterwards; undefined: not at all. */
  readonly keepMs: number | undefined;
}

export interface LiveLine {
  readonly at: Date;
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
}

/** A queued run: due, or requested by a user. */
export interface WaitingRun {
  readonly drill: string;
  readonly since: Date;
  readonly triggeredBy: string;
  /** `for memory: 2.15 GB wanted, …`; undefined: about to start. */
  readonly waitsFor: string | undefined;
}

/** An event for live pages. `progress` is frequent and may be dropped; all others change what a page shows. */
export interface LiveChange {
  readonly kind: 'started' | 'stage' | 'progress' | 'check' | 'kept' | 'ended' | 'waiting' | 'drills';
  /** undefined: not about a particular drill. */
  readonly drill: string | undefined;
  readonly runId: string | undefined;
}

/**
 * What pages can see of, and do with, this process's scheduler and the runs of other processes on its store. Dates are copied, and returned objects never
 * change later.
 */
export interface DrillControl {
  readonly running: readonly LiveRun[];
  readonly waiting: readonly WaitingRun[];
  /** Time since the last heartbeat of each scheduler or runner whose heartbeat is overdue, in ms, by owner. */
  readonly silences: ReadonlyMap<string, number>;
  /** Why drills are read-only here, for example because no scheduler is running yet; undefined: everything works. */
  readonly unavailable: string | undefined;
  /**
   * Queues a manual run.
   * @param who appears in the run's record: `by hand (alice, web)`.
   * @param isOverBudget whether it starts regardless of the month's budget; this is recorded too.
   * @returns `queued`; `busy` if a run of this drill is queued or in progress; `unknown` if there is no such drill.
   */
  runNow(drill: string, who: string, isOverBudget?: boolean): 'queued' | 'busy' | 'unknown';
  /** Cancels a run: it is torn down and recorded as interrupted. A kept sandbox is removed. Throws the store's errors. */
  stop(runId: string, who: string): Promise<CommandOutcome>;
  /** Keeps the sandbox of a run in progress afterwards, for at most an hour. One that is being torn down has `ended`. Throws the store's errors. */
  keep(runId: string, keepMs: number, who: string): Promise<CommandOutcome>;
  /** Refreshes the runs in progress in other processes; call before showing them. Never throws. */
  refreshRunning(): Promise<void>;
  /** Rereads acknowledgements and silences; call after changing them. */
  refresh(): void;
  /** Called after each change, in the same process; must not throw. */
  subscribe(listener: (change: LiveChange) => void): Disposable;
}
