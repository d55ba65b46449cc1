import type pg from 'pg';
import type { Connection, Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import type { BootOptions, Server } from '../../engine.ts';
import type { ServerProcess } from '../../server/server-process.ts';
import { closeClient, type Login, openClient, startOptions } from './connect.ts';
import type { ListedTable } from './dump-names.ts';
import type { Tool } from './installed-tools.ts';
import { loadingSettings } from './preload.ts';
import { sessionSettings } from './session-settings.ts';

export interface ServerParts {
  readonly sandbox: Sandbox;
  readonly connection: Connection;
  readonly tool: Tool;
  readonly version: string;
  readonly user: string;
  /** The password of the harness's superuser. */
  readonly password: string;
  readonly options: Omit<BootOptions, 'signal'>;
  readonly serverProcess: ServerProcess;
}

/** A Postgres server for loading, sealing and checking: opens sessions as the harness's superuser, and explains why they ended. */
export class PostgresServer {
  readonly version: string;
  readonly connection: Connection;
  readonly sandbox: Sandbox;
  readonly tool: Tool;
  /** The options of the most recent start. */
  options: Omit<BootOptions, 'signal'>;
  /** The harness's own superuser. */
  readonly user: string;
  /** Databases that a load has filled, for gathering statistics. */
  readonly loaded = new Set<string>();
  /** Tables that a loaded dump lists, by database. */
  readonly listed = new Map<string, readonly ListedTable[]>();
  serverProcess: ServerProcess;
  private readonly password: string;

  constructor(parts: ServerParts) {
    this.version = parts.version;
    this.connection = parts.connection;
    this.sandbox = parts.sandbox;
    this.tool = parts.tool;
    this.options = parts.options;
    this.user = parts.user;
    this.password = parts.password;
    this.serverProcess = parts.serverProcess;
  }

  /** @returns the server as this engine's type. Throws if it belongs to another engine. */
  static of(server: Server): PostgresServer {
    if (server instanceof PostgresServer) return server;
    throw new TypeError('a Postgres backup was given to a server that this engine did not boot');
  }

  get major(): number {
    return Number(this.tool.major);
  }

  /** Opens a session as the harness's superuser. Timeouts and triggers are off in it, whatever settings roles and databases have. */
  async openSession(database: string, signal: AbortSignal, settings: Login['settings'] = {}): Promise<pg.Client> {
    try {
      return await openClient(this.connection, this.login(database, settings), signal);
    } catch (error) {
      throw await this.explainLoss(error, signal);
    }
  }

  /** How tools inside the sandbox connect. The password is passed in the environment, never in argv. */
  toolEnvironment(): Record<string, string> {
    return {
      PGHOST: this.sandbox.paths.run,
      PGPORT: '5432',
      PGUSER: this.user,
      PGPASSWORD: this.password,
      PGOPTIONS: startOptions(this.safeSettings()),
      LC_ALL: 'C',
    };
  }

  closeSession(client: pg.Client): Promise<void> {
    return closeClient(client);
  }

  async withSession<T>(database: string, signal: AbortSignal, use: (client: pg.Client) => Promise<T>): Promise<T> {
    const settings = { search_path: 'pg_catalog' };
    const client = await this.openSession(database, signal, settings).catch(async (error: unknown) => {
      throw await this.explainRefusal(error, signal);
    });
    try {
      return await use(client);
    } catch (error) {
      throw await this.explainLoss(error, signal);
    } finally {
      await closeClient(client);
    }
  }

  /** @returns the error that explains why a session was lost, if the server, the sandbox or the run ended; otherwise the error itself. */
  async explainLoss(error: unknown, signal: AbortSignal): Promise<unknown> {
    if (signal.aborted) return signal.reason;
    const code = (error as { code?: unknown }).code;
    const lost =
      error instanceof Error && (isLoss(code) || /Connection terminated|not queryable|closed/i.test(error.message));
    if (!lost) return error;
    await Promise.race([this.serverProcess.ended, patience(LOSS_PATIENCE_MS)]); // its last log lines come right after the sockets close
    return this.serverProcess.explain('the server went away');
  }

  /** Whether the server accepts new sessions: not while it stops, nor after it has ended. */
  async takesSessions(signal: AbortSignal): Promise<boolean> {
    try {
      await closeClient(await openClient(this.connection, this.login('postgres', {}), signal));
      return true;
    } catch {
      return false; // the caller finds out why
    }
  }

  /**
   * @returns the error for a session that could not be opened after loading. Whatever the server refuses then (connections, a password, the database), the
   * restored data caused it: before loading, nothing would have been refused.
   */
  async explainRefusal(error: unknown, signal: AbortSignal): Promise<unknown> {
    const cause = await this.explainLoss(error, signal);
    const code = (cause as { code?: unknown }).code;
    if (cause instanceof DrillError || typeof code !== 'string' || !/^(?:08|28|3D|53[34]|55|42501)/.test(code))
      return cause;
    return new DrillError(
      'restore-failed',
      `the dump changed the server so that it rejects new sessions: ${(cause as Error).message}`,
      {
        hint: 'Search the backup for ALTER SYSTEM, ALTER DATABASE … ALLOW_CONNECTIONS and CONNECTION LIMIT, and for functions that write files.',
        cause,
      },
    );
  }

  private login(database: string, settings: Login['settings']): Login {
    return { user: this.user, password: this.password, database, settings: { ...this.safeSettings(), ...settings } };
  }

  private safeSettings(): Record<string, string | number> {
    return {
      ...sessionSettings(this.major),
      ...loadingSettings(this.options.preload),
      default_transaction_read_only: 'off',
      // the sandbox may lack a library that a database preloads, and no session could then connect to it
      session_preload_libraries: '',
      local_preload_libraries: '',
      lc_messages: 'C', // errors are parsed in English
      session_replication_role: 'origin',
      temp_file_limit: -1,
      ...(this.major >= 17 ? { event_triggers: 'off' } : {}),
    };
  }
}

const LOSS_PATIENCE_MS = 3000;

/** Class 57P means that the server is shutting down or unavailable; the others are the socket's own. */
function isLoss(code: unknown): boolean {
  return (
    typeof code === 'string' &&
    (/^57P0[123]$/.test(code) || ['ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'ENOENT'].includes(code))
  );
}

function patience(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
