import type { ErrorCode } from '../support/errors.ts';
import type { Money } from '../support/reading.ts';
import type { SkipKind } from '../support/vocabulary.ts';
import type { Lead } from './lead.ts';
import type { CountedRun, ReachedLimit, RunLimit } from './run-limits.ts';
import type { RunRecord } from './run-record.ts';

/** The scheduler's state of a drill, besides its runs; stored so that it survives a restart and is shared with other daemons. */
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
  /** The newest backup at the last check of the source, by any process. */
  readonly newestBackup: SeenBackup | undefined;
  /** `identity` of the newest backup for which a run was started, or which already existed when `on: new-backup` was first seen. */
  readonly handledBackup: string | undefined;
  /** Why the last poll of the source failed; undefined: it succeeded, or there was none. */
  readonly pollError: PollError | undefined;
  /** What a due run is waiting for: `for memory: 2.15 GB wanted, 1.07 GB free`; undefined: nothing is waiting. */
  readonly waitsFor: string | undefined;
  /** The schedules that schedulers saw, oldest first; the last is the present one, unless the drill was removed. Empty: recorded by an older Firedrill, or never seen. */
  readonly schedules: readonly ScheduleRecord[];
}

export interface PollError {
  readonly code: ErrorCode;
  readonly message: string;
}

/** When runs of a drill were to start, while that applied. A later one is only ever added. */
export interface ScheduleRecord {
  /** When a scheduler first saw it. */
  readonly since: Date;
  /** When a scheduler last saw it, before it saw the next one or the drill was removed; undefined: it applies. */
  readonly knownUntil: Date | undefined;
  /** undefined: not at any time. */
  readonly cron: string | undefined;
  /** Of `cron`. */
  readonly timezone: string | undefined;
  readonly onNewBackup: boolean;
}

/** A backup as found by a check of the source. */
export interface SeenBackup {
  readonly key: string;
  /** Changes when the object under the key is replaced: key, etag and size. */
  readonly identity: string;
  readonly takenAt: Date;
  readonly sizeBytes: number;
  /** When the source was last checked. */
  readonly seenAt: Date;
  /** When this identity was first found; a run that it triggers is due from then on. undefined: at `seenAt`. */
  readonly firstSeenAt?: Date | undefined;
}

/** A due run that did not take place; several of the same kind and reason are merged. */
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

/** What a queued run is found by. */
export interface JobPlace {
  readonly id: string;
  readonly pool: string;
}

/** What all runs that start in a calendar month, in UTC, may cost together on all machines that share a store. */
export interface MonthBudget {
  readonly limit: Money;
  /** The first instant of the month. */
  readonly from: Date;
}

/** What is spent of a budget, in its currency. Costs in another one do not count. */
export interface Spending {
  /** Recorded costs of the month's runs; one in progress counts with what the run of its drill before it cost. */
  readonly amount: number;
  /** What the newest run of the drill that has a cost cost; undefined: none has, or no drill was asked about. */
  readonly estimate: number | undefined;
}

/** A month as it stands. */
export interface MonthSpending extends Spending {
  /** How many runs were skipped for the budget in the month. */
  readonly skipped: number;
}

/** The budget that a due run is held to. */
export interface BudgetClaim extends MonthBudget {
  /** `skip`: the run is recorded as skipped, and is no longer due. `wait`: nothing is stored. */
  readonly onExceeded: 'skip' | 'wait';
  /** When the run became due, for the record. */
  readonly dueAt: Date;
}

/** Marks a run as the due one; claimed in the same transaction as the run itself. */
export interface DueClaim {
  /** The new state; its `version` is the one that was read. */
  readonly state: DrillState;
  /** Recorded along with the claim. */
  readonly skips: readonly SkipRecord[];
  /** Not claimed while this many runs of any drill are in progress, whatever started them. */
  readonly maxRunning: number;
  /** Only runs on this host count for `maxRunning`; undefined: all. */
  readonly host?: string | undefined;
  /** Not claimed while any of them is reached by the runs of all machines, whatever started them. Default: none. */
  readonly limits?: readonly RunLimit[] | undefined;
  /** Not claimed when it would pass this budget. Default: there is none. */
  readonly budget?: BudgetClaim | undefined;
  /** The queued run that this is; it leaves the queue with the claim. Without it nothing is claimed: `taken`. undefined: it was not queued. */
  readonly job?: JobPlace | undefined;
}

/**
 * - `claimed`: the run is in the store;
 * - `taken`: the state's version has changed, because another process has decided on this drill, or the run has left the queue; read it again;
 * - `overlap`: a run of the same drill is in progress; nothing was stored;
 * - `full`: `maxRunning` runs are in progress; nothing was stored;
 * - `limited`: one of `limits` is reached; nothing was stored;
 * - `over-budget`: it would pass `budget`. Where that says `skip`, it was recorded as skipped together with the state, and has left the queue; else nothing
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
  /** As `formatOwner` writes it. */
  readonly owner: string;
  readonly startedAt: Date;
  /** Last heartbeat, sent each time it has checked all schedules. */
  readonly beatAt: Date;
  /** When it shut down cleanly; undefined: it is running, or was killed. */
  readonly stoppedAt: Date | undefined;
  readonly firedrillVersion: string;
  /** How many runs it has at once, at most; undefined: of an earlier Firedrill, which did not say. */
  readonly sandboxes: number | undefined;
  /** How long ago `beatAt` was when it was read, in ms, by the store's own clock; missing: it has none, or an earlier Firedrill sent it. */
  readonly ageMs?: number;
  /** The container engines that its settings name; missing: they name none, or it has asked none yet. */
  readonly engines?: readonly EngineRecord[];
  /** Of a scheduler beside the one that leads. */
  readonly isStandby?: true;
}

/** A container engine, as a process that places sandboxes on it saw it last. */
export interface EngineRecord {
  /** Without a password. */
  readonly address: string;
  /** Since when it has not answered; missing: it answers. The rest is missing while it does not. */
  readonly silentSince?: Date | undefined;
  /** How many are on it, of all processes. */
  readonly sandboxes?: number;
  readonly memoryBytes?: number;
  /** What no sandbox may take. */
  readonly freeMemoryBytes?: number;
  readonly cpus?: number;
  readonly freeCpus?: number;
}

/** The scheduler's part of a store. Each method is one transaction. */
export interface ScheduleStore {
  /** States of every drill that was ever scheduled, by name. */
  getDrillStates(): Promise<readonly DrillState[]>;
  /**
   * Stores the state as `version + 1` if the stored one still has `version`, with what was skipped. Of `schedules`, it adds those that are new and until
   * when the one before was known; what is stored is kept, whatever the state leaves out.
   * @returns false, having stored nothing, when another process changed it meanwhile.
   */
  saveDrillState(state: DrillState, skips: readonly SkipRecord[]): Promise<boolean>;
  /**
   * Inserts the run as `running`, if it is still due and has room: see {@link ClaimOutcome}, the first that holds out of `taken`, `overlap`, `full`, `limited`, `over-budget`. A run
   * counts as in progress until it is marked as ended, even when its lease has expired: call `interruptAbandoned` first.
   */
  claimDue(run: RunRecord, due: DueClaim): Promise<ClaimOutcome>;
  /** @param drill whose next run is asked about; undefined: none. */
  getSpending(budget: MonthBudget, drill?: string): Promise<MonthSpending>;
  /** Newest first. */
  findSkips(filter: { readonly drill?: string; readonly limit: number }): Promise<readonly SkipRecord[]>;
  /** Every run that is `running`, whoever runs it, oldest first. */
  findRunning(): Promise<readonly RunRecord[]>;
  /** The same runs, as limits count them: without their parts, so that it may be asked often. */
  findReading(): Promise<readonly CountedRun[]>;
  /** All-time number of runs per outcome, so that counters do not drop after a restart. Several reasons: one row for each. */
  countRuns(): Promise<readonly RunCount[]>;
  /** Inserts or updates the daemon's row. */
  beat(daemon: DaemonRecord): Promise<void>;
  /** Most recent heartbeat first, at most ten. */
  getDaemons(): Promise<readonly DaemonRecord[]>;
  /** A scheduler's part in who leads. Dispose of it before the store. @param name by which others see it. */
  openLead(name: string): Lead;
}

export interface RunCount {
  readonly drill: string;
  /** `passed`, `failed`, `errored`, `interrupted`. */
  readonly outcome: string;
  /** A reason of the verdict, or the code of the error; empty for passed. */
  readonly reason: string;
  readonly count: number;
}
