import type pg from 'pg';
import type { LoadOptions } from '../../../engine.ts';
import { type Lane, Lanes } from '../../../sql-dump/lanes.ts';
import { noSuchDatabase } from '../../../sql-dump/load-dump.ts';
import type { LoadErrors } from '../../../sql-dump/load-errors.ts';
import type { Statement } from '../../../sql-dump/statement.ts';
import { createTargetDatabase } from '../../loading/target-database.ts';
import type { PostgresServer } from '../../server/postgres-server.ts';
import { databaseToCheck } from './database-to-check.ts';
import { DumpSession } from './dump-session.ts';
import type { LoadRoles } from './load-roles.ts';
import type { PlainFacts } from './plain-facts.ts';
import type { PostgresRunner } from './postgres-runner.ts';

const DEFAULT_DATABASE = 'restored';

/** Everything that one load of a plain dump works with. */
export interface LoadContext {
  readonly server: PostgresServer;
  readonly facts: PlainFacts;
  readonly options: LoadOptions;
  readonly errors: LoadErrors;
}

/** Tracks which database a plain dump loads into: those that it creates and connects to, or one created for it if it names none. */
export class DumpDatabases {
  session: DumpSession;
  private readonly parts: LoadContext;
  private readonly roles: LoadRoles;
  private readonly runner: PostgresRunner;
  private readonly created = new Set<string>();
  private readonly loadedBytes = new Map<string, number>();

  constructor(parts: LoadContext, roles: LoadRoles, runner: PostgresRunner) {
    this.parts = parts;
    this.roles = roles;
    this.runner = runner;
    this.session = this.newSession('postgres', false);
  }

  /**
   * Creates a database; a refusal is recorded.
   * @param quoted the name as in the statement, in Latin-1.
   */
  async create(quoted: string, statement: string, item: Statement): Promise<void> {
    const bare = quoted.startsWith('"') ? quoted.slice(1, -1).replaceAll('""', '"') : quoted.toLowerCase();
    const name = Buffer.from(bare, 'latin1').toString('utf8');
    const { errors } = this.parts;
    try {
      await this.roles.withAdmin((admin) => createTargetDatabase(admin, name, statement, errors));
      this.created.add(name);
    } catch (error) {
      await this.runner.note(error, item);
    }
  }

  /** Creates the database for a dump that can be loaded into any: with the original's properties, if the dump has them. */
  async useTarget(): Promise<void> {
    const { facts, options, errors } = this.parts;
    const name = options.database ?? DEFAULT_DATABASE;
    const provider = this.parts.server.major >= 15 ? 'LOCALE_PROVIDER = libc ' : '';
    const traits = facts.isAsciiOnly ? `ENCODING = 'SQL_ASCII' ${provider}LC_COLLATE = 'C' LC_CTYPE = 'C'` : undefined;
    await this.roles.withAdmin((admin) => createTargetDatabase(admin, name, traits, errors));
    this.created.add(name);
    await this.switchTo(name);
  }

  /** New sessions apply the settings that the runner still has. */
  async switchTo(database: string): Promise<void> {
    await this.close();
    this.session = this.newSession(database, true);
    this.parts.server.loaded.add(database);
    await this.runner.follow(await this.session.lanes.main());
  }

  /**
   * The database that checks run in: the one named by the drill, otherwise the one with the most data among those that the dump creates.
   * @throws DrillError `restore-failed` if the drill names one that is not in the dump.
   */
  restored(): string {
    const { options, errors, server } = this.parts;
    const wanted = options.database;
    const loaded = [...server.loaded];
    if (wanted !== undefined) {
      if (loaded.includes(wanted) || this.created.has(wanted)) return wanted;
      throw noSuchDatabase(wanted, loaded);
    }
    this.countBytes();
    const { database, warning } = databaseToCheck({
      loaded,
      created: this.created,
      bytesOf: (name) => this.bytesOf(name),
    });
    if (warning !== undefined) errors.warn(warning);
    return database;
  }

  private bytesOf(database: string): number {
    return this.loadedBytes.get(database) ?? 0;
  }

  /** Adds what the session has loaded, before it ends. */
  private countBytes(): void {
    const { database, tableBytes } = this.session;
    const bytes = [...tableBytes.values()].reduce((sum, size) => sum + size, 0);
    tableBytes.clear();
    this.loadedBytes.set(database, this.bytesOf(database) + bytes);
  }

  /** Closes all sessions but the first before a statement that ends other sessions: psql has only one. Call only when nothing is running. */
  async closeOthers(): Promise<void> {
    const { server } = this.parts;
    const others = this.session.lanes.releaseOthers();
    await Promise.all([this.roles.close(), ...others.map((lane) => server.closeSession(lane.client))]);
  }

  async close(): Promise<void> {
    const { server } = this.parts;
    this.countBytes();
    await Promise.all(this.session.lanes.release().map((lane) => server.closeSession(lane.client)));
  }

  private newSession(database: string, isChosen: boolean): DumpSession {
    const { server, options } = this.parts;
    const open = async (): Promise<Lane<pg.Client>> => ({
      client: await server.openSession(database, options.signal).catch(async (error: unknown) => {
        throw isUnknownDatabase(error) ? error : await server.explainRefusal(error, options.signal);
      }),
      settingsApplied: 0,
    });
    return new DumpSession(database, isChosen, new Lanes(Math.max(1, options.jobs), open));
  }
}

/** Whether a dump connects to a database that it did not create; other refusals are caused by what was loaded before. */
export function isUnknownDatabase(error: unknown): boolean {
  return (error as { code?: unknown }).code === '3D000';
}
