import type { LoadOptions, LoadOutcome } from '../../../engine.ts';
import type { Lane } from '../../../sql-dump/lanes.ts';
import { loadDump } from '../../../sql-dump/load-dump.ts';
import { DirectoryLoad } from '../../loading/directory-load.ts';
import type { Session } from '../../server/connect.ts';
import type { MysqlServer } from '../../server/mysql-server.ts';
import { quoteName } from '../../server/quoting.ts';
import { requireObjects } from './require-objects.ts';
import { basenameOf } from './shell-files.ts';
import type { ShellSchema } from './shell-metadata.ts';
import type { ShellParts } from './shell-parts.ts';
import { loadShellRows, SESSION_HINT } from './shell-rows.ts';

/**
 * Loads a dump of MySQL Shell as `util.loadDump` does: accounts, databases with their routines and events, tables, placeholders of views, then rows, several
 * files at a time, then views, triggers and rights. Rows come before the triggers, which would otherwise fire on them.
 */
export async function loadShellDump(
  parts: ShellParts,
  server: MysqlServer,
  options: LoadOptions,
): Promise<LoadOutcome> {
  return loadDump(
    options,
    (errors) => new ShellLoad(parts, { server, options, errors, tool: 'MySQL Shell', sessionHint: SESSION_HINT }),
  );
}

class ShellLoad extends DirectoryLoad<ShellParts> {
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
    const tables = (schema: ShellSchema): string[] => schema.tables.map((table) => `${basenameOf(schema, table)}.sql`);
    await this.runEach('creating tables', tables, 'any');
    await this.runEach('creating views', (schema) => schema.views.map((view) => `${basenameOf(schema, view)}.pre.sql`));
    await loadShellRows(parts, server, this.options, { errors: this.errors, runner: this.runner, sql: this.sql });
    await this.runEach('creating views', (schema) => schema.views.map((view) => `${basenameOf(schema, view)}.sql`));
    const triggers = (schema: ShellSchema): string[] =>
      schema.tables.map((table) => `${basenameOf(schema, table)}.triggers.sql`);
    await this.runEach('creating triggers', triggers);
    if (dump.users) await this.runOne('@.users.sql', (text) => !CREATES_ACCOUNT.test(text));
    await this.runOne('@.post.sql');
    await requireObjects(parts, server.flavor, (await this.lanes.main()).client, this.errors, this.options.signal);
    this.tell(`loaded ${content.backup.key}`);
  }

  /** Also creates databases, because older versions' dumps of single tables do not. */
  private async makeDatabases(): Promise<void> {
    for (const { schema, basename } of this.parts.schemas) {
      await this.runOne(`${basename}.sql`);
      const { client } = await this.lanes.main();
      await client.execute(`CREATE DATABASE IF NOT EXISTS ${quoteName(schema)}`);
      this.databases.note(schema);
    }
  }

  /** Runs a file of the whole dump or of a database, if it exists. @param takes whether to run a statement, given its text. */
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

  /** @param namesIn the files of a schema; missing ones are skipped. */
  private async runEach(
    doing: string,
    namesIn: (schema: ShellSchema) => readonly string[],
    order: 'any' | 'as-listed' = 'as-listed',
  ): Promise<void> {
    this.tell(doing);
    const members = this.parts.schemas.flatMap((schema) =>
      namesIn(schema)
        .filter((name) => this.parts.content.members.has(name))
        .map((name) => ({
          name,
          table: name,
          run: async (lane: Lane<Session>) => {
            await this.prepare(lane, schema.schema);
            await this.sql.run(lane, name, { onChunk: () => this.tell(doing) });
          },
        })),
    );
    await this.runMembers(members, order);
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

/** Accounts and roles must exist before anything that names them; rights on tables are granted once the tables exist. */
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
      `${strangers.slice(0, STRANGERS_SHOWN).join(', ')}${more}: not listed in the dump’s metadata, and left out`,
    );
  }
  return warnings;
}
