import type { KeySpec } from '../backup/decryption/key-spec.ts';
import type { OpensslSpec } from '../backup/openssl-spec.ts';
import type { SourceSpec } from '../backup/registry.ts';
import type { RecoveryTarget, SnapshotChoice } from '../engines/format.ts';
import type { EngineType } from '../engines/registry.ts';
import type { RuntimeName } from '../sandbox/registry.ts';
import type { StageName } from '../support/vocabulary.ts';
import type { ChangeRange } from '../verify/change-range.ts';
import type { CheckSpec } from '../verify/registry.ts';

/** A validated drill: defaults filled in, units in the names, paths absolute. The only secrets are `heartbeat` and the credentials of the source. */
export interface Drill {
  readonly name: string;
  readonly description: string | undefined;
  readonly owner: string | undefined;
  readonly tier: number | undefined;
  /** Labels for selecting it, besides owner and tier: `service` to `payments`; undefined: none. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly backup: BackupSpec;
  /** undefined: no limit. */
  readonly budget?: Budget | undefined;
  readonly engine: EngineSpec;
  readonly sandbox: SandboxSpec;
  readonly objectives: Objectives;
  readonly restore: RestoreSpec;
  /** Where recovery stops; undefined: at the end of the log archive, or of the backup if there is none. */
  readonly recover?: RecoverSpec | undefined;
  /** Never empty: a drill without checks could not fail. */
  readonly checks: readonly [CheckSpec, ...CheckSpec[]];
  /** What to compare with the last good runs besides the checks; undefined: nothing. */
  readonly baseline?: BaselineSpec | undefined;
  /** What to do in a real recovery; shown on failure. */
  readonly runbook: string | undefined;
  /** Interval after which a scheduled run proves the checks again; undefined: only manually. */
  readonly proveEveryMs?: number | undefined;
  /** Other drills that recover the same database in a different way; never empty. */
  readonly race?: readonly string[] | undefined;
  /** The pool of runners that runs it when it is due; undefined: the scheduler does. */
  readonly pool?: string | undefined;
  /** When it runs automatically. */
  readonly schedule?: Schedule | undefined;
  /** Pinged when a run starts, and when it succeeds or fails. A secret, because anyone who knows the URL can ping it. */
  readonly heartbeat?: string | undefined;
  /** Absolute path of the file it came from. */
  readonly file: string;
  readonly place: DrillPlace;
  /** SHA-256 of the current configuration, SQL files included, in hex. History records which definition each run had. */
  readonly definitionHash: string;
}

export interface BaselineSpec {
  /** How much the stored size of the backup may change. */
  readonly size: ChangeRange;
  /** How far back before the newest good run's backup other good runs count. */
  readonly sinceMs: number;
}

/** The place in the file that messages refer to. */
export interface DrillPlace {
  /** The file as it can be typed in the working directory: relative if below that, else absolute. */
  readonly file: string;
  /** The line on which each check begins, in order. */
  readonly checkLines: readonly number[];
}

export interface Schedule {
  /** As written in the drill; parsed by `readCron` of schedule/. undefined: runs after each new backup only. */
  readonly cron: string | undefined;
  /** Also runs after each new backup; the source is polled at this interval. */
  readonly onNewBackup: { readonly pollMs: number } | undefined;
  /** IANA name of the zone for all times in the schedule. */
  readonly timezone: string;
  /** What happens to runs that were missed while no scheduler was running. */
  readonly missed: 'run-once' | 'skip';
  /** Each run starts up to this much later than due, always by the same amount for the same drill and due time. 0: at once. */
  readonly jitterMs: number;
  /** When no run may start. */
  readonly notDuring: readonly TimeWindow[];
  readonly freezes: readonly Freeze[];
  /** Periods during which users have paused it; not part of the drill file. */
  readonly pauses?: readonly Pause[];
  /** A run that has not started this long after it was due makes the drill overdue. */
  readonly overdueAfterMs: number;
}

/** A period during which no run starts automatically. */
export interface Pause {
  readonly from: Date;
  /** Exclusive. */
  readonly until: Date;
  /** `paused until 30 Nov 2026, 08:00 UTC by alice: storage migration`. */
  readonly reason: string;
}

/** Wall-clock hours; the days are those on which the period starts. */
export interface TimeWindow {
  /** 0 is Sunday; sorted. */
  readonly days: readonly number[];
  /** Minutes since midnight, 0 to 1439. */
  readonly fromMinute: number;
  /** Exclusive, 1 to 1440; on the following day unless after `fromMinute`. */
  readonly toMinute: number;
}

export interface Freeze {
  /** Wall-clock time such as `2026-12-20 00:00`; undefined: no start. */
  readonly from: string | undefined;
  /** Exclusive, in the same format. */
  readonly until: string;
}

export interface BackupSpec {
  readonly source: SourceSpec;
  /** Where to read the keys that decrypt it. */
  readonly keys?: readonly KeySpec[] | undefined;
  /** Options that `openssl enc` encrypted it with; undefined: the defaults. */
  readonly openssl?: OpensslSpec | undefined;
  /** The keys and credentials available to the person who recovers. */
  readonly identity?: IdentitySpec | undefined;
  /** Where the server archives its log. */
  readonly log?: { readonly source: SourceSpec } | undefined;
  /** Glob for the key below the source's prefix; `*` stays within a segment, `**` crosses them. */
  readonly match: string;
  /** Glob for the name of the dump in a zip archive or tar, or for its path if it contains `/`; undefined: the only dump in it. */
  readonly member?: string | undefined;
  readonly select: SelectSpec;
  /** Choose among the object versions as of an instant, or of this long before the run; undefined: among the current ones. */
  readonly asOf?: Date | { readonly agoMs: number } | undefined;
  /** Which protection of the backup to require from the store; undefined: none. */
  readonly immutable?: ProtectionSpec | undefined;
  /** Where to read when the backup was taken. */
  readonly takenAt: 'name' | 'modified' | 'tag';
  /** IANA zone of times in names without an offset; default UTC. */
  readonly timezone?: string | undefined;
}

/** Where recovery of a physical backup stops. */
export interface RecoverSpec {
  readonly to:
    | Exclude<RecoveryTarget, { kind: 'random' }>
    | { readonly kind: 'ago'; readonly agoMs: number }
    | { readonly kind: 'random'; readonly withinMs: number };
}

/** The keys and credentials of the person who recovers, where they differ from the drill's. */
export interface IdentitySpec {
  /** undefined: the drill's. */
  readonly keys: readonly KeySpec[] | undefined;
  /** As written in the drill file, without secrets; undefined: the drill's. */
  readonly credentials: Readonly<Record<string, unknown>> | undefined;
  readonly use: IdentityUse;
  /** The drill's source with those credentials, or which of them cannot be read here; undefined without credentials. */
  readonly source: SourceSpec | { readonly missing: string } | undefined;
  /** The log archive with those credentials; undefined: they are for a different kind of store, or there is no archive. */
  readonly log?: SourceSpec | undefined;
}

/** Which runs read the backup with this identity, unless overridden on the command line. */
export type IdentityUse =
  | { readonly when: 'on-request' }
  | { readonly when: 'always' }
  /** Use it for a run if it has not been proven for this long. */
  | { readonly when: 'every'; readonly everyMs: number };

/** How long after being stored a backup must stay locked, and the consequence if it does not. */
export interface ProtectionSpec {
  readonly forMs: number;
  /** `governance`: either kind of lock is accepted. */
  readonly mode: 'governance' | 'compliance';
  /** Whether a run tries to delete a marker object. */
  readonly probe: boolean;
  readonly onFinding: 'warn' | 'fail';
}

/** Limits on what a run may read from its source. At least one is set. */
export interface Budget {
  readonly readBytes: number | undefined;
  readonly cost: { readonly amount: number; readonly currency: string } | undefined;
}

export type SelectSpec =
  | { readonly by: 'latest' }
  | { readonly by: 'key'; readonly key: string }
  /** A random backup taken within the window, drawn for each run from a recorded seed. */
  | { readonly by: 'random'; readonly windowMs: number };

export interface EngineSpec {
  readonly type: EngineType;
  /** `from-backup`, or a fixed version such as `17`. */
  readonly version: string;
  /** The database that checks connect to; undefined: the one named by the backup. */
  readonly database: string | undefined;
  /** An image with more than the stock one, such as extensions; undefined: `postgres:<major>`. */
  readonly image: string | undefined;
  /** Libraries that the server loads at start. Postgres only. */
  readonly preload: readonly string[];
  /** Server settings from the engine's allow-list, as text. */
  readonly settings: Readonly<Record<string, string>>;
  /** The resolved values of the engine’s own keys: plain data, which only the engine reads. Absent: it has none. */
  readonly options?: unknown;
}

export interface SandboxSpec {
  /** undefined: the first one that can create a sandbox. */
  readonly runtime: RuntimeName | undefined;
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly pids: number;
  /** Where the server keeps its data: an anonymous volume, or memory. */
  readonly storage: 'volume' | 'tmpfs';
  /** `relaxed`: load without durability, then seal; `production`: durable from the first byte. */
  readonly durability: 'relaxed' | 'production';
}

export interface Objectives {
  readonly rtoMs: number;
  readonly rpoMs: number | undefined;
  /** 0 to 1: fraction of an objective above which a pass carries a warning. */
  readonly warnAtRatio: number;
  /** The stages that count as recovery time, in order. In recorded runs, `teardown` and `image-pull` can occur too. */
  readonly counts: readonly StageName[];
  /** The run is aborted after this time. */
  readonly deadlineMs: number;
}

export interface RestoreSpec {
  /** Regular expressions. An error line of the restore tool that matches one of them does not fail the drill. */
  readonly ignoreErrors: readonly string[];
  /** Whether plain SQL may end without its dump tool's completion line; undefined: it may not. */
  readonly completionLine?: 'optional' | undefined;
  /** Parallel jobs; undefined: the sandbox's CPU count. */
  readonly jobs: number | undefined;
  /** How a repository is made available to its tool in the sandbox; undefined: chosen automatically. */
  readonly repository?: 'staged' | 'gateway';
  /** Which backup to restore from a repository that only its own tool can list; undefined: the newest. */
  readonly snapshot?: SnapshotChoice;
}
