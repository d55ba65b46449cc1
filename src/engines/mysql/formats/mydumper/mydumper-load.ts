import { buffer } from 'node:stream/consumers';
import type { DirectoryContent } from '../../../../backup/content.ts';
import type { LoadOptions, LoadOutcome } from '../../../engine.ts';
import type { BackupFacts } from '../../../format.ts';
import type { Lane } from '../../../sql-dump/lanes.ts';
import { loadDump } from '../../../sql-dump/load-dump.ts';
import type { Statement } from '../../../sql-dump/statement.ts';
import { DirectoryLoad } from '../../loading/directory-load.ts';
import { currentModes, goneModesWarning } from '../../loading/gone-modes.ts';
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
  return loadDump(
    options,
    (errors) => new MydumperLoad(parts, { server, options, errors, tool: 'mydumper', sessionHint: SESSION_HINT }),
  );
}

const SESSION_HINT =
  'Check the dump’s `metadata` and its CREATE DATABASE files: the server lacks something that they require.';

class MydumperLoad extends DirectoryLoad<MydumperParts> {
  private readonly rows = new MydumperRows(this.parts.files, this.parts.metadata);
  private readonly fileCount = Math.max(1, Object.values(this.parts.files).flat().length);
  private filesDone = 0;
  private doing = 'creating databases';

  async read(): Promise<void> {
    const { files, metadata } = this.parts;
    this.errors.noteStated(metadata.stated);
    this.server.hasSystemData = Object.values(files)
      .flat()
      .some(({ database }) => database.toLowerCase() === 'mysql');
    await this.makeDatabases();
    await this.runAll([...files.sequences, ...files.tables], 'creating tables', (file) => this.runSql(file));
    await this.runAll(files.data, undefined, (file) => this.runSql(file));
    await this.rows.check((await this.lanes.main()).client, this.errors);
    await this.runAll(files.post, 'creating routines', (file) => this.runDefinitions(file), 'as-listed');
    await this.runAll(files.views, 'creating views', (file) => this.runDefinitions(file), 'as-listed');
    await this.runAll(files.triggers, 'creating triggers', (file) => this.runDefinitions(file), 'as-listed');
  }

  private async makeDatabases(): Promise<void> {
    const { files } = this.parts;
    await this.runAll(files.databases, 'creating databases', (file) => this.runSql(file, false), 'as-listed');
    const names = new Set([...files.databases, ...files.tables].map(({ database }) => database));
    const lane = await this.lanes.main();
    for (const name of names) {
      await lane.client.execute(`CREATE DATABASE IF NOT EXISTS ${quoteName(name)}`);
      this.databases.note(name);
    }
  }

  /** @param doing undefined: the progress shows the file's table. */
  private async runAll(
    files: readonly MydumperFile[],
    doing: string | undefined,
    run: (file: MydumperFile) => (lane: Lane<Session>) => Promise<void>,
    order: 'any' | 'as-listed' = 'any',
  ): Promise<void> {
    const members = files.map((file) => {
      const runFile = run(file);
      return {
        name: file.name,
        table: `${file.database}.${file.table}`,
        run: async (lane: Lane<Session>) => {
          this.tell(doing ?? `loading ${file.database}.${file.table}`);
          await runFile(lane);
          this.filesDone += 1;
        },
      };
    });
    await this.runMembers(members, order);
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
}

/** mydumper saves the character set before each definition and restores it afterwards. */
function hasUnrestored(text: string): boolean {
  const saved = text.match(/^SET @PREV_COLLATION_CONNECTION\s*=\s*@@/gm) ?? [];
  const restored = text.match(/^SET collation_connection\s*=\s*@PREV_COLLATION_CONNECTION;/gm) ?? [];
  return restored.length < saved.length;
}
