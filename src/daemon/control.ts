import type { CheckRecord } from '../record/check-record.ts';
import type { CommandOutcome } from '../record/live-store.ts';
import type { BackupRecord, StageRecord } from '../record/run-record.ts';
import type { KeptSandbox, Prediction, Progress } from '../run/contract.ts';
import type { StageName } from '../support/vocabulary.ts';

/** A run in progress: in this process, or in one that shows it in the shared store. */
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
  /** When recovery will be complete; undefined before it begins. */
  readonly prediction: Prediction | undefined;
  /** As chosen; undefined until then. */
  readonly backup: Pick<BackupRecord, 'key' | 'sizeBytes' | 'takenAt' | 'selection'> | undefined;
  readonly rtoMs: number;
  /** The newest lines of what happened, oldest first. */
  readonly lastLines: readonly LiveLine[];
  readonly checks: readonly CheckRecord[];
  /** How many passed beside those; default 0. */
  readonly moreChecks?: number;
  /** Set while its sandbox is kept for inspection, after the run has been recorded. */
  readonly kept: KeptSandbox | undefined;
  /** How long the sandbox is to be kept afterwards; undefined: not at all. */
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
  /** `for memory: 2.15 GB wanted, …`; undefined: it is about to start. */
  readonly waitsFor: string | undefined;
}

/** An event for pages that follow along. `progress` is frequent and may be dropped; all others change what a page shows. */
export interface LiveChange {
  readonly kind: 'started' | 'stage' | 'progress' | 'check' | 'kept' | 'ended' | 'waiting' | 'drills';
  /** undefined: not about a particular drill. */
  readonly drill: string | undefined;
  readonly runId: string | undefined;
}

/** What pages can see of this process's scheduler, and of runs of others on its store, and do with them. Instants are copied, and returned objects are never changed later. */
export interface DrillControl {
  readonly running: readonly LiveRun[];
  readonly waiting: readonly WaitingRun[];
  /** By owner: how long no heartbeat has come from a scheduler or runner whose heartbeat is overdue, in ms. */
  readonly silences: ReadonlyMap<string, number>;
  /** Why drills are read-only here, such as because no scheduler is running yet; undefined: everything works. */
  readonly unavailable: string | undefined;
  /**
   * Queues a manual run. @param who appears in the run's record: `by hand (alice, web)`. @param isOverBudget whether it starts whatever the budget of the
   * month says, which the record says as well.
   * @returns `queued`; `busy` when a run of this drill is queued or in progress; `unknown` when there is no such drill.
   */
  runNow(drill: string, who: string, isOverBudget?: boolean): 'queued' | 'busy' | 'unknown';
  /** Cancels a run: it is torn down and recorded as interrupted. A kept sandbox is removed. Throws what the store throws. */
  stop(runId: string, who: string): Promise<CommandOutcome>;
  /** Keeps the sandbox of a run in progress afterwards, for at most an hour. One that is being torn down has `ended`. Throws what the store throws. */
  keep(runId: string, keepMs: number, who: string): Promise<CommandOutcome>;
  /** Reads again which runs are in progress in other processes; to be called before they are shown. Never throws. */
  refreshRunning(): Promise<void>;
  /** Reads again what people say of drills; to be called after that has changed. */
  refresh(): void;
  /** Called after each change, in the same process; must not throw. */
  subscribe(listener: (change: LiveChange) => void): Disposable;
}
