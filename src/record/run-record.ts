import type { Objectives } from '../config/drill-file.ts';
import type { ErrorCode } from '../support/errors.ts';
import type { HeldReading, Reading } from '../support/reading.ts';
import type {
  DamageName,
  IdentityName,
  PhaseName,
  ProtectionAnswer,
  Reason,
  RunEnding,
  RunStatus,
  StageName,
  TriggerKind,
  Verdict,
} from '../support/vocabulary.ts';
import type { Acceptance } from './baseline-store.ts';
import type { CheckRecord } from './check-record.ts';

export type StageOutcome = 'ok' | 'failed' | 'errored' | 'interrupted' | 'skipped';

export interface StageRecord {
  readonly name: StageName;
  /** When the stage before it ended. */
  readonly startedAt: Date;
  /** Monotonic, whole. */
  readonly durationMs: number;
  readonly outcome: StageOutcome;
  /** Ordered by start; they may overlap (a backup is fetched while its server boots) and need not fill the stage. */
  readonly phases: readonly PhaseRecord[];
}

/** A step within a stage, with repetitions added up. */
export interface PhaseRecord {
  readonly name: PhaseName;
  /** When the first of its repetitions began. Missing in runs of earlier versions. */
  readonly startedAt?: Date;
  /** Monotonic, whole. */
  readonly durationMs: number;
  /** How much it worked through: stored bytes that were read, files that were verified, log that was replayed. Missing where that was not counted. */
  readonly bytes?: number;
}

export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly stage: StageName | undefined;
  readonly message: string;
  readonly hint: string | undefined;
  readonly details: readonly string[];
}

/** What the drill caught of damage: to the restored copy, where it was rolled back, and to what was read of the backup. */
export interface ProofRecord {
  readonly entries: readonly ProofEntry[];
  /** Of the places in the backup that were damaged; undefined: none was. */
  readonly seed?: string | undefined;
  /** Kinds of damage of which less was caught than in the drill's proof before; undefined: none, or there was none before. */
  readonly lost?: readonly DamageName[] | undefined;
  /** Only damage that a user named was tried, or nothing was, or it was interrupted, so it is not the drill's proof. */
  readonly isPartial?: boolean | undefined;
}

export interface ProofEntry {
  /** undefined: recorded by an older Firedrill. */
  readonly kind?: DamageName | undefined;
  /** `public.payment: one row lost` */
  readonly damage: string;
  /** Names of the checks that failed, or what ended the run: `the restore (backup-truncated)`; empty: it went unseen. */
  readonly caughtBy: readonly string[];
  /** A check that would catch it, as YAML to paste; undefined: it was caught, or none would. */
  readonly advice: string | undefined;
  /** Why it was not tried, or proves nothing; such an entry does not count. */
  readonly skipped?: string | undefined;
}

/** A reason for the verdict, in plain words. */
export interface ReasonRecord {
  readonly reason: Reason;
  readonly sentence: string;
  readonly hint: string | undefined;
}

export interface BackupRecord {
  readonly source: string;
  readonly key: string;
  readonly sizeBytes: number;
  readonly takenAt: Date;
  readonly etag: string | undefined;
  readonly format: string | undefined;
  readonly serverVersion: string | undefined;
  readonly dumpedBy: string | undefined;
  /** How it was chosen: `latest of 31`, `random of 30 within 30 d, seed 20261121-…`; undefined: recorded by an older Firedrill. */
  readonly selection: string | undefined;
  /** When the newest backup was taken. Data loss is measured from it, even when an older one is drilled. */
  readonly newestTakenAt: Date | undefined;
}

/** With whose keys and credentials a run read its backup. Public facts only. */
export interface IdentityRecord {
  readonly name: IdentityName;
  /** Fingerprints of the keys that opened it, each once: `age1…`, that of an OpenPGP key, `passphrase`. Empty: none was needed, or none opened it. */
  readonly keys: readonly string[];
  /** Who the store was read as, as it names that: `access key …WXYZ`; undefined: it does not say. */
  readonly principal: string | undefined;
}

/** How the store protects the backup from deletion, as a drill with `backup.immutable` found it. */
export interface ProtectionRecord {
  readonly answer: ProtectionAnswer;
  /** For how long after it was stored the drill wants the backup locked. */
  readonly requiredMs: number;
  readonly onFinding: 'warn' | 'fail';
  /** Of the object that is locked least. */
  readonly mode: 'governance' | 'compliance' | undefined;
  readonly lockedUntil: Date | undefined;
  readonly legalHold: boolean;
  readonly versioning: 'enabled' | 'suspended' | 'off' | undefined;
  /** What is less than the drill asks for, or why that is not known: one sentence each. */
  readonly findings: readonly string[];
  /** What else was seen. */
  readonly notes: readonly string[];
  /** What became of the attempt to delete a marker; undefined: the drill does not ask for it. */
  readonly probe: { readonly outcome: ProbeOutcome; readonly principal: string | undefined } | undefined;
}

/** `bypassed`: deleted by lifting governance retention; `allowed`: it could not be written, and deleting was not refused. */
export const PROBE_OUTCOMES = ['refused', 'deleted', 'bypassed', 'allowed', 'failed'] as const;
export type ProbeOutcome = (typeof PROBE_OUTCOMES)[number];

export interface ReadingRecord {
  /** Estimated before anything was read. */
  readonly planned: Reading;
  /** Counted; undefined until the run has ended. */
  readonly actual: Reading | undefined;
  /** Of a repository: how it got to its tool in the sandbox, for people. Missing for other backups, and in records of an older Firedrill. */
  readonly access?: string;
  /** How it was held to a limit of its source; undefined: it never waited for one. */
  readonly held?: HeldReading | undefined;
  /** What the runs of a proof read beside it; undefined: there were none. */
  readonly proof?: Reading | undefined;
}

/** A commit in the log of the backed-up server. */
export interface CommitRecord {
  /** Undefined: its log was not read for that. */
  readonly transaction: string | undefined;
  readonly at: Date;
  /** Where it is in the log. */
  readonly position: string | undefined;
}

/** How far a log was replayed, proven from both sides. */
export interface ReplayRecord {
  /** The point that was aimed at, for people. */
  readonly to: string;
  /** Where it ended in the log; undefined: nothing was replayed. */
  readonly end: string | undefined;
  readonly lastCommit: CommitRecord | undefined;
  /** The first commit in the log that was not replayed; undefined: there is none, or it was not found. */
  readonly firstLost: CommitRecord | undefined;
  /** Whether nothing of the log archive is left. */
  readonly isWholeLog: boolean;
  /** Undefined: there is none, or only what the backup itself needs was read. */
  readonly archive?: ArchiveRecord | undefined;
}

/** How recent a log archive was when the run started. */
export interface ArchiveRecord {
  /** The newest log file in it. */
  readonly newest: string;
  /** When that was stored; undefined: the store does not say. */
  readonly storedAt: Date | undefined;
  /** How long before the start of the run that was, never below 0. */
  readonly lagMs: number | undefined;
}

/** What triggered a run. */
export interface Trigger {
  readonly kind: TriggerKind;
  /** The instant that the schedule named, or at which the new backup was seen; undefined by hand. */
  readonly dueAt: Date | undefined;
  /** 1; 2 for the retry after one that errored or was cut off. */
  readonly attempt: number;
  /** The drill whose `race` had this one run behind it. Missing: the run was due, or started, by itself. */
  readonly raceOf?: string;
}

export interface SandboxRecord {
  readonly runtime: string;
  /** Address of the container engine that it was on. Missing where there was none, and in records of an older Firedrill. */
  readonly containerEngine?: string | undefined;
  readonly image: string;
  readonly imageId: string;
  readonly isolation: string;
  readonly serverVersion: string | undefined;
  /** True only when teardown confirmed that everything is gone. */
  readonly removed: boolean;
  /** Whether it was left up on purpose, for inspection after the run; undefined: not recorded by an older Firedrill. */
  readonly kept: boolean | undefined;
  /** Disk space used by the restored data before teardown; undefined: not measured. Admission uses it for later runs. */
  readonly dataBytes: number | undefined;
}

/** Who accepted a run's data, and why. */
export type AcceptanceRecord = Omit<Acceptance, 'runId'>;

/** The complete record of one drill run, as it is stored, shown and reported. */
export interface RunRecord {
  readonly id: string;
  readonly drill: string;
  readonly drillFile: string;
  readonly definitionHash: string;
  /** The drill's definition at the time as JSON, without secrets. */
  readonly definition: string;
  /** Who or what triggered the run, for people: `by hand (alice)`, `schedule`. */
  readonly triggeredBy: string;
  readonly trigger: Trigger;
  readonly owner: string | undefined;
  readonly tier: number | undefined;
  readonly status: RunStatus;
  readonly verdict: Verdict | undefined;
  readonly reasons: readonly ReasonRecord[];
  readonly warnings: readonly string[];
  readonly error: ErrorRecord | undefined;
  /** Undefined while it is in progress, and where an older Firedrill did not record it. */
  readonly endedBy: RunEnding | undefined;
  /** The user who canceled it: `bob (web)`. */
  readonly canceledBy: string | undefined;
  /** Whether a scheduler retries it, if its next run does not come first. */
  readonly retryable: boolean;
  readonly startedAt: Date;
  readonly endedAt: Date | undefined;
  readonly objectives: Objectives;
  /** Wall-clock time from the start of `locate` to the end of `verify`, less stages that do not count; undefined when the run did not get that far. */
  readonly recoveryTimeMs: number | undefined;
  /** Age of the backup at the moment of the drill. */
  readonly dataLossMs: number | undefined;
  readonly stages: readonly StageRecord[];
  readonly checks: readonly CheckRecord[];
  /** undefined: not recorded by an older Firedrill. */
  readonly identity: IdentityRecord | undefined;
  readonly backup: BackupRecord | undefined;
  /** undefined: the drill does not ask for it, or the run did not get that far. */
  readonly protection: ProtectionRecord | undefined;
  /** undefined: no backup was chosen, or an older Firedrill recorded the run. */
  readonly reading: ReadingRecord | undefined;
  /** undefined: no log was replayed, the run did not get that far, or an older Firedrill recorded it. */
  readonly replay?: ReplayRecord | undefined;
  readonly sandbox: SandboxRecord | undefined;
  /** undefined: the run was not a proof, or did not get that far. */
  readonly proof: ProofRecord | undefined;
  /** That a person has accepted its data as the one to compare later runs with; undefined: nobody has. */
  readonly accepted: AcceptanceRecord | undefined;
  readonly restoreErrors: readonly string[];
  readonly restoreErrorCount: number;
  /** The sources that it reads from, as they are named in `backup.source`. Missing in records of an older Firedrill. */
  readonly readsFrom?: readonly string[];
  /** The process that runs it, or ran it: it holds the lease while the run is `running`. */
  readonly leaseOwner: string;
  readonly leaseExpiresAt: Date;
  /** How often that process extends the lease, in ms. Missing in records of an older Firedrill. */
  readonly leaseBeatMs?: number;
  readonly firedrillVersion: string;
}
