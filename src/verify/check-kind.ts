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
import type { PhaseName } from '../support/vocabulary.ts';
import type { Finding } from './expectations/expectation-kind.ts';

export interface ProbeQuery {
  /** undefined: the database that the drill or the backup names. */
  readonly database?: string | undefined;
  /** No more rows than this are fetched; the result says if there were more. */
  readonly maxRows: number;
}

/** A check's access to the restored data: read-only, and ended by the check's timeout. */
export interface Probe {
  /** How many queries run at once; further ones wait. */
  readonly parallel: number;
  /** Runs one query in a separate session. Reasons to doubt its result are reported for the check. Throws what `CheckSession.query` throws. */
  query(sql: string, query: ProbeQuery): Promise<QueryResult>;
  /** @param database undefined: the database that the drill or the backup names. */
  catalog(database?: string): Catalog;
  /** How the restored server’s product hashes tables. */
  readonly hasher: TableHasher;
  /** The restored files; undefined: the engine does not restore files. */
  readonly files?: RestoredFiles | undefined;
  /** The restored server’s own commands; undefined: it has no read-only ones. */
  readonly commands?: CommandAccess | undefined;
  /** Undefined: the product has no tool for that. Only for checks that run alone. */
  readonly dataFiles: ProbeDataFiles | undefined;
  /** Undefined: the sandbox cannot start applications. Only for checks that run alone. */
  readonly applications: ProbeApplications | undefined;
  /**
   * Runs a program in the sandbox, with the environment variables that the server's own client programs use to log in; see `Server.runProgram`.
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
  /** See `Sandbox.startApplication`; the image’s name is mapped according to the settings. */
  start(request: ApplicationRequest, signal: AbortSignal): Promise<Application>;
}

/** See {@link DataFiles}. */
export interface ProbeDataFiles {
  /** @param database undefined: the database that the drill or the backup names. */
  openObjects?(database: string | undefined, signal: AbortSignal): Promise<StoredObjects | NotVerifiable>;
  verifyChecksums(signal: AbortSignal): ReturnType<DataFiles['verifyChecksums']>;
}

export interface Snapshots {
  /** Stores a text in the history, once no matter how many runs share it. @returns its id, to be recorded as a measurement. */
  keep(text: string): Promise<string>;
  /** @returns undefined if there is no such text. */
  read(id: string): Promise<string | undefined>;
}

/** Times work as a step of its own of the run. @returns the work itself. */
export type TimedStep = <T>(step: PhaseName, work: Promise<T>) => Promise<T>;

export interface CheckContext {
  readonly probe: Probe;
  /** When the backup was taken. */
  readonly takenAt: Date;
  readonly restore: RestoreFacts;
  /** Files stored next to the backup. */
  readonly neighbours: BackupNeighbours;
  /** The drill's RPO; undefined: it has none. */
  readonly rpoMs: number | undefined;
  /**
   * This check's results in the last runs that passed, for backups not newer than this one: newest backup first. They answered the same
   * {@link CheckKind.questionOf}. Empty in the first run. A backup that was drilled twice appears twice.
   */
  readonly previous: (limit: number) => Promise<readonly PastCheck[]>;
  /** All such results, read on demand: for kinds that read many results and keep little of each. */
  readonly history: () => AsyncIterable<PastCheck>;
  /** Stores texts that are too long for {@link Evaluation.measured}. */
  readonly snapshots: Snapshots;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly timed: TimedStep;
  readonly signal: AbortSignal;
  /** Reports a reason to doubt the check's result: `calls lower(), which …`. Shown after the check's name. */
  readonly onWarning: (warning: string) => void;
}

/**
 * - `together`: in parallel with other checks;
 * - `alone`: after those, one by one, because it measures time or needs the server to itself;
 * - `last`: alone and after all others, because it may change the data.
 */
export type Turn = 'together' | 'alone' | 'last';

/** What is known about the restore, for any format. */
export interface RestoreFacts {
  /** Whether the data files come from the backup itself (a physical backup). False: statements or rows were loaded, which rewrites every page and index. */
  readonly isPhysical: boolean;
  /** Commit time of the last transaction replayed from a log; undefined: none was replayed. */
  readonly lastCommitAt: Date | undefined;
}

/** A check's finding, with what it expected. */
export interface Evaluation extends Finding {
  /** In words: `at least 599`. */
  readonly expected: string;
  /** More about the finding, one item per line, without row data: the tables that failed. At most 100 lines are recorded. */
  readonly details?: readonly string[];
  /** Numbers to compare later runs with, see {@link CheckContext.previous}. Stored up to 256 KiB as JSON; more is dropped with a warning. */
  readonly measured?: Measured;
}

/** A file that a check refers to, in the drill file's directory or below. */
export interface FileReference {
  /** Path within the check: `['sql', 'file']`. */
  readonly path: readonly string[];
  /** As the drill file writes it. */
  readonly file: string;
  /** What the file contains, for messages: `this check’s query`. */
  readonly holds: string;
}

/** Defaults that a drill sets for all its checks. */
export interface CheckDefaults {
  /** How much longer a timed query may take than usual, for checks that do not set it: 0.5 is 50 % longer. */
  readonly maxIncrease?: number | undefined;
}

/** Common fields of validated checks. */
export interface CheckBase<Key extends string> {
  readonly kind: Key;
  readonly name: string;
  /** Covers all of its queries together, including their wait for a session. */
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
  /** The key that identifies a check as one of this kind. */
  readonly key: Key;
  /** How it reads the restored data: a drill whose engine does not offer this is refused. */
  readonly needs: Capability;
  /** Schema of such a check in the drill file, made by `checkMapping` and described for the reference. */
  readonly schema: ZodType<File>;
  /** When it runs. Default: `together`. */
  turnOf?(spec: Spec, restore: RestoreFacts): Turn;
  /** The text of the query that the drill contains; if there is none, there is nothing to prepare. */
  queryOf?(spec: Spec): string;
  /** The program that the drill runs, with its arguments. */
  argvOf?(spec: Spec): readonly string[];
  /** Images of the applications that it starts. */
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
  /** Why the check can never fail, or never pass, as far as that can be determined without data. */
  findVacuous?(spec: Spec): { readonly path: readonly string[]; readonly message: string } | undefined;
  /**
   * For a kind that compares with earlier runs: what is asked of the data, without the check's name and limits. Only results with the same question are
   * compared, so a check that is changed starts over.
   */
  questionOf?(spec: Spec): MeasuredValue;
  /** What it expects, in words: `at least 599`. */
  describe(spec: Spec, context: Pick<CheckContext, 'takenAt' | 'restore'>): string;
  /** @throws DrillError `check-malformed`, `wrong-data`, `server-failed`, or the signal's reason. */
  run(spec: Spec, context: CheckContext): Promise<Evaluation>;
}

/** Lets the compiler infer the types of the key, the file and the spec. */
export function defineCheckKind<Key extends string, File extends CheckFileBase, Spec extends CheckBase<Key>>(
  kind: CheckKind<Key, File, Spec>,
): CheckKind<Key, File, Spec> {
  return kind;
}
