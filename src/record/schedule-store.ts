import type { SkipKind } from '../support/vocabulary.ts';
import type { RunRecord } from './run-record.ts';

/** What the scheduler knows of a drill, beside its runs: kept where a restart, and another daemon, find it. */
export interface DrillState {
  readonly drill: string;
  /** Grows by one with each change: a change is only made to the version that was read. 0: never stored. */
  readonly version: number;
  /** SHA-256 of the schedule that `handledUntil` belongs to, in hex; undefined: the drill has none. */
  readonly scheduleHash: string | undefined;
  /** When this schedule was first seen: what it would have asked for before was never due. */
  readonly scheduledSince: Date | undefined;
  /** What was due up to here has been run or skipped; undefined: nothing has been decided yet. */
  readonly handledUntil: Date | undefined;
  /** The newest backup when the source was last looked at, whoever looked. */
  readonly newestBackup: SeenBackup | undefined;
  /** `identity` of the newest backup for which a run was started, or which was there when `on: new-backup` was first seen. */
  readonly handledBackup: string | undefined;
  /** The last look at the source that failed, in words; undefined: the last one worked, or none was made. */
  readonly lookError: string | undefined;
  /** What a run that is due waits for, in words: `for memory: 2.15 GB wanted, 1.07 GB free`; undefined: nothing waits. */
  readonly waitsFor: string | undefined;
}

/** A backup as a look at the source found it. */
export interface SeenBackup {
  readonly key: string;
  /** Changes when the object under the key is replaced: key, etag and size. */
  readonly identity: string;
  readonly takenAt: Date;
  readonly sizeBytes: number;
  /** When the last look was made. */
  readonly seenAt: Date;
  /** When a look found this identity for the first time: a run that it asks for is due since. undefined: at `seenAt`. */
  readonly firstSeenAt?: Date | undefined;
}

/** A run that was due and did not take place; several of one kind and reason as one. */
export interface SkipRecord {
  readonly drill: string;
  readonly kind: SkipKind;
  /** In words: `not during mon-fri 08:00-18:00`, `run 20261121-… was still going on`. */
  readonly reason: string;
  readonly count: number;
  /** When the first and the last of them would have started. */
  readonly first: Date;
  readonly last: Date;
  readonly recordedAt: Date;
}

/** What makes a run the one that was due: claimed in the same transaction as the run itself. */
export interface DueClaim {
  /** The state as it is from then on; its `version` is the one that was read. */
  readonly state: DrillState;
  /** Recorded along with the claim. */
  readonly skips: readonly SkipRecord[];
  /** Not claimed while as many runs of any drill are going on, whoever started them. */
  readonly maxRunning: number;
}

/**
 * - `claimed`: the run is in the store;
 * - `taken`: the state has another version by now: another process has decided on this drill; read it again;
 * - `overlap`: a run of the same drill is going on; nothing was stored;
 * - `full`: `maxRunning` runs are going on; nothing was stored.
 */
export type ClaimOutcome =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'taken' }
  | { readonly kind: 'overlap'; readonly runId: string }
  | { readonly kind: 'full'; readonly running: number };

/** A process that runs `firedrill serve`. */
export interface DaemonRecord {
  /** As `formatOwner` writes it. */
  readonly owner: string;
  readonly startedAt: Date;
  /** When it was last heard of: it beats each time it has looked at all schedules. */
  readonly beatAt: Date;
  /** When it ended in order; undefined: it goes on, or was killed. */
  readonly stoppedAt: Date | undefined;
  readonly firedrillVersion: string;
}

/** The scheduler's part of a store. Each method is one transaction. */
export interface ScheduleStore {
  /** Of every drill that was ever scheduled, by name. */
  getDrillStates(): Promise<readonly DrillState[]>;
  /**
   * Stores the state as `version + 1` if the stored one still has `version`, with what was skipped.
   * @returns false, having stored nothing, when another process changed it meanwhile.
   */
  saveDrillState(state: DrillState, skips: readonly SkipRecord[]): Promise<boolean>;
  /**
   * Inserts the run as `running`, if it is still due and has room: see {@link ClaimOutcome}, the first that holds out of `taken`, `overlap`, `full`. A run
   * counts as going on until it is marked as ended, also when its lease is over: call `interruptAbandoned` before.
   */
  claimDue(run: RunRecord, due: DueClaim): Promise<ClaimOutcome>;
  /** Newest first. */
  findSkips(filter: { readonly drill?: string; readonly limit: number }): Promise<readonly SkipRecord[]>;
  /** Every run that is `running`, whoever runs it, oldest first. */
  findRunning(): Promise<readonly RunRecord[]>;
  /** How many runs ended each way, since ever: what a counter shows must not go back with a restart. Several reasons: one row for each. */
  countRuns(): Promise<readonly RunCount[]>;
  /** Inserts or updates the daemon's row. */
  beat(daemon: DaemonRecord): Promise<void>;
  /** Those heard of most recently first, at most ten. */
  getDaemons(): Promise<readonly DaemonRecord[]>;
}

export interface RunCount {
  readonly drill: string;
  /** `passed`, `failed`, `errored`, `interrupted`. */
  readonly outcome: string;
  /** A reason of the verdict, or the code of the error; empty for passed. */
  readonly reason: string;
  readonly count: number;
}
