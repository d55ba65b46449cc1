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
  /** Only runs that started at this instant or later. */
  readonly since?: Date;
  /** Only runs that started before this instant. */
  readonly before?: Date;
  /** Newest first, at most this many. */
  readonly limit: number;
  /** Only runs that come after this one in that order: the last of the page before. */
  readonly after?: { readonly startedAt: Date; readonly id: string };
}

/** The part of a filter that says which runs are meant. */
export type CountedRuns = Omit<RunFilter, 'limit' | 'after'>;

export interface LogLine {
  readonly at: Date;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
}

/** What earlier completed runs of a drill teach about the next one. */
export interface Baseline {
  readonly runs: number;
  readonly medianRecoveryTimeMs: number;
  /** Stored bytes of the backup over the restore stage; 0 when no run has both. */
  readonly medianRestoreBytesPerSecond: number;
  /** What the counted stages besides `restore` took together. */
  readonly medianBesideRestoreMs: number;
  /** The largest share of restored data on disk per stored byte of the backup; undefined: never measured. */
  readonly dataExpansion: number | undefined;
  /** The most that one of them fetched while a log archive was replayed; undefined: none did. */
  readonly logBytes: number | undefined;
  /** Newest first: what each of these runs took. */
  readonly timings: readonly RunTiming[];
}

/** What the stages of one run took, and their steps. */
export interface RunTiming {
  /** The stages that were included in the RTO. */
  readonly counts: readonly StageName[];
  /** Of the backup; undefined: not known. */
  readonly sizeBytes: number | undefined;
  readonly stages: readonly Pick<StageRecord, 'name' | 'durationMs' | 'outcome' | 'phases'>[];
}

/** A run that read the backup with the recovery identity. */
export interface IdentityRun extends Pick<RunRecord, 'status' | 'verdict' | 'startedAt'> {
  readonly runId: string;
  readonly errorCode: ErrorCode | undefined;
}

/** What runs with the recovery identity have shown of a drill. */
export interface RecoveryProof {
  readonly drill: string;
  /** The newest that was not interrupted. */
  readonly newest: IdentityRun;
  /** The newest that passed; and of those in which a key opened the backup. */
  readonly passed: IdentityRun | undefined;
  readonly passedWithKey: IdentityRun | undefined;
}

/** What a drill's checks were last shown to catch. */
export interface DrillProof extends Pick<RunRecord, 'drill' | 'startedAt' | 'definitionHash'> {
  readonly runId: string;
  readonly proof: ProofRecord;
}

/** The run is recorded as ended: another process took this one for dead, or has recorded it. Only log lines can still be added. */
export class RunEndedError extends DrillError {
  constructor(runId: string, status: string) {
    super('store-failed', `run ${runId} has already ended (${status}); history is never rewritten`, {
      hint: `Look at it with \`firedrill show ${runId}\`.`,
    });
  }
}

/** Which process runs a run, and how long it may be silent by its own clock. */
export interface RunLease {
  readonly runId: string;
  /** As `formatOwner` writes it. */
  readonly owner: string;
  readonly expiresAt: Date;
  /** How often its owner extends it, in ms; undefined: one of an older Firedrill, which does not say. */
  readonly beatMs: number | undefined;
}

/**
 * How it is known that the process of a run is dead:
 * - `expired`: its lease has ended;
 * - `silent`: its lease was not renewed while another process watched;
 * - `gone`: it is not on its machine, which is this one.
 */
export type Death = 'expired' | 'silent' | 'gone';

/**
 * History. Every implementation MUST:
 * - make `claim` durable before it returns: a killed process shows as `interrupted`, never as nothing;
 * - never change a run that has ended, but throw a {@link RunEndedError};
 * - keep stages and log lines of a run that never finished;
 * - be usable by several processes at once; wait for a lock rather than fail, for at most 10 s;
 * - refuse a store of a newer schema with `store-newer`; migrate an older one in one transaction;
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
   * Throws `store-failed` when what is written now would be lost or cannot be written: the store was deleted or replaced under this process, or is locked
   * by another for longer than a write waits. Cheap enough for each tick and each `/readyz`; it writes nothing, so a full disk shows at the next write.
   * A lost store does not come back; open it again.
   */
  check(): Promise<void>;
  /**
   * Inserts the run as `running`. @param limits for the runs in progress on all machines, whatever started them: where one is reached, nothing is stored.
   * Default: none.
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
   * @param deathOf how it is known, of each run that is `running`; undefined: it may be alive.
   * @returns the runs that were marked.
   */
  interruptAbandoned(now: Date, deathOf: (lease: RunLease) => Death | undefined): Promise<readonly RunRecord[]>;
  /** Of every run that is `running`, oldest first. */
  findLeases(): Promise<readonly RunLease[]>;
  findRuns(filter: RunFilter): Promise<readonly RunRecord[]>;
  /** How many runs there are; counting stops at `atMost`, so that it takes no longer with a long history. */
  countMatchingRuns(filter: CountedRuns, atMost: number): Promise<number>;
  /** The newest run of the drill that has a verdict, whatever came after it. */
  findLatestCompleted(drill: string): Promise<RunRecord | undefined>;
  /** The newest run of each drill that ever ran. */
  findLatestRuns(): Promise<readonly RunRecord[]>;
  /** Of each drill of which a run with the recovery identity has completed or errored. Ordered by drill. */
  findRecoveryProofs(): Promise<readonly RecoveryProof[]>;
  /** The newest proof of each drill that has one, partial ones left out. Ordered by drill. */
  findProofs(): Promise<readonly DrillProof[]>;
  /** By full id or an unambiguous beginning of it. Throws `run-not-found` (none, or several, naming them). */
  getRun(idOrPrefix: string): Promise<RunRecord>;
  /** @param from the number of lines to leave out at the beginning; default 0. */
  getLog(runId: string, from?: number): Promise<readonly LogLine[]>;
  /** From the last 10 completed runs that passed; undefined when there is none. */
  getBaseline(drill: string): Promise<Baseline | undefined>;
  /** Results of a check in runs that passed, newest backup first, then newest run; of the last 1,000 runs at most. */
  findPastChecks(filter: PastCheckFilter): Promise<readonly PastCheck[]>;
  /**
   * Removes expired rows, some thousands at once: runs skipped more than two years ago, delivered notifications created more than 90 days
   * ago, and requests to backup stores more than 30 days ago.
   * Runs and undelivered notifications are kept forever.
   * @param now counts only where the store has no clock of its own.
   * @returns how many rows were removed.
   */
  prune(now: Date): Promise<number>;
}
