import type { AskCatalog, Catalog } from './catalog.ts';
import type { DamageSession } from './damage.ts';
import type { DataFiles } from './data-files.ts';
import type { TableHasher } from './fingerprint.ts';
import type { QueryResult } from './query-result.ts';

/** A restored server that speaks SQL. */
export interface SqlAccess {
  openCheckSession(database: string, signal: AbortSignal): Promise<CheckSession>;
  /** @param ask runs queries on check sessions of the catalog's database. Nothing is read until one of the catalog's methods is called. */
  openCatalog(ask: AskCatalog): Catalog;
  readonly hasher: TableHasher;
  /** Undefined if the product has no tool for that. */
  readonly dataFiles?: DataFiles;
  /** For proofs: sees the restored copy as a check does, except for its own damage. */
  openDamageSession(database: string, signal: AbortSignal): Promise<DamageSession>;
  /**
   * Creates an account for an application, and restarts the server so that it also listens on the sandbox’s loopback, which no network reaches. No session may
   * be open meanwhile; the server stays that way until the sandbox is removed.
   */
  openNetworkLogin(options: NetworkLoginOptions): Promise<NetworkLogin>;
}

/** A read-only session of an unprivileged user: it can read everything and change nothing. */
export interface CheckSession extends AsyncDisposable {
  /**
   * Throws `check-malformed` for SQL that the server cannot parse or that tries to write, `server-failed` if the server went away, and `wrong-data` if the
   * query found damaged data or a missing table.
   */
  query(
    sql: string,
    options: {
      readonly timeoutMs: number;
      readonly maxRows: number;
      readonly signal: AbortSignal;
    },
  ): Promise<QueryResult>;
}

/** How a program in the sandbox’s own network logs in over TCP. */
export interface NetworkLogin {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface NetworkLoginOptions {
  readonly database: string;
  /** `write`: it may also change data and tables, as the owner can. */
  readonly access: 'read' | 'write';
  readonly signal: AbortSignal;
  /** Signal of the whole run: the server is started again unless this has aborted. */
  readonly run: AbortSignal;
}
