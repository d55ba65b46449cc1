import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { Connection, Sandbox } from '../../sandbox/sandbox.ts';
import type { BootOptions, CheckSession, Server } from '../engine.ts';
import type { ServerProcess } from '../server-process.ts';
import type { Tool } from './box-tools.ts';
import { openPostgresCheckSession } from './check-session.ts';
import { prepareClientCommand } from './client-command.ts';
import { closeClient, type Login, openClient } from './connect.ts';
import { sealServer } from './seal.ts';
import { majorRank } from './versions.ts';

export interface ServerParts {
  readonly sandbox: Sandbox;
  readonly connection: Connection;
  readonly tool: Tool;
  readonly version: string;
  readonly user: string;
  readonly password: string;
  readonly options: Omit<BootOptions, 'signal'>;
  readonly serverProcess: ServerProcess;
}

/** A booted Postgres, and the only keeper of its password. */
export class PostgresServer implements Server {
  readonly version: string;
  readonly connection: Connection;
  readonly sandbox: Sandbox;
  readonly tool: Tool;
  readonly options: Omit<BootOptions, 'signal'>;
  /** The harness's own superuser. */
  readonly user: string;
  /** Databases that a load has filled, for statistics. */
  readonly loaded = new Set<string>();
  serverProcess: ServerProcess;
  private readonly password: string;
  /** Made when the first check needs it. A dump knows the name of the session that loads it, so this one must not follow from that. */
  private readonly checkRole = `firedrill_${randomBytes(4).toString('hex')}_check`;

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

  /** @returns the server as this engine knows it. Throws when it is another engine's. */
  static of(server: Server): PostgresServer {
    if (server instanceof PostgresServer) return server;
    throw new TypeError('a Postgres backup was given to a server that this engine did not boot');
  }

  get major(): number {
    return majorRank(this.tool.major);
  }

  async prepareClient(signal: AbortSignal): Promise<readonly string[]> {
    const { sandbox, connection } = this;
    const database = [...this.loaded][0] ?? 'postgres';
    const login = { role: this.checkRole, password: this.password };
    // The role is made with its first session, which there has not been when the run failed before its checks.
    await (await openPostgresCheckSession(this, database, login, signal))[Symbol.asyncDispose]();
    return prepareClientCommand({ sandbox, connection, login, database, signal });
  }

  /** A session as the harness's superuser. Whatever roles and databases carry as settings, timeouts and triggers are off in it. */
  async openSession(database: string, signal: AbortSignal, settings: Login['settings'] = {}): Promise<pg.Client> {
    try {
      return await openClient(this.connection, this.login(database, settings), signal);
    } catch (error) {
      throw await this.explainLoss(error, signal);
    }
  }

  /** For tools inside the box: how they connect. The password goes by the environment, never by argv. */
  toolEnvironment(): Record<string, string> {
    return {
      PGHOST: this.sandbox.paths.run,
      PGPORT: '5432',
      PGUSER: this.user,
      PGPASSWORD: this.password,
      PGOPTIONS: Object.entries(this.safeSettings())
        .map(([name, value]) => `-c ${name}=${value}`)
        .join(' '),
      LC_ALL: 'C',
    };
  }

  closeSession(client: pg.Client): Promise<void> {
    return closeClient(client);
  }

  async withSession<T>(database: string, signal: AbortSignal, use: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = await this.openSession(database, signal, { search_path: 'pg_catalog' });
    try {
      return await use(client);
    } catch (error) {
      throw await this.explainLoss(error, signal);
    } finally {
      await closeClient(client);
    }
  }

  /** @returns the error that tells why, when a session was lost because the server, the box or the run ended; else the error itself. */
  async explainLoss(error: unknown, signal: AbortSignal): Promise<unknown> {
    if (signal.aborted) return signal.reason;
    const code = (error as { code?: unknown }).code;
    const lost =
      error instanceof Error && (isLoss(code) || /Connection terminated|not queryable|closed/i.test(error.message));
    if (!lost) return error;
    await Promise.race([this.serverProcess.ended, patience(LOSS_PATIENCE_MS)]); // its last words come right after the sockets close
    return this.serverProcess.explain('the server went away');
  }

  seal(signal: AbortSignal): Promise<void> {
    return sealServer(this, signal);
  }

  openCheckSession(database: string, signal: AbortSignal): Promise<CheckSession> {
    return openPostgresCheckSession(this, database, { role: this.checkRole, password: this.password }, signal);
  }

  private login(database: string, settings: Login['settings']): Login {
    return { user: this.user, password: this.password, database, settings: { ...this.safeSettings(), ...settings } };
  }

  private safeSettings(): Record<string, string | number> {
    return {
      statement_timeout: 0,
      lock_timeout: 0,
      idle_in_transaction_session_timeout: 0,
      default_transaction_read_only: 'off',
      role: 'none',
      // what a database asks to be preloaded may not be here, and then nobody could connect to it
      session_preload_libraries: '',
      local_preload_libraries: '',
      ...(this.major >= 14 ? { idle_session_timeout: 0 } : {}),
      ...(this.major >= 17 ? { event_triggers: 'off', transaction_timeout: 0 } : {}),
    };
  }
}

const LOSS_PATIENCE_MS = 3000;

/** Class 57P is the server going away; the others are the socket's own. */
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
