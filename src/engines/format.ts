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
  /** For people: `pg_dump custom archive`, `plain SQL dump (gzip)`. */
  readonly format: string;
  /** The version of the backed-up server, as stated in the backup: `17.11`, or `unknown`. */
  readonly serverVersion: string;
  /** The tool that wrote it: `pg_dump 17.11`. */
  readonly dumpedBy: string;
  /** Accounts that the backup names. */
  readonly roles: readonly string[];
  /** The database in the backup; undefined when the backup does not name it. */
  readonly database: string | undefined;
  /** Tables with data, where the backup lists them. */
  readonly tableCount: number | undefined;
}

/** What a server must be and have to take the backup, known before any sandbox exists. */
export interface ServerNeeds {
  /** The version that takes it: `17`, `10.11`. */
  readonly major: string;
  /** Whether later versions take it too. Data files are of one major version: `exact`. Default: `at-least`. */
  readonly match?: 'exact' | 'at-least';
  /** Extensions that the image must have. For plain dumps: those in the head. */
  readonly extensions: readonly string[];
  /** What its programs may reach while they restore; undefined: nothing. */
  readonly network?: NetworkAccess;
}

/** Lets a stage, or the format that does its work, report the current step. Neither method throws; after the stage has ended, both do nothing. */
export interface Phases {
  /** Ends the previously entered step and starts this one. */
  enter(name: PhaseName): void;
  /** Times work that runs in parallel to the current step, at most until the end of the stage. @returns the work itself. */
  beside<T>(name: PhaseName, work: Promise<T>): Promise<T>;
  /** Adds to what the step has worked through, for the record. */
  count(name: PhaseName, bytes: number): void;
}

/** What both steps of a restore are given. */
export interface RestoreContext {
  readonly phases: Phases;
  /** To be called as soon as a server answers. */
  readonly onBooted: (server: Server) => void;
  readonly signal: AbortSignal;
}

export interface ProvisionOptions extends RestoreContext {
  /** How the server is to be started, whenever the format starts it. */
  readonly boot: Omit<BootOptions, 'signal'>;
}

/** Where recovery stops. Backups without a log have one such point, their own. */
export type RecoveryTarget =
  /** The instant of the backup: no more of the log than makes it consistent. */
  | { readonly kind: 'backup-end' }
  /** The end of the log archive, without a gap. */
  | { readonly kind: 'latest' }
  | { readonly kind: 'time'; readonly at: Date }
  /** An instant that is drawn from those that can be recovered to. @param share of the range, from 0 to 1: the same for the same run. */
  | { readonly kind: 'random'; readonly notBefore: Date; readonly share: number }
  /** @param exclusive stops before what is there, not after it. Default: after. */
  | { readonly kind: 'position'; readonly at: LogPosition; readonly exclusive?: true }
  /** Just before something that destroyed data. */
  | {
      readonly kind: 'before';
      readonly event: DestructiveEvent;
      readonly object: string | undefined;
      /** Of `mass-delete`: how many rows of one table a transaction deletes at least; undefined: as many as the format takes for many. */
      readonly minRows?: number | undefined;
    };

/** A place in a log, in its server's own terms. */
export type LogPosition =
  | { readonly lsn: string }
  | { readonly xid: string }
  | { readonly name: string }
  | { readonly gtid: string }
  /** `mysql-bin.000012:4711`: a file of the log, and a position in it. */
  | { readonly position: string };

/** How a drill writes a position. */
export const LOG_POSITIONS = ['lsn', 'xid', 'name', 'gtid', 'position'] as const;
export type LogPositionKey = (typeof LOG_POSITIONS)[number];

export const DESTRUCTIVE_EVENTS = ['drop-database', 'drop-table', 'truncate', 'mass-delete'] as const;
export type DestructiveEvent = (typeof DESTRUCTIVE_EVENTS)[number];

export interface LogFile extends ListedFile {
  /** Its name in the tar that it is a member of; `key` is then that of the tar. Undefined: it is stored by itself. */
  readonly member?: string | undefined;
}

/** The log that a server archived, as it was listed when the run began. */
export interface LogArchive {
  /** For messages: `s3://acme-backups/wal/`. */
  readonly description: string;
  readonly files: readonly LogFile[];
  /**
   * The content of one file, with its compression and encryption removed. Files are small: a segment has 16 MiB as a rule, and 1 GiB at most.
   * @throws DrillError what the source throws, `backup-truncated`, `backup-corrupt`.
   */
  read(file: LogFile, signal: AbortSignal): Promise<Buffer>;
  /** The same as a stream, for an archive whose files need not be held to be checked. Rejects, or destroys the stream, with what `read` throws. */
  stream?(file: LogFile, signal: AbortSignal): Promise<Readable>;
  /**
   * The members of a file that is a tar, found by reading it once. They are then read by `stream`, one at a time: in the order of the tar best.
   * `damage`: what is wrong with the tar behind the last of them. `readBytes`: how much of the unpacked tar was read for it.
   * @param mostBytes of the unpacked tar that are read; `isPart` says that it is longer. Default: all of it.
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
  /** Ends the reading of tars: to be called once no more files are asked for. */
  release?(): void;
}

/** How a repository, from which its own tool restores, gets to that tool in the sandbox: copied there, or read through a gateway. */
export type RepositoryAccess = 'staged' | 'gateway';

/** Which backup of a repository a drill restores: the newest of those that have all that it says. */
export interface SnapshotChoice {
  /** Its own name or id, or the beginning of it with a closing `*`. */
  readonly name?: string | undefined;
  readonly host?: string | undefined;
  /** A folder that was backed up. */
  readonly path?: string | undefined;
  readonly tag?: string | undefined;
}

export interface Recovery {
  readonly target: RecoveryTarget;
  readonly log: LogArchive | undefined;
  /** When the last file of the backup was stored: what comes before the backup's position in the log is hardly later. Undefined: not known. */
  readonly storedAt?: Date | undefined;
}

export interface RunOptions extends RestoreContext, LoadOptions {
  /** For formats that replay a log. Default: the end of the backup. */
  readonly recovery?: Recovery;
  /** For formats that are a repository. Default: staged where that fits the sandbox. */
  readonly repositoryAccess?: RepositoryAccess | undefined;
  /** For formats that are a repository of several backups, listed by its own tool. Default: the newest. */
  readonly snapshot?: SnapshotChoice | undefined;
  /** To be called by such a format with the way that it takes, before anything is fetched: for people. */
  readonly onAccess?: (how: string) => void;
  /** To be called by a format that replays a log with what is known of it so far: it is recorded where the restore then fails. */
  readonly onReplaying?: (soFar: Replayed) => void;
  /** To be called once everything is loaded, and before it is made durable. */
  readonly onLoaded: (outcome: LoadOutcome) => void;
}

export interface Restored {
  readonly server: Server;
  readonly outcome: LoadOutcome;
}

/** A restore into one sandbox that has been prepared. */
export interface Restoration {
  /**
   * Restores everything; the data is durable when it returns. Errors of single statements are in the outcome. Throws when it cannot go on:
   * `backup-truncated`, `backup-corrupt`, `restore-failed`, `disk-full`, `server-failed`, or what the content's stream threw.
   */
  run(options: RunOptions): Promise<Restored>;
}

/** A backup whose header has been read. */
export interface OpenBackup {
  readonly facts: BackupFacts;
  readonly needs: ServerNeeds;
  /** Whether statements or rows are loaded, so that the restore writes every page and index anew. Default: the files are those of the backup. */
  readonly isLogical?: boolean;
  /**
   * The databases in it, without the server's own; a function where only reading all of it tells. Missing for a backup of one database, which
   * {@link BackupFacts.database} names, and for one that names none.
   */
  readonly databases?: readonly string[] | ((signal: AbortSignal) => Promise<readonly string[]>);
  /** Whether the format replays a log, and so can recover to other points than its own. Default: no. */
  readonly replaysLog?: boolean;
  /** What people can do so that the next backup can take a log, where this one cannot though its format could: it does not say where in the log it was taken. */
  readonly logHint?: string | undefined;
  /**
   * Whether the log that the server archived is stored with its backups. The format then finds it by itself where the drill names none, and recovers
   * to its end by default. Default: no.
   */
  readonly bringsLog?: boolean;
  /** That log, for what searches it without restoring anything. */
  readonly ownLog?: LogArchive | undefined;
  /** For formats that replay a log: what is known of it as it was listed. Recorded for a run that fails before anything of it is read. */
  readonly describeLog?: (target: RecoveryTarget, log: Pick<LogArchive, 'files'>) => Replayed;
  /**
   * For formats that replay a log: refuses, before there is a sandbox, an archived log that cannot go on from this backup. It reads names and the heads of few
   * files; the replay finds the rest. @returns why it did not look at the files: one sentence. Undefined: it did, or there are none to look at.
   * @throws DrillError `log-incomplete`, `engine-mismatch`, `target-not-reached`, what reading the archive throws.
   */
  checkLog?(log: LogArchive, target: RecoveryTarget, signal: AbortSignal): Promise<string | undefined>;
  /**
   * A newer backup that the repository says it has, and that is not there: for people. Where the newest is asked for, this one must not stand in for it.
   */
  readonly lostNewer?: string | undefined;
  /** What a restore reads of the source, where that is more than the backup's own files: it builds on others. Its log is left out. */
  readonly readFiles?: readonly ListedFile[];
  /**
   * Prepares the sandbox. A logical format boots its server here while the backup is already being transferred; a physical one prepares
   * the data directory, and may boot in `run`. MUST check first, and fast, whether the sandbox's server and tools take this backup.
   * @throws DrillError `extension-missing`, `version-unsupported`, `tool-missing`, and what a boot throws.
   */
  provision(sandbox: Sandbox, options: ProvisionOptions): Promise<Restoration>;
}

/**
 * How a kind of backup is laid out and gets into a server. Every implementation MUST:
 * - recognise by content, never by name, and without reading more than the head and the names of members;
 * - throw while opening, before a sandbox exists, when the backup is unfinished, damaged or not supported, as far as its header shows that:
 *   `backup-truncated`, `backup-corrupt`, `backup-unrecognised`, `format-unsupported`, `engine-mismatch`, with what it found;
 * - let nothing in the restored data act by itself (event triggers on login, subscriptions, schedulers);
 * - release connections, and stop waiting when the signal aborts.
 */
export interface BackupFormat {
  /**
   * @param options see `Engine.inspect`.
   * @returns what opens the content as this format; undefined for content in another format. Never sees what another product claims.
   */
  recognise(content: BackupContent, options?: unknown): ((signal: AbortSignal) => Promise<OpenBackup>) | undefined;
}

/** What is known of a format without loading it. */
export interface FormatDescriptor {
  /** Unique over the products; two engines that share a format share its name. */
  readonly name: string;
  /** For errors in a drill of another product: `a PostgreSQL dump`. */
  readonly product: string;
  /** Whether the content is certainly from this product's tools, which makes a drill of any other product a mismatch. Never guesses. */
  claims(content: BackupContent): boolean;
  /** Whether a tar with these files, the first that it holds, is of this format as a whole, and no archive of dumps. Default: none is. */
  ownsTar?(names: readonly string[]): boolean;
  /** For a format in a directory: how a listing shows one, or each way in which it may. */
  readonly layout?: DirectoryLayout | readonly DirectoryLayout[];
  load(): Promise<BackupFormat>;
}
