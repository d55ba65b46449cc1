import type { DatabaseAddress, SourceDatabase } from './fingerprint.ts';
import type { LogArchive, LogPositionKey, RecoveryTarget } from './format.ts';
import type { PlanLogSearch } from './log-events.ts';
import type { OpenSyntaxServer } from './syntax.ts';

export type ServerAddress = Pick<DatabaseAddress, 'url' | 'password'>;

/** What a running server says of itself. */
export interface ServerDatabases {
  /** The `type` of its engine, which URLs of related products do not tell. */
  readonly engine: string;
  /** Where it is, without user and password: `postgres://db1.example.com:5432`. */
  readonly server: string;
  readonly version: string;
  readonly databases: readonly { readonly name: string; readonly sizeBytes: number | undefined }[];
}

/** A server setting that a drill may choose. */
export interface AllowedSetting {
  /** What a value must match, ignoring case. */
  readonly values: RegExp;
  /** The same in words, to follow `must be`. */
  readonly expected: string;
}

/**
 * What only products that speak SQL have. A descriptor MUST allow only settings that some backups need in order to load or to return the same
 * results. It must not allow a setting that lets restored data act by itself, reach out, or read or write a file, or that changes what the harness
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
    /** The character that quotes an identifier; doubled within one. */
    readonly identifierQuote: string;
  };
  /** The scheme of URLs of its databases, without the colon: `postgres`. */
  readonly urlSchemes: readonly string[];
  /** The variable from which the product’s own clients read the password. */
  readonly passwordVariable: string;
  /** Opens a running database, to read it and nothing else. @throws DrillError `database-failed`, `usage`. */
  openDatabase(address: DatabaseAddress, signal: AbortSignal): Promise<SourceDatabase>;
  /** Asks a running server for its databases, and nothing else. Its own are left out. @throws DrillError `database-failed`, or the signal's reason. */
  listDatabases(address: ServerAddress, signal: AbortSignal): Promise<ServerDatabases>;
  /** How its log's positions are written in `recover.to`. */
  readonly logPositions: readonly LogPositionKey[];
  /** Searches the log that servers archive for what destroyed data. */
  readonly planLogSearch: PlanLogSearch;
  /**
   * Refuses, before there is a sandbox, an archived log that no recovery to the target can read. It reads the heads of few files; the replay finds the rest.
   * @returns why no file of this archive is looked at before: one sentence. Undefined: they are.
   * @throws DrillError `backup-encrypted`, what reading the archive throws.
   */
  checkLog?(archive: LogArchive, target: RecoveryTarget, signal: AbortSignal): Promise<string | undefined>;
  readonly openSyntaxServer: OpenSyntaxServer;
}
