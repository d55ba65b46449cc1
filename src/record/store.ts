import { DrillError, type ErrorCode } from '../support/errors.ts';
import type { ShownState, StageName, TriggerKind } from '../support/vocabulary.ts';
import type { AccessStore } from './access-store.ts';
import type { AcknowledgementStore } from './acknowledgement-store.ts';
import type { BaselineStore } from './baseline-store.ts';
import type { PastCheck, PastCheckFilter } from './check-record.ts';
import type { DiscoveryStore } from './discovery-store.ts';
import type { LiveStore } from './live-store.ts';
import type { NotificationStore } from './notification-store.ts';
import type { QueueStore } from './queue-store.ts';
import type { ReportStore } from './report-store.ts';
import type { RequestStore } from './request-store.ts';
import type { ReachedLimit, RunLimit } from './run-limits.ts';
import type { ProofRecord, RunRecord, StageRecord } from './run-record.ts';
import type { ScheduleStore } from './schedule-store.ts';
import type { SilenceStore } from './silence-store.ts';

export interface RunFilter {
  readonly drill?: string;
  /** Only runs that ended in one of these ways, or are running. */
  readonly states?: readonly ShownState[];
  /** Only runs of drills that had this owner, this tier. */
  readonly owner?: string;
  readonly tier?: number;
  readonly trigger?: TriggerKind;
  /** Only runs that started at or after this instant. */
  readonly since?: Date;
  /** Only runs that started before this instant. */
  readonly before?: Date;
  /** Newest first, at most this many. */
  readonly limit: number;
  /** Only runs after this one in that order: the last one of the previous page. */
  readonly after?: { readonly startedAt: Date; readonly id: string };
}

/** The part of a filter that selects runs. */
export type CountedRuns = Omit<RunFilter, 'limit' | 'after'>;

export interface LogLine {
  readonly at: Date;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
}

/** What earlier completed runs of a drill predict about the next one. */
export interface Baseline {
  readonly runs: number;
  readonly medianRecoveryTimeMs: number;
  /** Stored bytes of the backup divided by the duration of the restore stage; 0 if no run has both. */
  readonly medianRestoreBytesPerSecond: number;
  /** Total duration of the counted stages other than `restore`. */
  readonly medianBesideRestoreMs: number;
  /** The largest share of restored data on disk per stored byte of the backup; undefined: never measured. */
  readonly dataExpansion: number | undefined;
  /** The most that a run fetched while replaying a log archive; undefined: none did. */
  readonly logBytes: number | undefined;
  /** Durations of each of these runs, newest first. */
  readonly timings: readonly RunTiming[];
}

/** Durations of the stages of one run, and their steps. */
export interface RunTiming {
  /** The stages that were included in the RTO. */
  readonly counts: readonly StageName[];
  /** Size of the backup; undefined: unknown. */
  readonly sizeBytes: number | undefined;
  readonly stages: readonly Pick<StageRecord, 'name' | 'durationMs' | 'outcome' | 'phases'>[];
}

/** A run that read the backup with the recovery identity. */
export interface IdentityRun extends Pick<RunRecord, 'status' | 'verdict' | 'startedAt'> {
  readonly runId: string;
  readonly errorCode: ErrorCode | undefined;
}

/** What runs with the recovery identity have proven for a drill. */
export interface RecoveryProof {
  readonly drill: string;
  /** The newest run that was not interrupted. */
  readonly newest: IdentityRun;
  /** The newest run that passed; and the newest among those in which a key opened the backup. */
  readonly passed: IdentityRun | undefined;
  readonly passedWithKey: IdentityRun | undefined;
}

/** The latest proof of what a drill's checks catch. */
export interface DrillProof extends Pick<RunRecord, 'drill' | 'startedAt' | 'definitionHash'> {
  readonly runId: string;
  readonly proof: ProofRecord;
}

/** The run is already recorded as ended: another process considered this one dead, or recorded it. Only log lines can still be added. */
export class RunEndedError extends DrillError {
  constructor(runId: string, status: string) {
    super('store-failed', `run ${runId} has already ended (${status}); history is never rewritten`, {
      hint: `Look at it with \`firedrill show ${runId}\`.`,
    });
  }
}

/** Which process runs a run, and how long it may be silent by that process's clock. */
export interface RunLease {
  readonly runId: string;
  /** As formatted by `formatOwner`. */
  readonly owner: string;
  readonly expiresAt: Date;
  /** How often its owner extends it, in ms; undefined: not reported by an older Firedrill. */
  readonly beatMs: number | undefined;
}

/**
 * How we know that a run's process is dead:
 * - `expired`: its lease has ended;
 * - `silent`: its lease was not renewed while another process watched;
 * - `gone`: it no longer exists on its machine, which is this one.
 */
export type Death = 'expired' | 'silent' | 'gone';

/**
 * History. Every implementation MUST:
 * - make `claim` durable before it returns: a killed process shows as `interrupted`, never as nothing;
 * - never change a run that has ended, but throw a {@link RunEndedError};
 * - keep stages and log lines of a run that never finished;
 * - be usable by several processes at once; wait for a lock rather than fail, for at most 10 s;
 * - refuse a store with a newer schema with `store-newer`; migrate an older one in one transaction;
 * - write nothing, and throw `store-failed`, once its files were deleted or replaced: writes would be silently lost;
 * - throw DrillErrors only: `store-failed` (with path and cause), `store-newer`, `disk-full`.
 */
export interface Store
  extends ScheduleStore,
    QueueStore,
    LiveStore,
    NotificationStore,
    ReportStore,
    AccessStore,
    AcknowledgementStore,
    SilenceStore,
    BaselineStore,
    DiscoveryStore,
    RequestStore,
    AsyncDisposable {
  /**
   * Throws `store-failed` if writes would now be lost or fail: the store was deleted or replaced under this process, or is locked by another for longer than a
   * write waits. Cheap enough for each tick and each `/readyz`; it writes nothing, so a full disk only shows at the next write. A lost store does not recover;
   * open it again.
   */
  check(): Promise<void>;
  /**
   * Inserts the run as `running`.
   * @param limits on the runs in progress on all machines, however they were started: if one is reached, nothing is stored. Default: none.
   * @returns the first limit that is reached; undefined: the run is stored.
   */
  claim(run: RunRecord, limits?: readonly RunLimit[]): Promise<ReachedLimit | undefined>;
  /** Adds a stage of a running run, so that a killed one keeps its timeline so far. */
  addStage(runId: string, stage: StageRecord): Promise<void>;
  addLog(runId: string, lines: readonly LogLine[]): Promise<void>;
  extendLease(runId: string, leaseExpiresAt: Date): Promise<void>;
  /** The whole record in one transaction; the run must be `running`. */
  finish(run: RunRecord): Promise<void>;
  /**
   * Marks as `interrupted` every `running` run whose process is dead.
   * @param deathOf how we know, for each run that is `running`; undefined: it may be alive.
   * @returns the runs that were marked.
   */
  interruptAbandoned(now: Date, deathOf: (lease: RunLease) => Death | undefined): Promise<readonly RunRecord[]>;
  /** Leases of all runs that are `running`, oldest first. */
  findLeases(): Promise<readonly RunLease[]>;
  findRuns(filter: RunFilter): Promise<readonly RunRecord[]>;
  /** Number of matching runs; counting stops at `atMost`, so that a long history does not slow it down. */
  countMatchingRuns(filter: CountedRuns, atMost: number): Promise<number>;
  /** The drill's newest run with a verdict, regardless of later runs. */
  findLatestCompleted(drill: string): Promise<RunRecord | undefined>;
  /** The newest run of each drill that ever ran. */
  findLatestRuns(): Promise<readonly RunRecord[]>;
  /** For each drill with a completed or errored run under the recovery identity. Ordered by drill. */
  findRecoveryProofs(): Promise<readonly RecoveryProof[]>;
  /** The newest proof of each drill that has one, excluding partial ones. Ordered by drill. */
  findProofs(): Promise<readonly DrillProof[]>;
  /** By full id or an unambiguous prefix. Throws `run-not-found` (none, or several, naming them). */
  getRun(idOrPrefix: string): Promise<RunRecord>;
  /** @param from the number of lines to skip at the start; default 0. */
  getLog(runId: string, from?: number): Promise<readonly LogLine[]>;
  /** From the last 10 completed runs that passed; undefined if there are none. */
  getBaseline(drill: string): Promise<Baseline | undefined>;
  /** Results of a check in runs that passed, newest backup first, then newest run; from at most the last 1,000 runs. */
  findPastChecks(filter: PastCheckFilter): Promise<readonly PastCheck[]>;
  /**
   * Removes expired rows, a few thousand at a time: runs skipped more than two years ago, delivered notifications created more than 90 days ago, and requests
   * to backup stores more than 30 days ago.
   * Runs and undelivered notifications are kept forever.
   * @param now counts only where the store has no clock of its own.
   * @returns how many rows were removed.
   */
  prune(now: Date): Promise<number>;
}
