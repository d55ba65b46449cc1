import type { DirectoryContent } from '../../../backup/content.ts';
import type { LoadOptions } from '../../engine.ts';
import type { BackupFacts } from '../../format.ts';
import type { Lane, Lanes } from '../../sql-dump/lanes.ts';
import type { DumpLoad } from '../../sql-dump/load-dump.ts';
import type { LoadErrors } from '../../sql-dump/load-errors.ts';
import type { Session } from '../server/connect.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { LoadDatabases } from './load-databases.ts';
import { LoadDefiners } from './load-definers.ts';
import { assertEventSchedulerOff } from './load-guards.ts';
import { loadLanes } from './load-lanes.ts';
import { MysqlRunner } from './mysql-runner.ts';
import { SqlFiles } from './sql-file.ts';

interface DirectoryParts {
  readonly content: DirectoryContent;
  readonly facts: BackupFacts;
}

interface LoadedInto {
  readonly server: MysqlServer;
  readonly options: LoadOptions;
  readonly errors: LoadErrors;
  /** The tool that wrote the directory, for use in messages. */
  readonly tool: string;
  /** Hint for when the server lacks something that the directory's files require. */
  readonly sessionHint: string;
}

/** A member of the directory to run. */
export interface MemberRun {
  readonly name: string;
  /** Members of the same table are run one after another. */
  readonly table: string;
  run(lane: Lane<Session>): Promise<void>;
}

/** Common part of loading a dump directory with definitions and rows in separate files; `read` decides which files are run, and when. */
export abstract class DirectoryLoad<Parts extends DirectoryParts> implements DumpLoad {
  protected readonly parts: Parts;
  protected readonly server: MysqlServer;
  protected readonly options: LoadOptions;
  protected readonly errors: LoadErrors;
  protected readonly runner: MysqlRunner;
  protected readonly definers: LoadDefiners;
  protected readonly databases: LoadDatabases;
  protected readonly lanes: Lanes<Session>;
  protected readonly sql: SqlFiles;
  private readonly sessionHint: string;

  constructor(parts: Parts, { server, options, errors, tool, sessionHint }: LoadedInto) {
    const { signal } = options;
    this.parts = parts;
    this.server = server;
    this.options = options;
    this.errors = errors;
    this.sessionHint = sessionHint;
    this.runner = new MysqlRunner({ server, signal, errors });
    this.definers = new LoadDefiners(server, signal);
    this.databases = new LoadDatabases(server, options, parts.facts.database);
    this.lanes = loadLanes(server, options.jobs, signal);
    const { runner, definers } = this;
    this.sql = new SqlFiles({ content: parts.content, server, runner, definers, errors, signal, tool });
  }

  async begin(): Promise<void> {
    await this.definers.begin();
    await this.lanes.openAll();
  }

  abstract read(): Promise<void>;

  async finish(): Promise<string> {
    await this.definers.finish(this.errors);
    await assertEventSchedulerOff(this.server, this.options.signal);
    return this.databases.restored();
  }

  async close(): Promise<void> {
    await Promise.all(this.lanes.release().map((lane) => lane.client.close()));
  }

  /** Runs members and waits for all of them. @param order `any`: several at a time, if they are of different tables. */
  protected async runMembers(members: readonly MemberRun[], order: 'any' | 'as-listed'): Promise<void> {
    for (const { name, table, run } of members) {
      const wait = this.lanes.submit({
        tables: [order === 'any' ? table : ''],
        shared: order === 'any',
        cost: this.parts.content.members.get(name)?.sizeBytes ?? 0,
        sizeBytes: name.length,
        run: (lane) => this.sql.guard(this.sessionHint, () => run(lane)),
      });
      if (wait) await wait;
      if (this.runner.fatal) break;
    }
    await this.lanes.drain();
    if (this.runner.fatal) throw this.runner.fatal;
  }
}
