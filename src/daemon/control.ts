import type { CheckRecord, StageRecord } from '../record/run-record.ts';
import type { Progress } from '../run/contract.ts';
import type { StageName } from '../support/vocabulary.ts';

/** A run that goes on in this process, as far as it has come. */
export interface LiveRun {
  readonly runId: string;
  readonly drill: string;
  readonly startedAt: Date;
  readonly triggeredBy: string;
  /** That have ended. */
  readonly stages: readonly StageRecord[];
  /** That goes on, and since when; undefined between two. */
  readonly stage: { readonly name: StageName; readonly startedAt: Date } | undefined;
  readonly progress: Progress | undefined;
  readonly checks: readonly CheckRecord[];
  /** Set once its sandbox is left up for somebody to look at, after the run has been recorded. */
  readonly kept: { readonly until: Date; readonly shellCommand: string; readonly clientCommand: string } | undefined;
  /** How long it is to be kept afterwards; undefined: not at all. */
  readonly keepMs: number | undefined;
}

/** A run that is due, or was asked for, and waits for its turn. */
export interface WaitingRun {
  readonly drill: string;
  readonly since: Date;
  readonly triggeredBy: string;
  /** `for memory: 2.15 GB wanted, …`; undefined: it is about to start. */
  readonly waitsFor: string | undefined;
}

/** What happened, for pages that follow it. `progress` comes often and may be dropped; all others change what a page shows. */
export interface LiveChange {
  readonly kind: 'started' | 'stage' | 'progress' | 'check' | 'kept' | 'ended' | 'waiting' | 'drills';
  /** undefined: of no drill in particular. */
  readonly drill: string | undefined;
  readonly runId: string | undefined;
}

/** What pages may do to the scheduler of this process, and see of it. Instants are copied, nothing given out is changed later. */
export interface DrillControl {
  readonly running: readonly LiveRun[];
  readonly waiting: readonly WaitingRun[];
  /** Why drills can only be read here, such as because no scheduler works yet; undefined: everything works. */
  readonly unavailable: string | undefined;
  /**
   * Puts a run by hand in the queue. @param who stands in the run's record: `by hand (alice, web)`.
   * @returns `queued`; `busy` when one of this drill waits or goes on; `unknown` when there is no such drill.
   */
  runNow(drill: string, who: string): 'queued' | 'busy' | 'unknown';
  /** Gives a run up: it is torn down and recorded as interrupted. A kept sandbox is removed. @returns false: it does not go on here. */
  stop(runId: string, who: string): boolean;
  /** Leaves the sandbox of a run that goes on up afterwards, for at most an hour. @returns false: it does not go on here, or is being torn down. */
  keep(runId: string, keepMs: number): boolean;
  /** Called after each change, in the same process; must not throw. */
  subscribe(listener: (change: LiveChange) => void): Disposable;
}
