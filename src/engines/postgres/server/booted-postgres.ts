import { randomBytes } from 'node:crypto';
import type { ExecResult } from '../../../sandbox/sandbox.ts';
import { inTurn } from '../../../support/in-turn.ts';
import type { AskCatalog, Catalog } from '../../catalog.ts';
import type { DamageSession } from '../../damage.ts';
import type { DataFiles } from '../../data-files.ts';
import type { Inventory, ProgramOptions, SealListener, Server } from '../../engine.ts';
import type { TableHasher } from '../../fingerprint.ts';
import type { Answers } from '../../server/ask-each.ts';
import { findInServerDirs } from '../../server/program-path.ts';
import { requireAnswers } from '../../server/require-answers.ts';
import type { CheckSession, NetworkLogin, NetworkLoginOptions, SqlAccess } from '../../sql-access.ts';
import { postgresCatalog } from '../catalog/postgres-catalog.ts';
import { postgresHasher } from '../fingerprint/postgres-hasher.ts';
import { openObjects } from './amcheck.ts';
import { askIndexes, type IndexAnswer, type IndexedTable } from './ask-indexes.ts';
import { askTables, explainUnanswered, type Unanswered } from './ask-tables.ts';
import { type CheckLogin, prepareCheckRole } from './check-role.ts';
import { openPostgresCheckSession } from './check-session.ts';
import { prepareClientCommand } from './client-command.ts';
import { startOptions } from './connect.ts';
import { openPostgresDamageSession } from './damage-session.ts';
import { openNetworkLogin } from './network-login.ts';
import { verifyChecksums } from './page-checksums.ts';
import { PostgresServer, type ServerParts } from './postgres-server.ts';
import { sealServer } from './seal.ts';
import { sessionSettings } from './session-settings.ts';
import { verifyInventory } from './verify-inventory.ts';

/** A booted Postgres server, as the drill uses it. */
export class BootedPostgres extends PostgresServer implements Server, SqlAccess {
  /** Created when the first check needs it. A dump can read the name of the session that loads it, so this name must not be derivable from that one. */
  private readonly checkLogin: CheckLogin;
  /** Creating the role, and granting it access to a database, is serialized. */
  private readonly inTurn = inTurn();

  constructor(parts: ServerParts, checkPassword: string) {
    super(parts);
    this.checkLogin = { role: `firedrill_${randomBytes(4).toString('hex')}_check`, password: checkPassword };
  }

  get sql(): SqlAccess {
    return this;
  }

  async prepareClient(signal: AbortSignal): Promise<readonly string[]> {
    const { sandbox, connection } = this;
    const database = [...this.loaded][0] ?? 'postgres';
    const login = this.checkLogin;
    // The first check session creates the role; there was none if the run failed before its checks.
    await (await openPostgresCheckSession(this, database, login, signal))[Symbol.asyncDispose]();
    return prepareClientCommand({ sandbox, connection, login, database, signal });
  }

  /** Ends once every restored table has answered a query. */
  async seal(signal: AbortSignal, onPart?: SealListener): Promise<void> {
    await sealServer(this, signal, onPart);
    for (const database of this.loaded) {
      const { unanswered } = await this.askTables(database, signal);
      requireAnswers(unanswered.flatMap((table) => explainUnanswered(table) ?? []));
    }
  }

  verifyInventory(signal: AbortSignal): Promise<Inventory | undefined> {
    return verifyInventory(this, signal);
  }

  /** @returns the tables of a database that do not return a row; no function of the data runs with more rights than the check user's. */
  async askTables(database: string, signal: AbortSignal): Promise<Answers<Unanswered>> {
    await this.inTurn(() => prepareCheckRole(this, database, this.checkLogin, signal));
    return askTables(this, database, this.checkLogin, signal);
  }

  /** @returns whether these tables have all rows that one of their indexes points at. */
  async askIndexes(
    database: string,
    tables: readonly IndexedTable[],
    signal: AbortSignal,
  ): Promise<readonly IndexAnswer[]> {
    if (tables.length === 0) return [];
    await this.inTurn(() => prepareCheckRole(this, database, this.checkLogin, signal));
    return askIndexes(this, database, this.checkLogin, tables, signal);
  }

  openCheckSession(database: string, signal: AbortSignal): Promise<CheckSession> {
    return this.inTurn(() => openPostgresCheckSession(this, database, this.checkLogin, signal));
  }

  get hasher(): TableHasher {
    return postgresHasher;
  }

  get dataFiles(): DataFiles {
    const { checkLogin } = this;
    return {
      openObjects: async (database, signal) => {
        await this.inTurn(() => prepareCheckRole(this, database, checkLogin, signal));
        return openObjects(this, database, { role: checkLogin.role, signal });
      },
      verifyChecksums: (signals) => verifyChecksums(this, signals),
    };
  }

  openNetworkLogin(options: NetworkLoginOptions): Promise<NetworkLogin> {
    return openNetworkLogin(this, options);
  }

  openDamageSession(database: string, signal: AbortSignal): Promise<DamageSession> {
    return openPostgresDamageSession(this, database, this.checkLogin, signal);
  }

  openCatalog(ask: AskCatalog): Catalog {
    return postgresCatalog(ask, this.major, this.user);
  }

  async runProgram(argv: readonly string[], { database, ...options }: ProgramOptions): Promise<ExecResult> {
    const { role, password } = this.checkLogin;
    await this.inTurn(() => prepareCheckRole(this, database, this.checkLogin, options.signal));
    const env = {
      ...this.toolEnvironment(),
      PGUSER: role,
      PGPASSWORD: password,
      PGDATABASE: database,
      PGOPTIONS: startOptions({ ...sessionSettings(this.major), default_transaction_read_only: 'on' }),
    };
    return this.sandbox.exec(findInServerDirs(this.sandbox, argv), { ...options, env });
  }
}
