import type { BackupContent } from '../backup/content.ts';
import type { Connection, Sandbox } from '../sandbox/sandbox.ts';
import type { PhaseName } from '../support/vocabulary.ts';

/** What the backup says of itself, read from its header before any sandbox exists. */
export interface BackupFacts {
  /** `engine.type` of a drill. */
  readonly engine: string;
  /** For people: `pg_dump custom archive`, `plain SQL dump (gzip)`. */
  readonly format: string;
  /** The server it was dumped from, as it says: `17.11`, or `unknown`; and the version that has to be at least there to load it: `17`. */
  readonly serverVersion: string;
  readonly major: string;
  /** The tool that wrote it: `pg_dump 17.11`. */
  readonly dumpedBy: string;
  /** Found before boot. Plain dumps: those in the head. */
  readonly extensions: readonly string[];
  readonly roles: readonly string[];
  /** The database it holds; undefined when it does not say. */
  readonly database: string | undefined;
  /** Tables with data, where the header lists them. */
  readonly tableCount: number | undefined;
  /** Tools that must be in the box besides the server, e.g. `pg_restore`. */
  readonly tools: readonly string[];
}

export interface BootOptions {
  readonly durability: 'relaxed' | 'production';
  readonly memoryBytes: number;
  readonly cpus: number;
  /** Libraries that the drill wants loaded at the start of the server, by name. */
  readonly preload: readonly string[];
  /** Settings out of server-settings.ts, checked when the drill was read. */
  readonly settings: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface LoadProgress {
  /** Of the bytes stored: how many have been read from the store. The share of this is the progress, where nothing better is known. */
  readonly bytesRead: number;
  /** What is happening, in the field's words: `loading customer`, `creating indexes`. */
  readonly doing: string;
  /** 0 to 1 where the format tells (items of the archive done). */
  readonly ratio: number | undefined;
  /** The step of the load that goes on since the word before; a step may come again. Default `load`. */
  readonly phase?: LoadPhase;
}

/** Steps of a load that are timed apart. */
export type LoadPhase = Extract<PhaseName, 'unpack' | 'load' | 'index' | 'replay'>;

export interface LoadOptions {
  readonly jobs: number;
  readonly database: string | undefined;
  /** Errors that match one of these are counted as ignored. */
  readonly ignoreErrors: readonly RegExp[];
  /** Whether plain SQL must end with the line that its tool ends with. Default `required`. */
  readonly completionLine?: 'required' | 'optional';
  readonly onProgress: (progress: LoadProgress) => void;
  readonly signal: AbortSignal;
}

export interface LoadOutcome {
  /** The database that was restored and that checks connect to by default. */
  readonly database: string;
  /** Errors of the restore that nobody allowed: the count is exact, the lines are the first 50. Not empty: the restore is no pass. */
  readonly errorCount: number;
  readonly errors: readonly string[];
  readonly ignoredCount: number;
  readonly warnings: readonly string[];
}

/** A value as it came from the server, exact: numbers that JavaScript cannot hold stay text. */
export type Cell = string | number | bigint | boolean | Date | null;

export interface QueryResult {
  readonly columns: readonly string[];
  /** At most `maxRows` of them. */
  readonly rows: readonly (readonly Cell[])[];
  readonly truncated: boolean;
  /** What puts the answer in doubt, to go after the check's name: `may use public.count(integer) …`. */
  readonly warnings?: readonly string[];
}

/** A read-only session as an unprivileged user: it can see everything and change nothing. */
export interface CheckSession extends AsyncDisposable {
  /** Throws `check-malformed` for SQL that the server does not understand or that tries to write, `server-failed` when it went away, and `wrong-data` when the query ran into damaged data or a missing table. */
  query(
    sql: string,
    options: {
      readonly timeoutMs: number;
      readonly maxRows: number;
      readonly signal: AbortSignal;
    },
  ): Promise<QueryResult>;
}

/** A booted server in a sandbox. */
export interface Server {
  /** As the server says: `17.11`. */
  readonly version: string;
  /** Where a person connects, for `--keep`; without a password. */
  readonly connection: Connection;
  /**
   * For `--keep`: lets a person connect as the check user.
   * @returns what to type on this host, or in the box where there is no path to its socket; never with a password in it.
   */
  prepareClient(signal: AbortSignal): Promise<readonly string[]>;
  /** After loading: statistics, checkpoint, flush, restart with durable settings. With `durability: production` only statistics. Part of recovery time. */
  seal(signal: AbortSignal): Promise<void>;
  openCheckSession(database: string, signal: AbortSignal): Promise<CheckSession>;
}

/** A backup whose header has been read; knows how to get itself into a server. */
export interface EngineBackup {
  readonly facts: BackupFacts;
  /**
   * Throws `extension-missing`, `version-unsupported`, `tool-missing` when what is in the box cannot load this backup. Before boot; fast.
   */
  checkCompatibility(sandbox: Sandbox, signal: AbortSignal): Promise<void>;
  /** Starts bringing in what has to be inside before loading can begin; runs beside the boot. Resolves when loading may begin. */
  stage(sandbox: Sandbox, signal: AbortSignal): Promise<StagedBackup>;
}

export interface StagedBackup {
  /**
   * Loads everything. Returns errors of single statements in the outcome; throws when nothing sensible can go on:
   * `backup-truncated`, `backup-corrupt`, `restore-failed`, `disk-full`, `server-failed`, or what the content's stream threw.
   */
  load(server: Server, options: LoadOptions): Promise<LoadOutcome>;
}

/**
 * An engine knows its server, its backup formats and its queries; nobody else does. Every implementation MUST:
 * - recognise formats by content, and throw `backup-unrecognised`, `format-unsupported`, `engine-mismatch`, `backup-encrypted`, `backup-empty`, `backup-truncated` with what it saw instead;
 * - boot with a random password known only to this object, listen on a Unix socket below `sandbox.paths.run` only, and let nothing in the
 *   restored data act by itself (event triggers on login, subscriptions, schedulers);
 * - be ready when a query answers, not when a port does;
 * - release connections, and end what it waits for when the signal aborts.
 */
export interface Engine {
  /** `engine.type` of a drill. */
  readonly type: string;
  /** `postgres:17` for `('17')`. */
  imageFor(major: string): string;
  inspect(content: BackupContent, signal: AbortSignal): Promise<EngineBackup>;
  boot(sandbox: Sandbox, options: BootOptions): Promise<Server>;
}
