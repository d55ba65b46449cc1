import type { Connection, ExecOptions, ExecResult } from '../sandbox/sandbox.ts';
import type { PhaseName } from '../support/vocabulary.ts';
import type { CommandAccess } from './command-access.ts';
import type { RestoredFiles } from './restored-files.ts';
import type { SqlAccess } from './sql-access.ts';

export interface BootOptions {
  readonly durability: 'relaxed' | 'production';
  readonly memoryBytes: number;
  readonly cpus: number;
  /** Names of libraries that the drill loads when the server starts. */
  readonly preload: readonly string[];
  /** Settings from server-settings.ts, validated when the drill was read. */
  readonly settings: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface LoadProgress {
  /** How many of the stored bytes have been read from the store. Their share is the progress, where nothing better is known. */
  readonly bytesRead: number;
  /** The current activity, in the field's words: `loading customer`, `creating indexes`. */
  readonly doing: string;
  /** 0 to 1: how much of the work of this step is done (bytes loaded, tables, indexes, log replayed); undefined: not known. */
  readonly ratio: number | undefined;
  /** What this step works through, where that is not what is read from the store; `unknown` where nobody can say how much that is. */
  readonly step?: StepBytes | 'unknown';
  /** The step of the load in progress since the previous report; a step may occur again. Default `load`. */
  readonly phase?: LoadPhase;
  /** How much of what was read waits to be loaded, 0 to 1, at the time of the call: it is no work done. Default: nothing. */
  readonly waitingShare?: () => number;
  /** The steps that `ratio` is about, where they take turns. Default: `phase` alone. */
  readonly covers?: readonly LoadPhase[];
}

export interface StepBytes {
  readonly done: number;
  /** Undefined: how much there is will be known at the end. */
  readonly total: number | undefined;
}

/** Steps of a restore that are timed separately. */
export type LoadPhase = Extract<PhaseName, 'unpack' | 'verify' | 'load' | 'index' | 'replay' | 'seal'>;

export interface LoadOptions {
  readonly jobs: number;
  readonly database: string | undefined;
  /** Errors that match one of these are counted as ignored. */
  readonly ignoreErrors: readonly RegExp[];
  /** Whether plain SQL must end with its tool's last line. Default `required`. */
  readonly completionLine?: 'required' | 'optional';
  readonly onProgress: (progress: LoadProgress) => void;
  readonly signal: AbortSignal;
}

export interface LoadOutcome {
  /** The restored database, which checks connect to by default. */
  readonly database: string;
  /** Restore errors that the drill does not allow: the count is exact, the lines are the first 50. If there are any, the restore does not pass. */
  readonly errorCount: number;
  readonly errors: readonly string[];
  readonly ignoredCount: number;
  readonly warnings: readonly string[];
  /** When the backup says that it was made; undefined: it does not say. */
  readonly stated?: StatedTime | undefined;
  /** Of a recovery by replaying a log. */
  readonly replayed?: Replayed;
}

/** When a backup says of itself that it was made. */
export interface StatedTime {
  /** For people: `20 Nov 2026, 09:46 (its own clock)`. */
  readonly text: string;
  /** The latest instant that this can mean, whatever the time zone of its clock. */
  readonly atLatest: Date;
}

/** How a replay ended. */
export interface Replayed {
  /** For people: `to 0/76C2858, before the transaction 773`. */
  readonly summary: string;
  /**
   * When the last transaction had committed, after a recovery to the end of an archive: data loss is measured from it. `unknown`: there is an
   * archive, and it was not replayed to its end. Undefined: as recent as the backup.
   */
  readonly recoverableUntil: Date | 'unknown' | undefined;
  /** When the last transaction that was replayed had committed, whatever the target; undefined: none was. */
  readonly lastCommitAt?: Date | undefined;
  /** Where it ended in the log, in the server's own terms. */
  readonly end?: string | undefined;
  readonly lastCommit?: ReplayedCommit | undefined;
  /** The first commit in the log that was not replayed; undefined: there is none, or it was not found. */
  readonly firstLost?: ReplayedCommit | undefined;
  /** Whether nothing of the log archive is left. Default: no. */
  readonly isWholeLog?: boolean;
  /** The newest file of the archive, for people; undefined: there is none, or only what the backup itself needs was read. */
  readonly logEndsWith?: string | undefined;
  /** When that file was stored; undefined: the store does not say. */
  readonly logStoredAt?: Date | undefined;
}

/** A commit in the log of the backed-up server. */
export interface ReplayedCommit {
  readonly transaction: string | undefined;
  readonly at: Date;
  /** Where it is in the log. */
  readonly position: string | undefined;
}

/** Is told what the seal does: the current activity, and how much of the whole is done, 0 to 1. */
export type SealListener = (doing: string, ratio: number) => void;

/**
 * What was restored, in a sandbox: a booted server as a rule, or files alone. Every implementation MUST:
 * - boot a server with a random password known only to this object, listen below `sandbox.paths.run` or on the sandbox’s loopback only, and let
 *   nothing in the restored data act by itself (event triggers on login, subscriptions, schedulers);
 * - be ready when the server answers about its data, not when a port does;
 * - release connections, and stop waiting when the signal aborts.
 *
 * How its data is read is a capability: {@link Server.sql}, {@link Server.files}, {@link Server.commands}. Its engine’s descriptor says which it has
 * (`offers`), so that a check that needs another is an error in the drill file.
 */
export interface Server {
  /** As the server reports it: `17.11`. */
  readonly version: string;
  /** Where people connect with `--keep`; without a password. */
  readonly connection: Connection;
  /**
   * For `--keep`: lets people connect as the check user.
   * @returns the command to type on this host, or in the sandbox if its socket has no path here; never with a password in it.
   */
  prepareClient(signal: AbortSignal): Promise<readonly string[]>;
  /** After loading: statistics, checkpoint, flush, restart with durable settings. With `durability: production` only statistics. Part of recovery time. */
  seal(signal: AbortSignal, onPart?: SealListener): Promise<void>;
  /**
   * Runs a program in the sandbox, so that the product's own client programs find the server there, log in as the user of checks and use this
   * database, without arguments. A program that cannot be started ends with 126 or 127, as in a shell.
   */
  runProgram(argv: readonly string[], options: ProgramOptions): Promise<ExecResult>;
  /**
   * Compares what is there with what the backup itself lists, and reads some of each: up and accepting connections is not enough. Runs before any
   * check of the drill, as part of recovery. Undefined, or without a result: the backup lists nothing.
   * @throws DrillError `wrong-data` with the names of what is missing or cannot be read, `server-failed`, or the signal's reason.
   */
  verifyInventory?(signal: AbortSignal): Promise<Inventory | undefined>;
  readonly sql?: SqlAccess;
  readonly files?: RestoredFiles;
  readonly commands?: CommandAccess;
}

/** What was compared with the backup's own list. */
export interface Inventory {
  /** What is counted, in the plural: `tables`, `keys`, `files`. */
  readonly of: string;
  /** How many the backup lists. */
  readonly listed: number;
  /** How many of them answered a read; fewer than listed where only a sample was read. */
  readonly read: number;
}

export interface ProgramOptions extends Pick<ExecOptions, 'signal' | 'stdout'> {
  readonly database: string;
}
