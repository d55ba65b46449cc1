import type { ExecResult } from '../../../sandbox/sandbox.ts';
import { inTurn } from '../../../support/in-turn.ts';
import type { AskCatalog, Catalog } from '../../catalog.ts';
import type { DamageSession } from '../../damage.ts';
import type { DataFiles } from '../../data-files.ts';
import type { Inventory, ProgramOptions, SealListener, Server } from '../../engine.ts';
import type { TableHasher } from '../../fingerprint.ts';
import { findInServerDirs } from '../../server/program-path.ts';
import type { CheckSession, NetworkLogin, NetworkLoginOptions, SqlAccess } from '../../sql-access.ts';
import { mysqlCatalog } from '../catalog/mysql-catalog.ts';
import { mysqlHasher } from '../fingerprint/mysql-hasher.ts';
import { checkAccountStatements } from './accounts.ts';
import { openMysqlCheckSession } from './check-session.ts';
import { prepareClientCommand, prepareProgramHome } from './client-command.ts';
import type { Session } from './connect.ts';
import { openMysqlDamageSession } from './damage-session.ts';
import { MysqlServer } from './mysql-server.ts';
import { openNetworkLogin } from './network-login.ts';
import { verifyChecksums } from './page-checksums.ts';
import { sealServer } from './seal.ts';
import { verifyInventory } from './verify-inventory.ts';

/** A booted MySQL or MariaDB server, for use by a drill. */
export class BootedMysql extends MysqlServer implements Server, SqlAccess {
  /** Serializes sessions that create the account and grant it access to databases. */
  private readonly inTurn = inTurn();

  get sql(): SqlAccess {
    return this;
  }

  async prepareClient(signal: AbortSignal): Promise<readonly string[]> {
    const database = [...this.loaded][0];
    await this.prepareCheckAccount(database, signal);
    const { sandbox, connection, flavor } = this;
    return prepareClientCommand({ sandbox, connection, flavor, login: { ...this.checkLogin, database }, signal });
  }

  seal(signal: AbortSignal, onPart?: SealListener): Promise<void> {
    return sealServer(this, signal, onPart);
  }

  verifyInventory(signal: AbortSignal): Promise<Inventory | undefined> {
    return verifyInventory(this, signal);
  }

  async openCheckSession(database: string, signal: AbortSignal): Promise<CheckSession> {
    await this.prepareCheckAccount(database, signal);
    return openMysqlCheckSession(this, { ...this.checkLogin, database }, signal);
  }

  get hasher(): TableHasher {
    return mysqlHasher(this.flavor.type);
  }

  get dataFiles(): DataFiles {
    return { verifyChecksums: (signals) => verifyChecksums(this, signals) };
  }

  openNetworkLogin(options: NetworkLoginOptions): Promise<NetworkLogin> {
    return openNetworkLogin(this, options);
  }

  openDamageSession(database: string, signal: AbortSignal): Promise<DamageSession> {
    return openMysqlDamageSession(this, database, signal);
  }

  openCatalog(ask: AskCatalog): Catalog {
    return mysqlCatalog(ask, { notEnforced: this.flavor.notEnforced(this.version), explain: this.flavor.explain });
  }

  async runProgram(argv: readonly string[], { database, ...options }: ProgramOptions): Promise<ExecResult> {
    const { sandbox, checkLogin } = this;
    await this.prepareCheckAccount(database, options.signal);
    const home = await prepareProgramHome(sandbox, { ...checkLogin, database }, options.signal);
    return sandbox.exec(findInServerDirs(sandbox, argv), { ...options, env: { HOME: home } });
  }

  private prepareCheckAccount(database: string | undefined, signal: AbortSignal): Promise<void> {
    const databases = new Set([...this.loaded, ...(database === undefined ? [] : [database])]);
    const system = this.hasSystemData ? ['mysql'] : [];
    const prepare = async (session: Session): Promise<void> => {
      const { flavor, version, checkLogin: login } = this;
      for (const statement of checkAccountStatements({ flavor, version, login, databases: [...databases], system })) {
        await session.execute(statement);
      }
    };
    return this.inTurn(() => this.administer(signal, prepare));
  }
}
