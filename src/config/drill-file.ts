import type { SourceSpec } from '../backup/registry.ts';
import type { EngineType } from '../engines/registry.ts';
import type { RuntimeName, StageName } from '../support/vocabulary.ts';
import type { CheckSpec } from '../verify/registry.ts';

/** A drill as validated: every default filled in, every unit in the name, every path absolute, no secret inside. */
export interface Drill {
  readonly name: string;
  readonly description: string | undefined;
  readonly owner: string | undefined;
  readonly tier: number | undefined;
  readonly backup: BackupSpec;
  readonly engine: EngineSpec;
  readonly sandbox: SandboxSpec;
  readonly objectives: Objectives;
  readonly restore: RestoreSpec;
  /** Never empty: a drill that checks nothing could not fail. */
  readonly checks: readonly [CheckSpec, ...CheckSpec[]];
  /** What a person does for real; shown on failure. */
  readonly runbook: string | undefined;
  /** When it runs by itself. */
  readonly schedule?: Schedule | undefined;
  /** Pinged when a run starts, and when it has ended well or not; a secret, as everybody who knows it can ping it. */
  readonly heartbeat?: string | undefined;
  /** Absolute path of the file it came from. */
  readonly file: string;
  readonly place: DrillPlace;
  /** SHA-256 of the definition in force, SQL files included, in hex: history says which definition a run had. */
  readonly definitionHash: string;
}

/** Where messages send a person. */
export interface DrillPlace {
  /** The file as it can be typed where the command was: relative when it lies below, else absolute. */
  readonly file: string;
  /** The line on which each check begins, in order. */
  readonly checkLines: readonly number[];
}

export interface Schedule {
  /** As the drill writes it; `readCron` of schedule/ reads it. undefined: after each new backup only. */
  readonly cron: string | undefined;
  /** It also runs after each new backup; the source is looked at that often. */
  readonly onNewBackup: { readonly pollMs: number } | undefined;
  /** IANA name: the zone in which all of this is meant. */
  readonly timezone: string;
  /** What becomes of runs that were due while nothing was there to start them. */
  readonly missed: 'run-once' | 'skip';
  /** Each run starts up to that much later than it is due, always by as much for one drill and one instant. 0: at once. */
  readonly jitterMs: number;
  /** When no run may start. */
  readonly notDuring: readonly TimeWindow[];
  readonly freezes: readonly Freeze[];
  /** A run that has not started this long after it was due makes the drill overdue. */
  readonly overdueAfterMs: number;
}

/** Hours of the wall clock, on the days on which they begin. */
export interface TimeWindow {
  /** 0 is Sunday; sorted. */
  readonly days: readonly number[];
  /** Minutes since midnight, 0 to 1439. */
  readonly fromMinute: number;
  /** Exclusive, 1 to 1440; not after `fromMinute`: on the day that follows. */
  readonly toMinute: number;
}

export interface Freeze {
  /** `2026-12-20 00:00` of the wall clock; undefined: since ever. */
  readonly from: string | undefined;
  /** Exclusive, likewise. */
  readonly until: string;
}

export interface BackupSpec {
  readonly source: SourceSpec;
  /** Glob on the key below the source's prefix; `*` stays within a segment, `**` crosses them. */
  readonly match: string;
  readonly select: SelectSpec;
  /** Where the instant at which the backup was taken is read from. */
  readonly takenAt: 'name' | 'modified' | 'tag';
  /** IANA zone in which instants in names are meant that have no offset; UTC when left out. */
  readonly timezone?: string | undefined;
}

export type SelectSpec =
  | { readonly by: 'latest' }
  | { readonly by: 'key'; readonly key: string }
  /** Any of those taken within the window, drawn anew for each run from a seed that is recorded. */
  | { readonly by: 'random'; readonly windowMs: number };

export interface EngineSpec {
  readonly type: EngineType;
  /** `from-backup`, or a version such as `17` that the drill insists on. */
  readonly version: string;
  /** The database that checks connect to; undefined: the one that the backup names. */
  readonly database: string | undefined;
  /** An image with more than the stock one has (extensions); undefined: `postgres:<major>`. */
  readonly image: string | undefined;
  /** Whether plain SQL must end with the line that its tool ends with. */
  readonly completionLine: 'required' | 'optional';
  /** Libraries that the server loads when it starts. Postgres only. */
  readonly preload: readonly string[];
  /** Server settings from the engine's allow-list, as text. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface SandboxSpec {
  /** undefined: docker where an engine answers, else local. */
  readonly runtime: RuntimeName | undefined;
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly pids: number;
  /** Where the server's data lies: an anonymous volume, or memory. */
  readonly storage: 'volume' | 'tmpfs';
  /** `relaxed`: load without durability, then seal; `production`: durable from the first byte. */
  readonly durability: 'relaxed' | 'production';
}

export interface Objectives {
  readonly rtoMs: number;
  readonly rpoMs: number | undefined;
  /** 0 to 1: share of an objective from which on a pass carries a warning. */
  readonly warnAtRatio: number;
  /** The stages that count as recovery time, in order; `teardown` and `image-pull` only in history. */
  readonly counts: readonly StageName[];
  /** The run is stopped when it has taken this long. */
  readonly deadlineMs: number;
}

export interface RestoreSpec {
  /** Regular expressions; an error line of the restore tool that one of them matches does not fail the drill. */
  readonly ignoreErrors: readonly string[];
  /** Parallel jobs; undefined: as many as the sandbox has CPUs. */
  readonly jobs: number | undefined;
}
