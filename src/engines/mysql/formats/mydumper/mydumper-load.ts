import { buffer } from 'node:stream/consumers';
import type { DirectoryContent } from '../../../../backup/content.ts';
import type { LoadOptions, LoadOutcome } from '../../../engine.ts';
import type { BackupFacts } from '../../../format.ts';
import type { Lane, Lanes } from '../../../sql-dump/lanes.ts';
import { type DumpLoad, loadDump } from '../../../sql-dump/load-dump.ts';
import type { LoadErrors } from '../../../sql-dump/load-errors.ts';
import type { Statement } from '../../../sql-dump/statement.ts';
import { currentModes, goneModesWarning } from '../../loading/gone-modes.ts';
import { LoadDatabases } from '../../loading/load-databases.ts';
import { LoadDefiners } from '../../loading/load-definers.ts';
import { assertEventSchedulerOff } from '../../loading/load-guards.ts';
import { loadLanes } from '../../loading/load-lanes.ts';
import { MysqlRunner } from '../../loading/mysql-runner.ts';
import { SqlFiles } from '../../loading/sql-file.ts';
import type { Session } from '../../server/connect.ts';
import type { MysqlServer } from '../../server/mysql-server.ts';
import { quoteName, quoteText } from '../../server/quoting.ts';
import type { StatementKind } from '../../sql/statement-kind.ts';
import type { MydumperFile, MydumperFiles } from './mydumper-files.ts';
import type { MydumperMetadata } from './mydumper-metadata.ts';
import { MydumperRows } from './mydumper-rows.ts';

interface MydumperParts {
  readonly content: DirectoryContent;
  readonly files: MydumperFiles;
  readonly metadata: MydumperMetadata;
  readonly facts: BackupFacts;
}

/**
 * Loads a mydumper directory as myloader does: databases, tables, then rows, several files at a time, then routines, views and triggers.
 * Rows come before the triggers, which would otherwise fire on them.
 */
export async function loadMydumper(
  parts: MydumperParts,
  server: MysqlServer,
  options: LoadOptions,
): Promise<LoadOutcome> {
  return loadDump(options, (errors) => new MydumperLoad(parts, server, options, errors));
}

const SESSION_HINT =
  'Look at the directory’s `metadata` and its files of databases: the server lacks what they ask for.';

class MydumperLoad implements DumpLoad {
  private readonly parts: MydumperParts;
  private readonly server: MysqlServer;
  private readonly options: LoadOptions;
  private readonly errors: LoadErrors;
  private readonly runner: MysqlRunner;
  private readonly definers: LoadDefiners;
  private readonly databases: LoadDatabases;
  private readonly lanes: Lanes<Session>;
  private readonly rows: MydumperRows;
  private readonly sql: SqlFiles;
  private filesDone = 0;
  private readonly fileCount: number;

  constructor(parts: MydumperParts, server: MysqlServer, options: LoadOptions, errors: LoadErrors) {
    this.parts = parts;
    this.server = server;
    this.options = options;
    this.errors = errors;
    this.runner = new MysqlRunner({ server, signal: options.signal, errors });
    this.definers = new LoadDefiners(server, options.signal);
    this.databases = new LoadDatabases(server, options, parts.facts.database);
    this.rows = new MydumperRows(parts.files, parts.metadata);
    this.sql = new SqlFiles({
      content: parts.content,
      server,
      runner: this.runner,
      definers: this.definers,
      errors,
      signal: options.signal,
      tool: 'mydumper',
    });
    this.fileCount = Math.max(1, Object.values(parts.files).flat().length);
    this.lanes = loadLanes(server, options.jobs, options.signal);
  }

  async begin(): Promise<void> {
    await this.definers.begin();
    await this.lanes.openAll();
  }

  async read(): Promise<void> {
    const { files } = this.parts;
    this.server.hasSystemData = Object.values(files)
      .flat()
      .some(({ database }) => database.toLowerCase() === 'mysql');
    await this.makeDatabases();
    await this.runAll([...files.sequences, ...files.tables], 'creating tables', (file) => this.runSql(file));
    await this.runAll(files.data, undefined, (file) => this.runSql(file));
    await this.rows.check((await this.lanes.main()).client, this.errors);
    await this.runAll(files.post, 'creating routines', (file) => this.runDefinitions(file), 1);
    await this.runAll(files.views, 'creating views', (file) => this.runDefinitions(file), 1);
    await this.runAll(files.triggers, 'creating triggers', (file) => this.runDefinitions(file), 1);
  }

  async finish(): Promise<string> {
    await this.definers.finish(this.errors);
    await assertEventSchedulerOff(this.server, this.options.signal);
    return this.databases.restored();
  }

  async close(): Promise<void> {
    await Promise.all(this.lanes.release().map((lane) => lane.client.close()));
  }

  private async makeDatabases(): Promise<void> {
    const { files } = this.parts;
    await this.runAll(files.databases, 'creating databases', (file) => this.runSql(file, false), 1);
    const names = new Set([...files.databases, ...files.tables].map(({ database }) => database));
    const lane = await this.lanes.main();
    for (const name of names) {
      await lane.client.execute(`CREATE DATABASE IF NOT EXISTS ${quoteName(name)}`);
      this.databases.note(name);
    }
  }

  /** @param doing undefined: the progress shows the file's table. @param limit how many run at once. */
  private async runAll(
    files: readonly MydumperFile[],
    doing: string | undefined,
    run: (file: MydumperFile) => (lane: Lane<Session>) => Promise<void>,
    limit = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    for (const file of files) {
      const runFile = run(file);
      const wait = this.lanes.submit({
        tables: [limit === 1 ? '' : `${file.database}.${file.table}`],
        shared: limit !== 1,
        cost: this.parts.content.members.get(file.name)?.sizeBytes ?? 0,
        sizeBytes: file.name.length,
        run: async (lane) => {
          this.tell(doing ?? `loading ${file.database}.${file.table}`);
          await this.sql.guard(SESSION_HINT, () => runFile(lane));
          this.filesDone += 1;
        },
      });
      if (wait) await wait;
      if (this.runner.fatal) break;
    }
    await this.lanes.drain();
    if (this.runner.fatal) throw this.runner.fatal;
  }

  /** Runs a file of rows, or of one table, statement by statement. */
  private runSql(file: MydumperFile, usesDatabase = true): (lane: Lane<Session>) => Promise<void> {
    return async (lane) => {
      await this.prepare(lane, usesDatabase ? file.database : undefined);
      await this.sql.run(lane, file.name, { takes: this.noteRows(file), onChunk: () => this.tell() });
    };
  }

  private noteRows(file: MydumperFile): (kind: StatementKind, statement: Statement) => boolean {
    return (kind, statement) => {
      if (kind.kind === 'insert') this.rows.note(file, statement.bytes);
      return true;
    };
  }

  /**
   * Runs routines, triggers and views: a statement ends with the first line that ends with a semicolon, since mydumper puts a space
   * after every other semicolon that ends a line. Source: its manual; the files themselves.
   */
  private runDefinitions(file: MydumperFile): (lane: Lane<Session>) => Promise<void> {
    return async (lane) => {
      await this.prepare(lane, file.database);
      const stream = await this.parts.content.streamUnwrapped(file.name, this.options.signal);
      const text = (await buffer(stream)).toString('latin1');
      if (text.trim() === '') throw this.sql.truncated(file.name, 'before its first statement');
      if (hasUnrestored(text))
        throw this.sql.truncated(file.name, 'without putting back the settings that it saved as @PREV_…');
      let line = 1;
      for (const part of text.split(/(?<=;)\n/)) {
        const begins = line + (/^\s*/.exec(part)?.[0].split('\n').length ?? 1) - 1;
        const sql = part.trim();
        line += part.split('\n').length;
        if (sql === '') continue;
        if (!sql.endsWith(';')) throw this.sql.truncated(file.name, `in the middle of the statement of line ${begins}`);
        const statement = { bytes: Buffer.from(sql.slice(0, -1), 'latin1'), line: begins, file: file.name };
        await this.sql.runStatement(statement, lane, this.noteRows(file));
      }
    };
  }

  /** Sets what myloader sets on every session; the files themselves set the rest. */
  private async prepare(lane: Lane<Session>, database: string | undefined): Promise<void> {
    const written = this.parts.metadata.sqlMode ?? 'NO_AUTO_VALUE_ON_ZERO';
    const { modes: mode, gone } = currentModes(written, this.server);
    if (gone.length > 0) this.errors.warn(goneModesWarning(gone, this.server));
    await lane.client.execute(
      `SET NAMES binary, SESSION sql_mode = ${quoteText(mode)}, FOREIGN_KEY_CHECKS = 0, UNIQUE_CHECKS = 0, TIME_ZONE = '+00:00'`,
    );
    if (database !== undefined) await lane.client.execute(`USE ${quoteName(database)}`);
  }

  private tell(doing?: string): void {
    this.doing = doing ?? this.doing;
    const ratio = Math.min(1, this.filesDone / this.fileCount);
    this.options.onProgress({ bytesRead: this.parts.content.meter.bytesRead, doing: this.doing, ratio });
  }

  private doing = 'creating databases';
}

/** mydumper saves the character set before each definition and restores it after. */
function hasUnrestored(text: string): boolean {
  const saved = text.match(/^SET @PREV_COLLATION_CONNECTION\s*=\s*@@/gm) ?? [];
  const restored = text.match(/^SET collation_connection\s*=\s*@PREV_COLLATION_CONNECTION;/gm) ?? [];
  return restored.length < saved.length;
}
