import type { DatabaseAddress, SourceDatabase } from './fingerprint.ts';
import type { LogArchive, LogPositionKey, RecoveryTarget } from './format.ts';
import type { PlanLogSearch } from './log-events.ts';
import type { OpenSyntaxServer } from './syntax.ts';

export type ServerAddress = Pick<DatabaseAddress, 'url' | 'password'>;

/** The databases of a running server, as it reports them. */
export interface ServerDatabases {
  /** The `type` of its engine, which URLs of related products do not reveal. */
  readonly engine: string;
  /** Its address, without user and password: `postgres://db1.example.com:5432`. */
  readonly server: string;
  readonly version: string;
  readonly databases: readonly { readonly name: string; readonly sizeBytes: number | undefined }[];
}

/** A server setting that a drill may set. */
export interface AllowedSetting {
  /** Pattern that a value must match, ignoring case. */
  readonly values: RegExp;
  /** The same in words; follows `must be`. */
  readonly expected: string;
}

/**
 * The part of a descriptor that only products with SQL have. A descriptor MUST allow only settings that some backups need in order to load or to return the
 * same results. It must not allow a setting that lets restored data act by itself, reach out, or read or write a file, or that changes what the harness
 * measures.
 */
export interface SqlDescriptor {
  readonly allowedSettings: Readonly<Record<string, AllowedSetting>>;
  /** Whether its server can load libraries at start (`engine.preload`). */
  readonly canPreload: boolean;
  /** For the checks that `firedrill init` drafts. */
  readonly starter: {
    /** Counts the users' tables; returns one row. */
    readonly tableCount: string;
    /** The character that quotes an identifier; doubled inside one. */
    readonly identifierQuote: string;
  };
  /** URL scheme of its databases, without the colon: `postgres`. */
  readonly urlSchemes: readonly string[];
  /** The environment variable from which the product’s own clients read the password. */
  readonly passwordVariable: string;
  /** Opens a running database for reading only. @throws DrillError `database-failed`, `usage`. */
  openDatabase(address: DatabaseAddress, signal: AbortSignal): Promise<SourceDatabase>;
  /** Lists the databases of a running server, without the server's own; does nothing else. @throws DrillError `database-failed`, or the signal's reason. */
  listDatabases(address: ServerAddress, signal: AbortSignal): Promise<ServerDatabases>;
  /** How positions in its log are written in `recover.to`. */
  readonly logPositions: readonly LogPositionKey[];
  /** Searches archived logs for events that destroyed data. */
  readonly planLogSearch: PlanLogSearch;
  /**
   * Refuses, before a sandbox exists, an archived log that no recovery to the target can read. It reads the heads of a few files; the replay finds the rest.
   * @returns one sentence on why no file of this archive can be checked in advance. Undefined if they are checked.
   * @throws DrillError `backup-encrypted`, what reading the archive throws.
   */
  checkLog?(archive: LogArchive, target: RecoveryTarget, signal: AbortSignal): Promise<string | undefined>;
  readonly openSyntaxServer: OpenSyntaxServer;
}
