import type { Connection, ExecOptions, ExecResult } from '../sandbox/sandbox.ts';
import type { PhaseName } from '../support/vocabulary.ts';
import type { CommandAccess } from './command-access.ts';
import type { RestoredFiles } from './restored-files.ts';
import type { SqlAccess } from './sql-access.ts';

export interface BootOptions {
  readonly durability: 'relaxed' | 'production';
  readonly memoryBytes: number;
  readonly cpus: number;
  /** Names of libraries that the drill loads at server start. */
  readonly preload: readonly string[];
  /** Settings from server-settings.ts, validated when the drill was read. */
  readonly settings: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface LoadProgress {
  /** How many of the stored bytes have been read from the store. Their share is the progress, unless something better is known. */
  readonly bytesRead: number;
  /** The current activity, in the field's words: `loading customer`, `creating indexes`. */
  readonly doing: string;
  /** Fraction of this step's work that is done (bytes loaded, tables, indexes, log replayed), 0 to 1; undefined if unknown. */
  readonly ratio: number | undefined;
  /** The bytes this step processes, if other than those read from the store; `unknown` if the amount cannot be determined. */
  readonly step?: StepBytes | 'unknown';
  /** The step of the load in progress since the previous report; a step may occur more than once. Default `load`. */
  readonly phase?: LoadPhase;
  /** Share of what was read that is still waiting to be loaded, 0 to 1, at the time of the call: it does not count as work done. Default: nothing. */
  readonly waitingShare?: () => number;
  /** The steps covered by `ratio`, if they alternate. Default: `phase` alone. */
  readonly covers?: readonly LoadPhase[];
}

export interface StepBytes {
  readonly done: number;
  /** Undefined if the total is known only at the end. */
  readonly total: number | undefined;
}

/** Steps of a restore that are timed separately. */
export type LoadPhase = Extract<PhaseName, 'unpack' | 'verify' | 'load' | 'index' | 'replay' | 'seal'>;

export interface LoadOptions {
  readonly jobs: number;
  readonly database: string | undefined;
  /** Errors that match any of these are counted as ignored. */
  readonly ignoreErrors: readonly RegExp[];
  /** Whether plain SQL must end with its tool's last line. Default `required`. */
  readonly completionLine?: 'required' | 'optional';
  readonly onProgress: (progress: LoadProgress) => void;
  readonly signal: AbortSignal;
}

export interface LoadOutcome {
  /** The restored database that checks connect to by default. */
  readonly database: string;
  /** Restore errors that the drill does not allow: the count is exact, the lines are the first 50. If there are any, the restore does not pass. */
  readonly errorCount: number;
  readonly errors: readonly string[];
  readonly ignoredCount: number;
  readonly warnings: readonly string[];
  /** When the backup was made, according to itself; undefined if it does not state that. */
  readonly stated?: StatedTime | undefined;
  /** Set for a recovery that replays a log. */
  readonly replayed?: Replayed;
}

/** When a backup was made, according to itself. */
export interface StatedTime {
  /** Human-readable: `20 Nov 2026, 09:46 (its own clock)`. */
  readonly text: string;
  /** The latest instant that this can mean, in any time zone. */
  readonly atLatest: Date;
}

/** How a replay ended. */
export interface Replayed {
  /** Human-readable: `to 0/76C2858, before the transaction 773`. */
  readonly summary: string;
  /**
   * Commit time of the last transaction, after a recovery to the end of an archive: data loss is measured from it. `unknown` if there is an archive that was
   * not replayed to the end. Undefined: as recent as the backup.
   */
  readonly recoverableUntil: Date | 'unknown' | undefined;
  /** Commit time of the last replayed transaction, whatever the target; undefined if none was replayed. */
  readonly lastCommitAt?: Date | undefined;
  /** Where the replay ended in the log, in the server's own notation. */
  readonly end?: string | undefined;
  readonly lastCommit?: ReplayedCommit | undefined;
  /** The first commit in the log that was not replayed; undefined if there is none, or it was not found. */
  readonly firstLost?: ReplayedCommit | undefined;
  /** Whether the whole log archive was replayed. Default: no. */
  readonly isWholeLog?: boolean;
  /** The newest file of the archive, human-readable; undefined if there is none, or only what the backup itself needs was read. */
  readonly logEndsWith?: string | undefined;
  /** When that file was stored; undefined if the store does not report it. */
  readonly logStoredAt?: Date | undefined;
}

/** A commit in the log of the backed-up server. */
export interface ReplayedCommit {
  readonly transaction: string | undefined;
  readonly at: Date;
  /** Its position in the log. */
  readonly position: string | undefined;
}

/** Receives the progress of the seal: the current activity, and the fraction of the whole that is done, 0 to 1. */
export type SealListener = (doing: string, ratio: number) => void;

/**
 * What was restored, in a sandbox: usually a booted server, otherwise just files. Every implementation MUST:
 * - boot a server with a random password known only to this object, listen below `sandbox.paths.run` or on the sandbox’s loopback only, and let nothing in the
 *   restored data act by itself (event triggers on login, subscriptions, schedulers);
 * - be ready when the server answers queries about its data, not when a port opens;
 * - release connections, and stop waiting when the signal aborts.
 *
 * The ways of reading its data are capabilities: {@link Server.sql}, {@link Server.files}, {@link Server.commands}. Its engine’s descriptor lists those it has
 * (`offers`), so that a check that needs another is an error in the drill file.
 */
export interface Server {
  /** As the server reports it: `17.11`. */
  readonly version: string;
  /** Where users connect with `--keep`; without a password. */
  readonly connection: Connection;
  /**
   * For `--keep`: lets users connect as the check user.
   * @returns the command to type on this host, or in the sandbox if its socket has no path here; never contains a password.
   */
  prepareClient(signal: AbortSignal): Promise<readonly string[]>;
  /** Runs after loading: statistics, checkpoint, flush, restart with durable settings. With `durability: production` only statistics. Part of recovery time. */
  seal(signal: AbortSignal, onPart?: SealListener): Promise<void>;
  /**
   * Runs a program in the sandbox. The product's own client programs find the server there, log in as the check user and use this database, without arguments.
   * A program that cannot be started ends with 126 or 127, as in a shell.
   */
  runProgram(argv: readonly string[], options: ProgramOptions): Promise<ExecResult>;
  /**
   * Compares the restored data with the backup's own list, and reads at least a sample of it: up and accepting connections is not enough. Runs before any check
   * of the drill, as part of recovery. Missing, or without a result, if the backup lists nothing.
   * @throws DrillError `wrong-data` with the names of what is missing or cannot be read, `server-failed`, or the signal's reason.
   */
  verifyInventory?(signal: AbortSignal): Promise<Inventory | undefined>;
  readonly sql?: SqlAccess;
  readonly files?: RestoredFiles;
  readonly commands?: CommandAccess;
}

/** Result of the comparison with the backup's own list. */
export interface Inventory {
  /** What is counted, in the plural: `tables`, `keys`, `files`. */
  readonly of: string;
  /** How many the backup lists. */
  readonly listed: number;
  /** How many of them could be read; fewer than listed if only a sample was read. */
  readonly read: number;
}

export interface ProgramOptions extends Pick<ExecOptions, 'signal' | 'stdout'> {
  readonly database: string;
}
