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
  /** When the previous stage ended. */
  readonly startedAt: Date;
  /** From a monotonic clock, in whole milliseconds. */
  readonly durationMs: number;
  readonly outcome: StageOutcome;
  /** Ordered by start. They may overlap (a backup is fetched while its server boots) and need not cover the whole stage. */
  readonly phases: readonly PhaseRecord[];
}

/** A step within a stage, with repetitions added up. */
export interface PhaseRecord {
  readonly name: PhaseName;
  /** When its first repetition started. Absent in runs of earlier versions. */
  readonly startedAt?: Date;
  /** From a monotonic clock, in whole milliseconds. */
  readonly durationMs: number;
  /** Bytes processed: stored bytes read, files verified, log replayed. Absent if not counted. */
  readonly bytes?: number;
}

export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly stage: StageName | undefined;
  readonly message: string;
  readonly hint: string | undefined;
  readonly details: readonly string[];
}

/** Which damage the drill caught: in the restored copy, where it was rolled back, and in the bytes read from the backup. */
export interface ProofRecord {
  readonly entries: readonly ProofEntry[];
  /** Seed of the places damaged in the backup; undefined: none was damaged. */
  readonly seed?: string | undefined;
  /** Kinds of damage that were caught less often than in the drill's previous proof; undefined: none, or no previous proof. */
  readonly lost?: readonly DamageName[] | undefined;
  /** Whether only damage chosen by a user was tried, nothing was tried, or it was interrupted; it then does not count as the drill's proof. */
  readonly isPartial?: boolean | undefined;
}

export interface ProofEntry {
  /** undefined: recorded by an older Firedrill. */
  readonly kind?: DamageName | undefined;
  /** `public.payment: one row lost` */
  readonly damage: string;
  /** Names of the checks that failed, or what ended the run: `the restore (backup-truncated)`; empty: undetected. */
  readonly caughtBy: readonly string[];
  /** A check that would catch it, as YAML to paste; undefined: it was caught, or none would. */
  readonly advice: string | undefined;
  /** Why it was not tried, or is inconclusive; such an entry does not count. */
  readonly skipped?: string | undefined;
}

/** A reason for the verdict, human-readable. */
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

/** The keys and credentials with which a run read its backup. Public facts only. */
export interface IdentityRecord {
  readonly name: IdentityName;
  /** Fingerprints of the keys that opened it, without duplicates: `age1…`, that of an OpenPGP key, `passphrase`. Empty: none was needed, or none worked. */
  readonly keys: readonly string[];
  /** The identity used to read the store, in the store's terms: `access key …WXYZ`; undefined: unknown. */
  readonly principal: string | undefined;
}

/** How the store protects the backup from deletion, as found by a drill with `backup.immutable`. */
export interface ProtectionRecord {
  readonly answer: ProtectionAnswer;
  /** How long after being stored the drill requires the backup to be locked. */
  readonly requiredMs: number;
  readonly onFinding: 'warn' | 'fail';
  /** Lock of the least protected object. */
  readonly mode: 'governance' | 'compliance' | undefined;
  readonly lockedUntil: Date | undefined;
  readonly legalHold: boolean;
  readonly versioning: 'enabled' | 'suspended' | 'off' | undefined;
  /** Shortfalls against the drill's requirement, or why they are unknown: one sentence each. */
  readonly findings: readonly string[];
  /** Other observations. */
  readonly notes: readonly string[];
  /** Result of the attempt to delete a marker; undefined: not requested by the drill. */
  readonly probe: { readonly outcome: ProbeOutcome; readonly principal: string | undefined } | undefined;
}

/** `bypassed`: deleted by overriding governance retention; `allowed`: it could not be written, and deletion was not refused. */
export const PROBE_OUTCOMES = ['refused', 'deleted', 'bypassed', 'allowed', 'failed'] as const;
export type ProbeOutcome = (typeof PROBE_OUTCOMES)[number];

export interface ReadingRecord {
  /** Estimate made before reading. */
  readonly planned: Reading;
  /** Actual count; undefined until the run has ended. */
  readonly actual: Reading | undefined;
  /** For a repository: how it was made available to its tool in the sandbox, human-readable. Absent for other backups, and in records of an older Firedrill. */
  readonly access?: string;
  /** Checksums stored next to the backup that it matched: `SHA-256 matches orders.sql.gz.sha256`. Absent: none. */
  readonly checksums?: readonly string[];
  /** How it was throttled by a limit of its source; undefined: never throttled. */
  readonly held?: HeldReading | undefined;
  /** What the runs of a proof read in addition; undefined: there were none. */
  readonly proof?: Reading | undefined;
}

/** A commit in the log of the backed-up server. */
export interface CommitRecord {
  /** undefined: its log was not read for that. */
  readonly transaction: string | undefined;
  readonly at: Date;
  /** Its position in the log. */
  readonly position: string | undefined;
}

/** How far a log was replayed, with evidence from both sides of the stopping point. */
export interface ReplayRecord {
  /** The target point, human-readable. */
  readonly to: string;
  /** Log position where replay ended; undefined: nothing was replayed. */
  readonly end: string | undefined;
  readonly lastCommit: CommitRecord | undefined;
  /** The first commit in the log that was not replayed; undefined: none, or not found. */
  readonly firstLost: CommitRecord | undefined;
  /** Whether the log archive was replayed to the end. */
  readonly isWholeLog: boolean;
  /** undefined: none, or only the part that the backup itself needs was read. */
  readonly archive?: ArchiveRecord | undefined;
}

/** How recent the log archive was when the run started. */
export interface ArchiveRecord {
  /** The newest log file in it. */
  readonly newest: string;
  /** When that file was stored; undefined: unknown to the store. */
  readonly storedAt: Date | undefined;
  /** How long before the start of the run that was; never below 0. */
  readonly lagMs: number | undefined;
}

/** What triggered a run. */
export interface Trigger {
  readonly kind: TriggerKind;
  /** The scheduled time, or when the new backup was detected; undefined if started manually. */
  readonly dueAt: Date | undefined;
  /** 1; 2 for a retry after an errored or interrupted attempt. */
  readonly attempt: number;
  /** The drill whose `race` ran this one after it. Absent: the run was due, or was started, independently. */
  readonly raceOf?: string;
}

export interface SandboxRecord {
  readonly runtime: string;
  /** Address of its container engine. Absent if there was none, and in records of an older Firedrill. */
  readonly containerEngine?: string | undefined;
  readonly image: string;
  readonly imageId: string;
  readonly isolation: string;
  readonly serverVersion: string | undefined;
  /** True only if teardown confirmed that everything was removed. */
  readonly removed: boolean;
  /** Whether it was kept on purpose, for inspection after the run; undefined: recorded by an older Firedrill. */
  readonly kept: boolean | undefined;
  /** Disk space used by the restored data before teardown; undefined: not measured. Admission uses it for later runs. */
  readonly dataBytes: number | undefined;
}

/** Who accepted a run's data, and why. */
export type AcceptanceRecord = Omit<Acceptance, 'runId'>;

/** The complete record of one drill run, as stored, shown and reported. */
export interface RunRecord {
  readonly id: string;
  readonly drill: string;
  readonly drillFile: string;
  readonly definitionHash: string;
  /** The drill's definition at the time as JSON, without secrets. */
  readonly definition: string;
  /** Who or what triggered the run, human-readable: `by hand (alice)`, `schedule`. */
  readonly triggeredBy: string;
  readonly trigger: Trigger;
  readonly owner: string | undefined;
  readonly tier: number | undefined;
  readonly status: RunStatus;
  readonly verdict: Verdict | undefined;
  readonly reasons: readonly ReasonRecord[];
  readonly warnings: readonly string[];
  readonly error: ErrorRecord | undefined;
  /** undefined while in progress, and if recorded by an older Firedrill. */
  readonly endedBy: RunEnding | undefined;
  /** The user who canceled it: `bob (web)`. */
  readonly canceledBy: string | undefined;
  /** Whether a scheduler will retry it, unless its next run comes first. */
  readonly retryable: boolean;
  readonly startedAt: Date;
  readonly endedAt: Date | undefined;
  readonly objectives: Objectives;
  /** Wall-clock time from the start of `locate` to the end of `verify`, minus stages that do not count; undefined if the run did not get that far. */
  readonly recoveryTimeMs: number | undefined;
  /** Age of the backup at the time of the drill. */
  readonly dataLossMs: number | undefined;
  readonly stages: readonly StageRecord[];
  readonly checks: readonly CheckRecord[];
  /** undefined: not recorded by an older Firedrill. */
  readonly identity: IdentityRecord | undefined;
  readonly backup: BackupRecord | undefined;
  /** undefined: not requested by the drill, or the run did not get that far. */
  readonly protection: ProtectionRecord | undefined;
  /** undefined: no backup was chosen, or an older Firedrill recorded the run. */
  readonly reading: ReadingRecord | undefined;
  /** undefined: no log was replayed, the run did not get that far, or an older Firedrill recorded it. */
  readonly replay?: ReplayRecord | undefined;
  readonly sandbox: SandboxRecord | undefined;
  /** undefined: the run was not a proof, or did not get that far. */
  readonly proof: ProofRecord | undefined;
  /** A user's acceptance of its data as the baseline for later runs; undefined: not accepted. */
  readonly accepted: AcceptanceRecord | undefined;
  readonly restoreErrors: readonly string[];
  readonly restoreErrorCount: number;
  /** The sources that it reads from, as named in `backup.source`. Absent in records of an older Firedrill. */
  readonly readsFrom?: readonly string[];
  /** The process that runs or ran it; it holds the lease while the run is `running`. */
  readonly leaseOwner: string;
  readonly leaseExpiresAt: Date;
  /** How often that process extends the lease, in ms. Absent in records of an older Firedrill. */
  readonly leaseBeatMs?: number;
  readonly firedrillVersion: string;
}
