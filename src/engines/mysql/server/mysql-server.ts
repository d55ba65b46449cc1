import { randomBytes } from 'node:crypto';
import type { Connection, Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import type { BootOptions, Server } from '../../engine.ts';
import type { ServerProcess } from '../../server/server-process.ts';
import type { Flavor } from '../flavor.ts';
import { StatedStarts } from '../log/stated-starts.ts';
import { type Account, accountKey, accountStatements, definerStatements } from './accounts.ts';
import { type Login, openSession, type Session, type SessionOptions } from './connect.ts';
import { type InstalledTools, listLibraries } from './installed-tools.ts';
import { MissingNames } from './missing-names.ts';
import type { Holder } from './missing-rights.ts';
import { explainRefusal, isLoss, numberOf } from './server-errors.ts';
import { type StartedServer, type StartParts, startServer } from './start-server.ts';

const ACCESS_DENIED = 1045;
const LOSS_PATIENCE_MS = 3000;

/** A table that a dump creates. */
export interface ListedTable {
  readonly database: string;
  readonly table: string;
}

/** A MySQL or MariaDB server for loading, sealing and checking: opens sessions as the harness's account, and explains how they ended. */
export class MysqlServer {
  readonly version: string;
  readonly connection: Connection;
  readonly sandbox: Sandbox;
  readonly flavor: Flavor;
  readonly tools: InstalledTools;
  options: Omit<BootOptions, 'signal'>;
  /** Databases that a load has filled: for statistics, and for the rights of checks and definers. */
  readonly loaded = new Set<string>();
  /** Tables that the dump created and did not remove again. Empty: the backup does not list them, or a log was replayed after it. */
  listed: readonly ListedTable[] = [];
  /** Accounts that the drill created because definitions name them and the backup lacks them, by their {@link accountKey}. */
  readonly madeAccounts = new Set<string>();
  /** Whether the backup brought accounts or tables of the database mysql, so that checks may query them. */
  hasSystemData = false;
  /** Whether the backup brought the tables of the database mysql, because it is of the whole server. */
  hasSystemTables = false;
  /** Names that statements of the dump referenced but that do not exist. */
  readonly missingNames = new MissingNames();
  /** Where in a log the dump says that it was taken. */
  readonly statedStarts = new StatedStarts();
  serverProcess: ServerProcess;
  /** Opened before any dump is read: it retains its rights when a dump drops the harness's account. */
  adminSession: Session;
  private libraries: Promise<ReadonlySet<string>> | undefined;
  private readonly login: Login;
  /** A dump can read the name of the account that loads it, so this name must not be derivable from that one. */
  protected readonly checkLogin: Login = {
    user: `firedrill_${randomBytes(4).toString('hex')}_check`,
    password: randomBytes(24).toString('hex'),
    database: undefined,
  };

  constructor(parts: StartParts & StartedServer) {
    this.version = parts.version;
    this.connection = parts.connection;
    this.sandbox = parts.sandbox;
    this.flavor = parts.flavor;
    this.tools = parts.tools;
    this.options = parts.options;
    this.login = parts.login;
    this.serverProcess = parts.serverProcess;
    this.adminSession = parts.session;
  }

  /** @returns the server as this engine's type. Throws if it belongs to another engine. */
  static of(server: Server): MysqlServer {
    if (server instanceof MysqlServer) return server;
    throw new TypeError('a MySQL backup was given to a server that this engine did not boot');
  }

  /** A session as the harness's own account, which has all rights; the caller closes it. */
  async openSession(database: string | undefined, signal: AbortSignal, options: SessionOptions = {}): Promise<Session> {
    const login = { ...this.login, database };
    try {
      return await openSession(this.connection, login, signal, options);
    } catch (error) {
      if (numberOf(error) !== ACCESS_DENIED) throw explainRefusal(await this.explainLoss(error, signal), 'a session');
    }
    try {
      await this.restoreAccount();
      return await openSession(this.connection, login, signal, options);
    } catch (error) {
      throw explainRefusal(await this.explainLoss(error, signal), 'a session');
    }
  }

  async withSession<T>(
    database: string | undefined,
    signal: AbortSignal,
    use: (session: Session) => Promise<T>,
  ): Promise<T> {
    const session = await this.openSession(database, signal);
    try {
      return await use(session);
    } catch (error) {
      throw await this.explainLoss(error, signal);
    } finally {
      await session.close();
    }
  }

  /** Like `withSession`, for the harness's own statements: if one of them is rejected, the dump is at fault. */
  async administer<T>(signal: AbortSignal, use: (session: Session) => Promise<T>): Promise<T> {
    try {
      return await this.withSession(undefined, signal, use);
    } catch (error) {
      throw explainRefusal(error, 'what the drill itself does');
    }
  }

  /** Discards what was loaded and starts on an empty data directory, with these settings in addition to its previous ones. */
  async startOver(settings: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
    const { sandbox, flavor, tools, login } = this;
    await this.adminSession.close();
    const killed = sandbox.exec(['sh', '-c', 'kill -9 "$(cat "$1/server.pid")"', 'sh', sandbox.paths.data], { signal });
    await Promise.all([killed, this.serverProcess.ended]);
    await sandbox.guardRun?.('open');
    this.options = { ...this.options, settings: { ...this.options.settings, ...settings } };
    this.loaded.clear();
    this.listed = [];
    this.madeAccounts.clear();
    this.hasSystemData = false;
    this.hasSystemTables = false;
    const { serverProcess, session } = await startServer(
      { sandbox, flavor, tools, login, options: this.options },
      signal,
    );
    this.serverProcess = serverProcess;
    this.adminSession = session;
  }

  /** Whether table names that differ only in case are the same to this server. */
  get ignoresCase(): boolean {
    const { lower_case_table_names: setting = '0' } = this.options.settings;
    return setting !== '0';
  }

  /** The statements that create the harness's own account, for `--init-file`. */
  accountStatements(): readonly string[] {
    return accountStatements(this.flavor, this.login);
  }

  /**
   * Recreates the harness's account, on the session that was opened before it was lost, and puts the dump's accounts into force: while the server still uses
   * the old ones, an account exists but cannot be changed.
   */
  async restoreAccount(): Promise<void> {
    try {
      for (const statement of this.accountStatements()) await this.adminSession.execute(statement);
    } catch (error) {
      throw explainRefusal(error, 'its own account');
    }
  }

  /**
   * Recreates the harness's own account if a dump has replaced the server's table of accounts with its own.
   * @returns whether the account was lost and recreated.
   */
  async ensureAccount(signal: AbortSignal): Promise<boolean> {
    try {
      const [row] = await this.adminSession.ask(`SELECT COUNT(*) FROM mysql.user WHERE User = '${this.login.user}'`);
      const isLost = row?.[0] === '0';
      if (isLost) await this.restoreAccount();
      return isLost;
    } catch (error) {
      throw explainRefusal(await this.explainLoss(error, signal), 'its own account');
    }
  }

  async openAdminSession(signal: AbortSignal): Promise<void> {
    try {
      this.adminSession = await openSession(this.connection, this.login, this.sandbox.gone);
    } catch (error) {
      throw explainRefusal(await this.explainLoss(error, signal), 'a session');
    }
  }

  /** Whether the same server starts on an empty data directory, next to that of the restored data, with its current settings. */
  async startsOnEmptyData(signal: AbortSignal): Promise<boolean> {
    const { flavor, tools, login, options } = this;
    const data = `${this.sandbox.paths.scratch}/.empty-data`;
    const sandbox: Sandbox = Object.create(this.sandbox, { paths: { value: { ...this.sandbox.paths, data } } });
    try {
      await this.sandbox.exec(['mkdir', '-p', data], { signal });
      const parts = { sandbox, flavor, tools, login, options: { ...options, durability: 'production' as const } };
      const { session, serverProcess } = await startServer(parts, signal);
      await session.close();
      await serverProcess.kill();
      return true;
    } catch {
      signal.throwIfAborted();
      return false;
    } finally {
      await this.sandbox.exec(['rm', '-rf', data], { signal: this.sandbox.gone });
    }
  }

  /**
   * Creates the missing accounts that views, routines, triggers and events run as, after the load: locked, with a random password,
   * and with all rights in the restored databases.
   * @returns the created accounts, as `user@host`.
   */
  addDefiners(definers: Iterable<Account>, signal: AbortSignal): Promise<readonly string[]> {
    return this.administer(signal, async (session) => {
      const rows = await session.ask('SELECT User, Host FROM mysql.user');
      const known = new Set(rows.map(([user, host]) => accountKey({ user: String(user), host: String(host) })));
      const made: string[] = [];
      for (const definer of definers) {
        const key = accountKey(definer);
        if (known.has(key)) continue;
        known.add(key);
        const password = randomBytes(24).toString('hex');
        for (const statement of definerStatements(this.flavor, definer, password, [...this.loaded])) {
          await session.execute(statement);
        }
        this.madeAccounts.add(key);
        made.push(`${definer.user}@${definer.host}`);
      }
      return made;
    });
  }

  /** Creates an account, if it does not exist, that cannot log in and has no rights yet. */
  addWithoutLogin(account: Account, signal: AbortSignal): Promise<void> {
    const [create = ''] = definerStatements(this.flavor, account, randomBytes(24).toString('hex'), []);
    return this.administer(signal, async (session) => {
      await session.execute(create.replace('CREATE USER', 'CREATE USER IF NOT EXISTS'));
    });
  }

  /** Names of the plug-in libraries in the image, without extension, in lower case. */
  pluginLibraries(): Promise<ReadonlySet<string>> {
    this.libraries ??= listLibraries(this.sandbox, this.tools);
    return this.libraries;
  }

  /** Whose account lacks a right. */
  holderOf(account: Account | undefined): Holder {
    if (account === undefined || account.user === this.checkLogin.user) return 'check';
    return this.madeAccounts.has(accountKey(account)) ? 'made-by-drill' : 'restored';
  }

  /** Whether the server is still running after a session was lost. */
  isAnswering(): Promise<boolean> {
    return this.adminSession.ask('SELECT 1').then(
      () => true,
      () => false,
    );
  }

  /** @returns the error that explains why a session was lost, if the server, the sandbox or the run ended; otherwise the error itself. */
  async explainLoss(error: unknown, signal: AbortSignal): Promise<unknown> {
    if (signal.aborted) return signal.reason;
    if (!isLoss(error)) return error;
    // a Unix socket does not break by itself, but a tunnel may
    if (this.connection.kind === 'path' && (await this.isAnswering())) return endedSession(error);
    await Promise.race([this.serverProcess.ended, patience(LOSS_PATIENCE_MS)]); // its last log lines come right after the sockets close
    return this.serverProcess.explain('the server went away');
  }
}

function endedSession(cause: unknown): DrillError {
  return new DrillError(
    'restore-failed',
    'a statement in the dump ended the session that loads it, while the server kept running',
    {
      hint: 'Search the dump for KILL, or for a setting that ends sessions: every client stops there.',
      cause,
    },
  );
}

function patience(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
