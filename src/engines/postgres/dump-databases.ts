import type pg from 'pg';
import { DrillError } from '../../support/errors.ts';
import { type Lane, Lanes } from '../lanes.ts';
import { DumpSession } from './dump-session.ts';
import type { LoadRoles } from './load-roles.ts';
import type { LoaderParts } from './plain-loader.ts';
import type { StatementRunner } from './statement-runner.ts';
import { createTargetDatabase } from './target-database.ts';

const DEFAULT_DATABASE = 'restored';
const SYSTEM_DATABASES = new Set(['postgres', 'template0', 'template1']);

/** Which database a plain dump is in: the ones that it makes and connects to, or one made for it when it names none. */
export class DumpDatabases {
  session: DumpSession;
  private readonly parts: LoaderParts;
  private readonly roles: LoadRoles;
  private readonly runner: StatementRunner;

  constructor(parts: LoaderParts, roles: LoadRoles, runner: StatementRunner) {
    this.parts = parts;
    this.roles = roles;
    this.runner = runner;
    this.session = this.newSession('postgres', false);
  }

  /** @param quoted the name as the statement has it, in Latin-1. */
  async create(quoted: string, statement: string): Promise<void> {
    const bare = quoted.startsWith('"') ? quoted.slice(1, -1).replaceAll('""', '"') : quoted.toLowerCase();
    const name = Buffer.from(bare, 'latin1').toString('utf8');
    await this.roles.withAdmin((admin) => createTargetDatabase(admin, name, statement, this.parts.errors));
  }

  /** Makes the database for a dump that goes wherever it is put. */
  async useTarget(): Promise<void> {
    const name = this.parts.options.database ?? DEFAULT_DATABASE;
    await this.roles.withAdmin((admin) => createTargetDatabase(admin, name, undefined, this.parts.errors));
    await this.switchTo(name);
  }

  /** New sessions follow the settings that the runner still knows. */
  async switchTo(database: string): Promise<void> {
    await this.close();
    this.session = this.newSession(database, true);
    this.parts.server.loaded.add(database);
    await this.runner.follow(await this.session.lanes.main());
  }

  /** @returns the database that checks go to. Throws when the drill names one that the dump does not hold. */
  restored(): string {
    const loaded = [...this.parts.server.loaded];
    const wanted = this.parts.options.database;
    if (wanted !== undefined && !loaded.includes(wanted)) {
      const held = loaded.join(', ') || 'none';
      throw new DrillError('restore-failed', `the dump holds no database ${wanted}; it holds ${held}`, {
        hint: 'Set `engine.database` to the name that the dump gives, or leave it out.',
      });
    }
    return wanted ?? loaded.find((name) => !SYSTEM_DATABASES.has(name)) ?? 'postgres';
  }

  async close(): Promise<void> {
    const { server } = this.parts;
    await Promise.all(this.session.lanes.release().map((lane) => server.closeSession(lane.client)));
  }

  private newSession(database: string, isChosen: boolean): DumpSession {
    const { server, options } = this.parts;
    const open = async (): Promise<Lane<pg.Client>> => ({
      client: await server.openSession(database, options.signal),
      settingsApplied: 0,
    });
    return new DumpSession(database, isChosen, new Lanes(Math.max(1, options.jobs), open));
  }
}
