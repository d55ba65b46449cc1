import type { LoadOptions, LoadOutcome } from '../../../engine.ts';
import type { Lane, Lanes } from '../../../sql-dump/lanes.ts';
import { type DumpLoad, loadDump } from '../../../sql-dump/load-dump.ts';
import type { LoadErrors } from '../../../sql-dump/load-errors.ts';
import { LoadDatabases } from '../../loading/load-databases.ts';
import { LoadDefiners } from '../../loading/load-definers.ts';
import { assertEventSchedulerOff } from '../../loading/load-guards.ts';
import { loadLanes } from '../../loading/load-lanes.ts';
import { MysqlRunner } from '../../loading/mysql-runner.ts';
import { SqlFiles } from '../../loading/sql-file.ts';
import type { Session } from '../../server/connect.ts';
import type { MysqlServer } from '../../server/mysql-server.ts';
import { quoteName } from '../../server/quoting.ts';
import { requireObjects } from './require-objects.ts';
import { basenameOf } from './shell-files.ts';
import type { ShellSchema } from './shell-metadata.ts';
import type { ShellParts } from './shell-parts.ts';
import { loadShellRows, SESSION_HINT } from './shell-rows.ts';

/**
 * Loads a dump of MySQL Shell as `util.loadDump` does: accounts, databases with their routines and events, tables, places of views, then rows, several files
 * at a time, then views, triggers and rights. Rows come before the triggers, which would otherwise fire on them.
 */
export async function loadShellDump(
  parts: ShellParts,
  server: MysqlServer,
  options: LoadOptions,
): Promise<LoadOutcome> {
  return loadDump(options, (errors) => new ShellLoad(parts, server, options, errors));
}

class ShellLoad implements DumpLoad {
  private readonly parts: ShellParts;
  private readonly server: MysqlServer;
  private readonly options: LoadOptions;
  private readonly errors: LoadErrors;
  private readonly runner: MysqlRunner;
  private readonly definers: LoadDefiners;
  private readonly databases: LoadDatabases;
  private readonly lanes: Lanes<Session>;
  private readonly sql: SqlFiles;

  constructor(parts: ShellParts, server: MysqlServer, options: LoadOptions, errors: LoadErrors) {
    const { signal } = options;
    this.parts = parts;
    this.server = server;
    this.options = options;
    this.errors = errors;
    this.runner = new MysqlRunner({ server, signal, errors });
    this.definers = new LoadDefiners(server, signal);
    this.databases = new LoadDatabases(server, options, parts.facts.database);
    this.lanes = loadLanes(server, options.jobs, signal);
    const { runner, definers } = this;
    this.sql = new SqlFiles({ content: parts.content, server, runner, definers, errors, signal, tool: 'MySQL Shell' });
  }

  async begin(): Promise<void> {
    await this.definers.begin();
    await this.lanes.openAll();
  }

  async read(): Promise<void> {
    const { parts, server } = this;
    const { dump, schemas, content } = parts;
    for (const warning of warningsOf(parts)) this.errors.warn(warning);
    server.hasSystemData = dump.users !== undefined || schemas.some(({ schema }) => schema.toLowerCase() === 'mysql');
    await this.runOne('@.sql');
    if (dump.users) {
      await this.runOne('@.users.sql', (text) => CREATES_ACCOUNT.test(text));
      await this.definers.begin();
    }
    await this.makeDatabases();
    await this.runEach('creating tables', (schema) => schema.tables.map((table) => `${basenameOf(schema, table)}.sql`));
    await this.runEach(
      'creating views',
      (schema) => schema.views.map((view) => `${basenameOf(schema, view)}.pre.sql`),
      1,
    );
    await loadShellRows(parts, server, this.options, { errors: this.errors, runner: this.runner, sql: this.sql });
    await this.runEach('creating views', (schema) => schema.views.map((view) => `${basenameOf(schema, view)}.sql`), 1);
    const triggers = (schema: ShellSchema): string[] =>
      schema.tables.map((table) => `${basenameOf(schema, table)}.triggers.sql`);
    await this.runEach('creating triggers', triggers, 1);
    if (dump.users) await this.runOne('@.users.sql', (text) => !CREATES_ACCOUNT.test(text));
    await this.runOne('@.post.sql');
    await requireObjects(parts, server.flavor, (await this.lanes.main()).client, this.errors, this.options.signal);
    this.tell(`loaded ${content.backup.key}`);
  }

  async finish(): Promise<string> {
    await this.definers.finish(this.errors);
    await assertEventSchedulerOff(this.server, this.options.signal);
    return this.databases.restored();
  }

  async close(): Promise<void> {
    await Promise.all(this.lanes.release().map((lane) => lane.client.close()));
  }

  /** Databases are made here too: dumps of single tables by older versions do not make them. */
  private async makeDatabases(): Promise<void> {
    for (const { schema, basename } of this.parts.schemas) {
      await this.runOne(`${basename}.sql`);
      const { client } = await this.lanes.main();
      await client.execute(`CREATE DATABASE IF NOT EXISTS ${quoteName(schema)}`);
      this.databases.note(schema);
    }
  }

  /** Runs a file of the whole dump or of a database, if there is one. @param takes says of the text of a statement whether to run it. */
  private async runOne(name: string, takes: (text: string) => boolean = () => true): Promise<void> {
    if (!this.parts.content.members.has(name)) return;
    this.tell('creating databases');
    const lane = await this.lanes.main();
    await this.sql.guard(SESSION_HINT, async () => {
      await this.prepare(lane, undefined);
      await this.sql.run(lane, name, { takes: (_kind, { bytes }) => takes(bytes.toString('latin1', 0, 100)) });
    });
    if (this.runner.fatal) throw this.runner.fatal;
  }

  /** @param namesIn the files of a schema; those that are not there are left out. @param limit how many run at once. */
  private async runEach(
    doing: string,
    namesIn: (schema: ShellSchema) => readonly string[],
    limit = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    this.tell(doing);
    for (const schema of this.parts.schemas) {
      for (const name of namesIn(schema)) {
        const member = this.parts.content.members.get(name);
        if (member === undefined) continue;
        const wait = this.lanes.submit({
          tables: [limit === 1 ? '' : name],
          shared: limit !== 1,
          cost: member.sizeBytes,
          sizeBytes: name.length,
          run: (lane) =>
            this.sql.guard(SESSION_HINT, async () => {
              await this.prepare(lane, schema.schema);
              await this.sql.run(lane, name, { onChunk: () => this.tell(doing) });
            }),
        });
        if (wait) await wait;
        if (this.runner.fatal) break;
      }
    }
    await this.lanes.drain();
    if (this.runner.fatal) throw this.runner.fatal;
  }

  /** Sets what `util.loadDump` sets on every session; the files themselves set the rest. */
  private async prepare(lane: Lane<Session>, database: string | undefined): Promise<void> {
    await lane.client.execute(
      "SET NAMES utf8mb4, SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO', FOREIGN_KEY_CHECKS = 0, UNIQUE_CHECKS = 0, TIME_ZONE = '+00:00'",
    );
    if (database !== undefined) await lane.client.execute(`USE ${quoteName(database)}`);
  }

  private tell(doing: string): void {
    const { meter, backup } = this.parts.content;
    const ratio = Math.min(1, meter.bytesRead / Math.max(1, backup.sizeBytes));
    this.options.onProgress({ bytesRead: meter.bytesRead, doing, ratio });
  }
}

/** Accounts and roles exist before anything that names them; rights on tables are granted once these exist. */
const CREATES_ACCOUNT = /^\s*CREATE\s+(?:USER|ROLE)\b/i;
const STRANGERS_SHOWN = 3;

function warningsOf({ dump, schemas, files }: ShellParts): string[] {
  const warnings: string[] = [];
  if (!dump.tzUtc)
    warnings.push(
      'the dump was taken with `tzUtc: false`: its TIMESTAMP values are in a time zone that it does not name, and are loaded as UTC',
    );
  if (!dump.consistent)
    warnings.push('the dump was taken with `consistent: false`: its tables may be of different moments');
  if (schemas.some(({ includesData }) => !includesData))
    warnings.push('the dump holds definitions and no rows (ddlOnly)');
  const { strangers } = files;
  if (strangers.length > 0) {
    const more = strangers.length > STRANGERS_SHOWN ? ` and ${strangers.length - STRANGERS_SHOWN} more` : '';
    warnings.push(
      `${strangers.slice(0, STRANGERS_SHOWN).join(', ')}${more}: not part of this dump by its metadata, and left out`,
    );
  }
  return warnings;
}
