import type { ErrorCode } from '../support/errors.ts';
import type { Money } from '../support/reading.ts';
import type { SkipKind } from '../support/vocabulary.ts';
import type { Lead } from './lead.ts';
import type { CountedRun, ReachedLimit, RunLimit } from './run-limits.ts';
import type { RunRecord } from './run-record.ts';

/** The scheduler's state for a drill, apart from its runs; stored so that it survives restarts and is shared with other daemons. */
export interface DrillState {
  readonly drill: string;
  /** Incremented by each change; a change applies only to the version that was read. 0: never stored. */
  readonly version: number;
  /** SHA-256 of the schedule that `handledUntil` belongs to, in hex; undefined: the drill has none. */
  readonly scheduleHash: string | undefined;
  /** When this schedule was first seen; no run before that was ever due. */
  readonly scheduledSince: Date | undefined;
  /** Everything due up to this instant has been run or skipped; undefined: nothing has been decided yet. */
  readonly handledUntil: Date | undefined;
  /** The newest backup at the last poll of the source, by any process. */
  readonly newestBackup: SeenBackup | undefined;
  /** `identity` of the newest backup for which a run was started, or which already existed when `on: new-backup` was first seen. */
  readonly handledBackup: string | undefined;
  /** Why the last poll of the source failed; undefined: it succeeded, or there was no poll. */
  readonly pollError: PollError | undefined;
  /** What a due run is waiting for: `for memory: 2.15 GB wanted, 1.07 GB free`; undefined: nothing is waiting. */
  readonly waitsFor: string | undefined;
  /**
   * The schedules seen by schedulers, oldest first; the last one is current, unless the drill was removed. Empty: recorded by an older Firedrill, or never
   * seen.
   */
  readonly schedules: readonly ScheduleRecord[];
}

export interface PollError {
  readonly code: ErrorCode;
  readonly message: string;
}

/** A drill's schedule, and the time during which it applied. Changes only append a new one. */
export interface ScheduleRecord {
  /** When a scheduler first saw it. */
  readonly since: Date;
  /** When a scheduler last saw it, before the next one appeared or the drill was removed; undefined: still applies. */
  readonly knownUntil: Date | undefined;
  /** undefined: no fixed times. */
  readonly cron: string | undefined;
  /** Timezone of `cron`. */
  readonly timezone: string | undefined;
  readonly onNewBackup: boolean;
}

/** A backup as found by a check of the source. */
export interface SeenBackup {
  readonly key: string;
  /** Derived from key, etag and size, so it changes when the object is replaced. */
  readonly identity: string;
  readonly takenAt: Date;
  readonly sizeBytes: number;
  /** When the source was last polled. */
  readonly seenAt: Date;
  /** When this identity was first found; a run triggered by it is due from then on. undefined: same as `seenAt`. */
  readonly firstSeenAt?: Date | undefined;
}

/** A due run that was skipped; several with the same kind and reason are merged. */
export interface SkipRecord {
  readonly drill: string;
  readonly kind: SkipKind;
  /** Human-readable: `not during mon-fri 08:00-18:00`, `run 20261121-… was in progress`. */
  readonly reason: string;
  readonly count: number;
  /** When the first and last of them would have started. */
  readonly first: Date;
  readonly last: Date;
  readonly recordedAt: Date;
}

/** Identifies a queued run. */
export interface JobPlace {
  readonly id: string;
  readonly pool: string;
}

/** Combined budget for all runs that start in a calendar month (UTC), on all machines that share a store. */
export interface MonthBudget {
  readonly limit: Money;
  /** Start of the month. */
  readonly from: Date;
}

/** Amount spent of a budget, in its currency. Costs in other currencies do not count. */
export interface Spending {
  /** Recorded costs of the month's runs; a run in progress counts with the cost of its drill's previous run. */
  readonly amount: number;
  /** Cost of the drill's newest run with a recorded cost; undefined: none, or no drill was given. */
  readonly estimate: number | undefined;
}

/** The current state of a month. */
export interface MonthSpending extends Spending {
  /** How many runs were skipped in the month because of the budget. */
  readonly skipped: number;
}

/** The budget that applies to a due run. */
export interface BudgetClaim extends MonthBudget {
  /** `skip`: the run is recorded as skipped, and is no longer due. `wait`: nothing is stored. */
  readonly onExceeded: 'skip' | 'wait';
  /** When the run became due, for the record. */
  readonly dueAt: Date;
}

/** Marks a due run as handled, in the same transaction that claims the run. */
export interface DueClaim {
  /** The new state, with the `version` that was read. */
  readonly state: DrillState;
  /** Recorded along with the claim. */
  readonly skips: readonly SkipRecord[];
  /** Not claimed while this many runs of any drill are in progress, however they were started. */
  readonly maxRunning: number;
  /** Only runs on this host count for `maxRunning`; undefined: all. */
  readonly host?: string | undefined;
  /** Not claimed while runs on all machines, however started, reach any of these limits. Default: none. */
  readonly limits?: readonly RunLimit[] | undefined;
  /** Not claimed if it would exceed this budget. Default: none. */
  readonly budget?: BudgetClaim | undefined;
  /** The queued run to claim; the claim removes it from the queue. If it is gone, nothing is claimed: `taken`. undefined: it was not queued. */
  readonly job?: JobPlace | undefined;
}

/**
 * - `claimed`: the run is in the store;
 * - `taken`: the state's version has changed, because another process has already decided on this drill, or the run has left the queue; read it again;
 * - `overlap`: a run of the same drill is in progress; nothing was stored;
 * - `full`: `maxRunning` runs are in progress; nothing was stored;
 * - `limited`: one of `limits` is reached; nothing was stored;
 * - `over-budget`: it would exceed `budget`. With `skip`, it was recorded as skipped together with the state, and removed from the queue; otherwise nothing
 *   was stored.
 */
export type ClaimOutcome =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'taken' }
  | { readonly kind: 'overlap'; readonly runId: string }
  | { readonly kind: 'full'; readonly running: number }
  | { readonly kind: 'limited'; readonly limit: ReachedLimit }
  /** `why`: `budget of 200.00 USD for Nov 2026: 198.20 USD spent, this run about 4.34 USD`. */
  | { readonly kind: 'over-budget'; readonly isSkipped: boolean; readonly why: string };

/** A process that runs `firedrill serve`. */
export interface DaemonRecord {
  /** As formatted by `formatOwner`. */
  readonly owner: string;
  readonly startedAt: Date;
  /** Last heartbeat, sent after each check of all schedules. */
  readonly beatAt: Date;
  /** When it shut down cleanly; undefined: it is running, or was killed. */
  readonly stoppedAt: Date | undefined;
  readonly firedrillVersion: string;
  /** Its maximum number of concurrent runs; undefined: not reported by an earlier Firedrill. */
  readonly sandboxes: number | undefined;
  /** Age of `beatAt` when read, in ms, by the store's own clock; absent: the store has no clock, or an earlier Firedrill sent it. */
  readonly ageMs?: number;
  /** The container engines in its settings; absent: none configured, or none queried yet. */
  readonly engines?: readonly EngineRecord[];
  /** Set for a scheduler that is not the leader. */
  readonly isStandby?: true;
}

/** A container engine, as last seen by a process that places sandboxes on it. */
export interface EngineRecord {
  /** Without a password. */
  readonly address: string;
  /** Since when it has not answered; absent: it answers. The other fields are absent while it does not. */
  readonly silentSince?: Date | undefined;
  /** Number of sandboxes on it, of all processes. */
  readonly sandboxes?: number;
  readonly memoryBytes?: number;
  /** Capacity reserved from sandboxes. */
  readonly freeMemoryBytes?: number;
  readonly cpus?: number;
  readonly freeCpus?: number;
}

/** The scheduler's part of a store. Each method is one transaction. */
export interface ScheduleStore {
  /** States of every drill that was ever scheduled, by name. */
  getDrillStates(): Promise<readonly DrillState[]>;
  /**
   * Stores the state as `version + 1` if the stored one still has `version`, with what was skipped. Of `schedules`, adds new ones and sets when the previous
   * one was last seen; stored schedules are kept even if the state omits them.
   * @returns false, having stored nothing, if another process changed it in the meantime.
   */
  saveDrillState(state: DrillState, skips: readonly SkipRecord[]): Promise<boolean>;
  /**
   * Inserts the run as `running`, if it is still due and has room: see {@link ClaimOutcome}; the first that applies of `taken`, `overlap`, `full`, `limited`,
   * `over-budget`. A run counts as in progress until it is marked as ended, even if its lease has expired: call `interruptAbandoned` first.
   */
  claimDue(run: RunRecord, due: DueClaim): Promise<ClaimOutcome>;
  /** @param drill whose next run to include; undefined: none. */
  getSpending(budget: MonthBudget, drill?: string): Promise<MonthSpending>;
  /** Newest first. */
  findSkips(filter: { readonly drill?: string; readonly limit: number }): Promise<readonly SkipRecord[]>;
  /** Every run that is `running`, in any process, oldest first. */
  findRunning(): Promise<readonly RunRecord[]>;
  /** The same runs, with only the fields that limits use, so it is cheap enough to call often. */
  findReading(): Promise<readonly CountedRun[]>;
  /** All-time number of runs per outcome, so that counters do not drop after a restart. One row per reason. */
  countRuns(): Promise<readonly RunCount[]>;
  /** Inserts or updates the daemon's row. */
  beat(daemon: DaemonRecord): Promise<void>;
  /** Most recent heartbeat first, at most ten. */
  getDaemons(): Promise<readonly DaemonRecord[]>;
  /** A scheduler's part in leader election. Dispose of it before the store. @param name shown to others. */
  openLead(name: string): Lead;
}

export interface RunCount {
  readonly drill: string;
  /** `passed`, `failed`, `errored`, `interrupted`. */
  readonly outcome: string;
  /** A reason for the verdict, or the error code; empty for passed. */
  readonly reason: string;
  readonly count: number;
}
