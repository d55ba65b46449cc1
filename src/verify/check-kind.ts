import type { ZodType } from 'zod';
import type { BackupNeighbours } from '../backup/neighbours.ts';
import type { Capability } from '../engines/capability.ts';
import type { Catalog } from '../engines/catalog.ts';
import type { CommandAccess } from '../engines/command-access.ts';
import type { DataFiles, NotVerifiable, StoredObjects } from '../engines/data-files.ts';
import type { ProgramOptions } from '../engines/engine.ts';
import type { TableHasher } from '../engines/fingerprint.ts';
import type { QueryResult } from '../engines/query-result.ts';
import type { RestoredFiles } from '../engines/restored-files.ts';
import type { NetworkLogin, NetworkLoginOptions } from '../engines/sql-access.ts';
import type { Measured, MeasuredValue, PastCheck } from '../record/check-record.ts';
import type { Application, ApplicationRequest, ExecResult } from '../sandbox/sandbox.ts';
import type { Clock } from '../support/clock.ts';
import type { Finding } from './expectations/expectation-kind.ts';

export interface ProbeQuery {
  /** undefined: the database that the drill or the backup names. */
  readonly database?: string | undefined;
  /** More rows than this are not fetched; the result says so. */
  readonly maxRows: number;
}

/** A check's access to the restored data: read-only, ended by the check's timeout. */
export interface Probe {
  /** How many queries run at once; more wait. */
  readonly parallel: number;
  /** Runs one query on a session of its own. What makes its result doubtful is reported for the check. Throws what `CheckSession.query` throws. */
  query(sql: string, query: ProbeQuery): Promise<QueryResult>;
  /** @param database undefined: the database that the drill or the backup names. */
  catalog(database?: string): Catalog;
  /** How the restored server’s product hashes tables. */
  readonly hasher: TableHasher;
  /** The restored files; undefined: the engine restores something else. */
  readonly files?: RestoredFiles | undefined;
  /** The restored server’s own commands; undefined: it has none that are read-only. */
  readonly commands?: CommandAccess | undefined;
  /** undefined: the product has no tool for that. For checks that run alone. */
  readonly dataFiles: ProbeDataFiles | undefined;
  /** undefined: the sandbox starts none. For checks that run alone. */
  readonly applications: ProbeApplications | undefined;
  /**
   * Runs a program in the sandbox, with the environment by which the server's own client programs log in; see `Server.runProgram`.
   * @param database undefined: the database that the drill or the backup names.
   */
  program(argv: readonly string[], options: ProbeProgramOptions): Promise<ExecResult>;
}

export interface ProbeProgramOptions extends Omit<ProgramOptions, 'database'> {
  readonly database: string | undefined;
}

export interface ProbeApplications {
  /** See `Server.openNetworkLogin`. @param database undefined: the database that the drill or the backup names. */
  openLogin(
    database: string | undefined,
    options: Pick<NetworkLoginOptions, 'access' | 'signal'>,
  ): Promise<NetworkLogin>;
  /** See `Sandbox.startApplication`; the image’s name is mapped as the settings say. */
  start(request: ApplicationRequest, signal: AbortSignal): Promise<Application>;
}

/** See {@link DataFiles}. */
export interface ProbeDataFiles {
  /** @param database undefined: the database that the drill or the backup names. */
  openObjects?(database: string | undefined, signal: AbortSignal): Promise<StoredObjects | NotVerifiable>;
  verifyChecksums(signal: AbortSignal): ReturnType<DataFiles['verifyChecksums']>;
}

export interface Snapshots {
  /** Keeps a text in the history, once however many runs have it. @returns its id, to be measured. */
  keep(text: string): Promise<string>;
  /** @returns undefined when there is none. */
  read(id: string): Promise<string | undefined>;
}

export interface CheckContext {
  readonly probe: Probe;
  /** When the backup was taken. */
  readonly takenAt: Date;
  readonly restore: RestoreFacts;
  /** What is stored beside the backup. */
  readonly neighbours: BackupNeighbours;
  /** The drill's RPO; undefined: it has none. */
  readonly rpoMs: number | undefined;
  /**
   * This check's results in the last runs that passed, of backups not newer than this one: newest backup first. They answered the same
   * {@link CheckKind.questionOf}. Empty in the first run. A backup that was drilled twice is there twice.
   */
  readonly previous: (limit: number) => Promise<readonly PastCheck[]>;
  /** The same, all of them, read as they are asked for: for kinds that look at many and keep little of each. */
  readonly history: () => AsyncIterable<PastCheck>;
  /** Texts that are too long for {@link Evaluation.measured}. */
  readonly snapshots: Snapshots;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly signal: AbortSignal;
  /** Reports a reason to doubt the check's result: `calls lower(), which …`. Shown after the check's name. */
  readonly onWarning: (warning: string) => void;
}

/**
 * - `together`: beside other checks;
 * - `alone`: after those, one by one: it measures time, or takes the server for itself;
 * - `last`: alone and after all others: it may change the data.
 */
export type Turn = 'together' | 'alone' | 'last';

/** What is known of the restore, whatever the format. */
export interface RestoreFacts {
  /** Whether the data files are those of the backup. False: statements or rows were loaded, which writes every page and index anew. */
  readonly isPhysical: boolean;
  /** When the last transaction that was replayed from a log had committed; undefined: none was. */
  readonly lastCommitAt: Date | undefined;
}

/** A check's finding, with what it expected. */
export interface Evaluation extends Finding {
  /** In words: `at least 599`. */
  readonly expected: string;
  /** More about the finding, a line each, without row data: the tables that failed. At most 100 lines are kept. */
  readonly details?: readonly string[];
  /** Numbers to compare later runs with, see {@link CheckContext.previous}. Kept up to 256 KiB as JSON; more is left out with a warning. */
  readonly measured?: Measured;
}

/** A file that a check refers to, in the drill file's directory or below. */
export interface FileReference {
  /** Below the check: `['sql', 'file']`. */
  readonly path: readonly string[];
  /** As the drill file writes it. */
  readonly file: string;
  /** Its content, for messages: `this check’s query`. */
  readonly holds: string;
}

/** What a drill says once for its checks. */
export interface CheckDefaults {
  /** 0.5: how much longer a timed query may take than usual, of checks that do not say. */
  readonly maxIncrease?: number | undefined;
}

/** Common fields of validated checks. */
export interface CheckBase<Key extends string> {
  readonly kind: Key;
  readonly name: string;
  /** As long as all of its queries take together, with their wait for a session. */
  readonly timeoutMs: number;
}

/** Common keys of checks in a drill file, see `checkMapping`. */
export interface CheckFileBase {
  readonly name: string;
  readonly timeout: string;
}

/**
 * One way to verify restored data, with its keys in a check of a drill file. Every kind MUST:
 * - be able to fail on wrong data, and report through {@link findVacuous} when a check as written cannot fail;
 * - only read, through the probe, and disclose no row of the data;
 * - throw `check-malformed` when the check makes no sense on this server, and `wrong-data` when it ran into damaged data;
 * - stop at once when the signal aborts.
 */
export interface CheckKind<Key extends string, File extends CheckFileBase, Spec extends CheckBase<Key>> {
  /** The key that makes a check one of this kind. */
  readonly key: Key;
  /** How it reads the restored data: a drill of an engine that does not offer it is refused. */
  readonly needs: Capability;
  /** Such a check in the drill file, made by `checkMapping` and described for the reference. */
  readonly schema: ZodType<File>;
  /** When it runs. Default: together with others. */
  turnOf?(spec: Spec, restore: RestoreFacts): Turn;
  /** The query that the drill writes, as text; without one there is nothing to prepare. */
  queryOf?(spec: Spec): string;
  /** The program that the drill writes, with its arguments. */
  argvOf?(spec: Spec): readonly string[];
  /** Images that it starts applications of. */
  images?(spec: Spec): readonly string[];
  /** @param check as written, not validated yet; the schema reports values of the wrong type. */
  findFiles?(check: Readonly<Record<string, unknown>>): readonly FileReference[];
  /**
   * @param textOf gives the text of a file that {@link findFiles} named.
   * @returns undefined when such a file could not be read, which has been reported.
   */
  resolve(
    file: File,
    textOf: (path: readonly string[]) => string | undefined,
    defaults?: CheckDefaults,
  ): Spec | undefined;
  /** Why the check can never fail, or never pass, as far as can be determined without data. */
  findVacuous?(spec: Spec): { readonly path: readonly string[]; readonly message: string } | undefined;
  /**
   * Of a kind that compares with earlier runs: what was asked of the data, without name and limits. Results are compared while it is the same, so that
   * a check that is changed learns anew.
   */
  questionOf?(spec: Spec): MeasuredValue;
  /** What it expects, in words: `at least 599`. */
  describe(spec: Spec, context: Pick<CheckContext, 'takenAt' | 'restore'>): string;
  /** @throws DrillError `check-malformed`, `wrong-data`, `server-failed`, or the signal's reason. */
  run(spec: Spec, context: CheckContext): Promise<Evaluation>;
}

/** Lets the compiler infer the key, the file's type and the spec's. */
export function defineCheckKind<Key extends string, File extends CheckFileBase, Spec extends CheckBase<Key>>(
  kind: CheckKind<Key, File, Spec>,
): CheckKind<Key, File, Spec> {
  return kind;
}
