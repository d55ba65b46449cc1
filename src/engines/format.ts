import type { Readable } from 'node:stream';
import type { BackupContent, ListedFile } from '../backup/content.ts';
import type { DirectoryLayout } from '../backup/directory-layout.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { DrillError } from '../support/errors.ts';
import type { NetworkAccess } from '../support/network-access.ts';
import type { PhaseName } from '../support/vocabulary.ts';
import type { BootOptions, LoadOptions, LoadOutcome, Replayed, Server } from './engine.ts';

/** What the backup states about itself, read before any sandbox exists. */
export interface BackupFacts {
  /** `engine.type` of a drill. */
  readonly engine: string;
  /** Human-readable: `pg_dump custom archive`, `plain SQL dump (gzip)`. */
  readonly format: string;
  /** The version of the backed-up server, as stated in the backup: `17.11`, or `unknown`. */
  readonly serverVersion: string;
  /** The tool that wrote it: `pg_dump 17.11`. */
  readonly dumpedBy: string;
  /** Accounts that the backup mentions. */
  readonly roles: readonly string[];
  /** The database in the backup; undefined if the backup does not name it. */
  readonly database: string | undefined;
  /** Number of tables with data; undefined if the backup does not list them. */
  readonly tableCount: number | undefined;
}

/** What a server needs to restore the backup, known before any sandbox exists. */
export interface ServerNeeds {
  /** The version that can restore it: `17`, `10.11`. */
  readonly major: string;
  /** Whether later versions can restore it, too. Data files require the same major version: `exact`. Default: `at-least`. */
  readonly match?: 'exact' | 'at-least';
  /** Extensions that the image must have. For plain dumps: only those in the head. */
  readonly extensions: readonly string[];
  /** Network access that its programs need during the restore; undefined if none. */
  readonly network?: NetworkAccess;
}

/** Lets a stage, or the format that does its work, report the current step. Neither method throws; once the stage has ended, both do nothing. */
export interface Phases {
  /** Ends the previously entered step and starts this one. */
  enter(name: PhaseName): void;
  /** Times work that runs in parallel with the current step, at most until the end of the stage. @returns the work itself. */
  beside<T>(name: PhaseName, work: Promise<T>): Promise<T>;
  /** Adds to the bytes that the step has processed, for the record. */
  count(name: PhaseName, bytes: number): void;
}

/** Passed to both steps of a restore. */
export interface RestoreContext {
  readonly phases: Phases;
  /** Must be called as soon as a server answers. */
  readonly onBooted: (server: Server) => void;
  readonly signal: AbortSignal;
}

export interface ProvisionOptions extends RestoreContext {
  /** How to start the server, whenever the format starts it. */
  readonly boot: Omit<BootOptions, 'signal'>;
}

/** Where recovery stops. Backups without a log have only one such point: their own. */
export type RecoveryTarget =
  /** The instant of the backup: replays only as much log as makes it consistent. */
  | { readonly kind: 'backup-end' }
  /** The end of the log archive, which must have no gap. */
  | { readonly kind: 'latest' }
  | { readonly kind: 'time'; readonly at: Date }
  /** A random instant from the recoverable range. @param share position in the range, from 0 to 1: the same for the same run. */
  | { readonly kind: 'random'; readonly notBefore: Date; readonly share: number }
  /** @param exclusive stops before that position, not after it. Default: after. */
  | { readonly kind: 'position'; readonly at: LogPosition; readonly exclusive?: true }
  /** Just before an event that destroyed data. */
  | {
      readonly kind: 'before';
      readonly event: DestructiveEvent;
      readonly object: string | undefined;
      /** For `mass-delete`: the minimum number of rows of one table that a transaction deletes; undefined for the format's default. */
      readonly minRows?: number | undefined;
    };

/** A position in a log, in its server's own notation. */
export type LogPosition =
  | { readonly lsn: string }
  | { readonly xid: string }
  | { readonly name: string }
  | { readonly gtid: string }
  /** `mysql-bin.000012:4711`: a log file and a position in it. */
  | { readonly position: string };

/** The notations for a position in a drill. */
export const LOG_POSITIONS = ['lsn', 'xid', 'name', 'gtid', 'position'] as const;
export type LogPositionKey = (typeof LOG_POSITIONS)[number];

export const DESTRUCTIVE_EVENTS = ['drop-database', 'drop-table', 'truncate', 'mass-delete'] as const;
export type DestructiveEvent = (typeof DESTRUCTIVE_EVENTS)[number];

export interface LogFile extends ListedFile {
  /** Its name in the tar that contains it; `key` is then the tar's key. Undefined if it is stored as a file of its own. */
  readonly member?: string | undefined;
}

/** A server's log archive, as listed when the run began. */
export interface LogArchive {
  /** For messages: `s3://acme-backups/wal/`. */
  readonly description: string;
  readonly files: readonly LogFile[];
  /**
   * Reads one file, decrypted and decompressed. Files are small: a segment usually has 16 MiB, and 1 GiB at most.
   * @throws DrillError what the source throws, `backup-truncated`, `backup-corrupt`.
   */
  read(file: LogFile, signal: AbortSignal): Promise<Buffer>;
  /**
   * Like `read`, but as a stream, for archives whose files can be checked without holding them in memory. Rejects, or destroys the stream, with what `read`
   * throws.
   */
  stream?(file: LogFile, signal: AbortSignal): Promise<Readable>;
  /**
   * The members of a file that is a tar, found by reading it once. They are then read by `stream`, one at a time, preferably in tar order. `damage`: what is
   * wrong with the tar after the last member. `readBytes`: how much of the unpacked tar was read.
   * @param mostBytes limit on how much of the unpacked tar is read; `isPart` means that the tar is longer. Default: all of it.
   */
  listTar?(
    tar: LogFile,
    isWanted: (name: string) => boolean,
    signal: AbortSignal,
    mostBytes?: number,
  ): Promise<{
    readonly files: readonly LogFile[];
    readonly damage: DrillError | undefined;
    readonly isPart: boolean;
    readonly readBytes: number;
  }>;
  /** Stops reading tars: must be called once no more files will be requested. */
  release?(): void;
}

/** How the tool that restores a repository gets access to it in the sandbox: the repository is copied there, or read through a gateway. */
export type RepositoryAccess = 'staged' | 'gateway';

/** Selects the backup of a repository to restore: the newest that matches every given field. */
export interface SnapshotChoice {
  /** Its name or id, or a prefix of it followed by `*`. */
  readonly name?: string | undefined;
  readonly host?: string | undefined;
  /** A folder that was backed up. */
  readonly path?: string | undefined;
  readonly tag?: string | undefined;
}

export interface Recovery {
  readonly target: RecoveryTarget;
  readonly log: LogArchive | undefined;
  /** When the last file of the backup was stored: anything before the backup's position in the log is hardly later. Undefined if unknown. */
  readonly storedAt?: Date | undefined;
}

export interface RunOptions extends RestoreContext, LoadOptions {
  /** For formats that replay a log. Default: the end of the backup. */
  readonly recovery?: Recovery;
  /** For formats that are a repository. Default: staged if it fits the sandbox. */
  readonly repositoryAccess?: RepositoryAccess | undefined;
  /** For formats that are a repository of several backups, listed by the repository's own tool. Default: the newest. */
  readonly snapshot?: SnapshotChoice | undefined;
  /** Such a format must call this with its choice, human-readable, before anything is fetched. */
  readonly onAccess?: (how: string) => void;
  /** A format that replays a log must call this with what is known so far: it is recorded if the restore then fails. */
  readonly onReplaying?: (soFar: Replayed) => void;
  /** Must be called once everything is loaded, before it is made durable. */
  readonly onLoaded: (outcome: LoadOutcome) => void;
}

export interface Restored {
  readonly server: Server;
  readonly outcome: LoadOutcome;
}

/** A restore into one prepared sandbox. */
export interface Restoration {
  /**
   * Restores everything; the data is durable when it returns. Errors of single statements are in the outcome. Throws when it cannot continue:
   * `backup-truncated`, `backup-corrupt`, `restore-failed`, `disk-full`, `server-failed`, or what the content's stream threw.
   */
  run(options: RunOptions): Promise<Restored>;
}

/** A backup whose header has been read. */
export interface OpenBackup {
  readonly facts: BackupFacts;
  readonly needs: ServerNeeds;
  /** Whether statements or rows are loaded, so that the restore writes every page and index anew. Default: no, the files are those of the backup. */
  readonly isLogical?: boolean;
  /**
   * The databases in it, without the server's own; a function if finding them requires reading the whole backup. Missing for a backup of one database, which
   * {@link BackupFacts.database} names, and for one that names none.
   */
  readonly databases?: readonly string[] | ((signal: AbortSignal) => Promise<readonly string[]>);
  /** Whether the format replays a log, and so can recover to points other than its own. Default: no. */
  readonly replaysLog?: boolean;
  /** How to make the next backup usable with a log, if this one is not although its format could be: it does not state its position in the log. */
  readonly logHint?: string | undefined;
  /**
   * Whether the server's log archive is stored with its backups. The format then finds it by itself unless the drill names one, and recovers to its end by
   * default. Default: no.
   */
  readonly bringsLog?: boolean;
  /** That log, for searches that restore nothing. */
  readonly ownLog?: LogArchive | undefined;
  /** For formats that replay a log: what its listing shows. Recorded for a run that fails before it reads any of the log. */
  readonly describeLog?: (target: RecoveryTarget, log: Pick<LogArchive, 'files'>) => Replayed;
  /**
   * For formats that replay a log: refuses, before a sandbox exists, an archived log that cannot continue from this backup. It reads names and the heads of a
   * few files; the replay finds the rest. @returns one sentence on why the files were not checked. Undefined if they were, or there are none.
   * @throws DrillError `log-incomplete`, `engine-mismatch`, `target-not-reached`, what reading the archive throws.
   */
  checkLog?(log: LogArchive, target: RecoveryTarget, signal: AbortSignal): Promise<string | undefined>;
  /**
   * A newer backup that the repository lists but that is missing from it, human-readable. If the drill asks for the newest, this backup must not be used
   * instead.
   */
  readonly lostNewer?: string | undefined;
  /** Files of the source that a restore reads, if more than the backup's own: it builds on other backups. Excludes the log. */
  readonly readFiles?: readonly ListedFile[];
  /**
   * Prepares the sandbox. A logical format boots its server here while the backup is being transferred; a physical one prepares the data directory, and may
   * boot in `run`. MUST first check, and quickly, whether the sandbox's server and tools can restore this backup.
   * @throws DrillError `extension-missing`, `version-unsupported`, `tool-missing`, and what a boot throws.
   */
  provision(sandbox: Sandbox, options: ProvisionOptions): Promise<Restoration>;
}

/**
 * How a kind of backup is laid out and restored into a server. Every implementation MUST:
 * - recognise by content, never by name, reading no more than the head and the names of members;
 * - throw while opening, before a sandbox exists, when the backup is unfinished, damaged or not supported, as far as its header shows that: `backup-truncated`,
 *   `backup-corrupt`, `backup-unrecognised`, `format-unsupported`, `engine-mismatch`, with what it found;
 * - let nothing in the restored data act by itself (event triggers on login, subscriptions, schedulers);
 * - release connections, and stop waiting when the signal aborts.
 */
export interface BackupFormat {
  /**
   * @param options see `Engine.inspect`.
   * @returns an opener for content in this format; undefined for content in another format. Never called for what another product claims.
   */
  recognise(content: BackupContent, options?: unknown): ((signal: AbortSignal) => Promise<OpenBackup>) | undefined;
}

/** Everything about a format that can be known without loading its code. */
export interface FormatDescriptor {
  /** Unique across products; two engines that share a format share its name. */
  readonly name: string;
  /** For errors in a drill of another product: `a PostgreSQL dump`. */
  readonly product: string;
  /** Whether the content is certainly from this product's tools, which makes a drill of any other product a mismatch. Never guesses. */
  claims(content: BackupContent): boolean;
  /** Whether a tar whose first files have these names is itself of this format, rather than an archive of dumps. Default: none is. */
  ownsTar?(names: readonly string[]): boolean;
  /** For a format in a directory: how it appears in a listing, or each way in which it can. */
  readonly layout?: DirectoryLayout | readonly DirectoryLayout[];
  load(): Promise<BackupFormat>;
}
