import type { AskCatalog, Catalog } from './catalog.ts';
import type { DamageSession } from './damage.ts';
import type { DataFiles } from './data-files.ts';
import type { TableHasher } from './fingerprint.ts';
import type { QueryResult } from './query-result.ts';

/** A restored server that speaks SQL. */
export interface SqlAccess {
  openCheckSession(database: string, signal: AbortSignal): Promise<CheckSession>;
  /** @param ask asks on check sessions of the one database that the catalog is about. Nothing is read before a method of it is called. */
  openCatalog(ask: AskCatalog): Catalog;
  readonly hasher: TableHasher;
  /** undefined: the product has no tool for that. */
  readonly dataFiles?: DataFiles;
  /** For proofs: sees the restored copy as a check does, but for damage of its own. */
  openDamageSession(database: string, signal: AbortSignal): Promise<DamageSession>;
  /**
   * Makes an account for an application, and restarts the server so that it listens on the sandbox’s loopback, too, which no network reaches. No
   * session may be open meanwhile; it stays so until the sandbox is removed.
   */
  openNetworkLogin(options: NetworkLoginOptions): Promise<NetworkLogin>;
}

/** A read-only session of an unprivileged user: it can read everything and change nothing. */
export interface CheckSession extends AsyncDisposable {
  /**
   * Throws `check-malformed` for SQL that the server cannot parse or that tries to write, `server-failed` when the server went away, and
   * `wrong-data` when the query found damaged data or a missing table.
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
  /** `write`: it may also change data and tables, as the owner may. */
  readonly access: 'read' | 'write';
  readonly signal: AbortSignal;
  /** Of the whole run: the server is started again unless it has aborted. */
  readonly run: AbortSignal;
}
