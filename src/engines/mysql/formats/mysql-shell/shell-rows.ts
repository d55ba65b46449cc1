import { DrillError } from '../../../../support/errors.ts';
import { formatCount } from '../../../../support/quantities.ts';
import type { LoadOptions } from '../../../engine.ts';
import type { Lane } from '../../../sql-dump/lanes.ts';
import type { LoadErrors } from '../../../sql-dump/load-errors.ts';
import { MAX_TRIES } from '../../../sql-dump/statement-runner.ts';
import { loadLanes } from '../../loading/load-lanes.ts';
import type { MysqlRunner } from '../../loading/mysql-runner.ts';
import type { SqlFiles } from '../../loading/sql-file.ts';
import { isWorthAnotherTry } from '../../loading/statement-errors.ts';
import type { LoadedRows } from '../../server/byte-query.ts';
import type { Session } from '../../server/connect.ts';
import type { MysqlServer } from '../../server/mysql-server.ts';
import { quoteText } from '../../server/quoting.ts';
import { numberOf, withMeaning, withoutValues } from '../../server/server-errors.ts';
import { loadDataStatement } from './load-data.ts';
import { findRowWarnings } from './row-warnings.ts';
import type { ShellChunk, ShellTableFiles } from './shell-files.ts';
import { readTable } from './shell-metadata.ts';
import type { ShellParts } from './shell-parts.ts';

/** Hint for when a session cannot be prepared, or a table does not accept rows. */
export const SESSION_HINT =
  'Read the errors of the restore before it: the server lacks what the dump’s definitions ask for.';

interface RowParts {
  readonly errors: LoadErrors;
  readonly runner: MysqlRunner;
  readonly sql: SqlFiles;
}

/**
 * Loads all rows with LOAD DATA LOCAL, the largest files first, several at a time, even of the same table. The server accepts such rows only during this load:
 * the setting is turned off again before anything else of the dump runs.
 */
export async function loadShellRows(
  parts: ShellParts,
  server: MysqlServer,
  options: LoadOptions,
  given: RowParts,
): Promise<void> {
  const { signal } = options;
  const setLocalInfile = (value: 'ON' | 'OFF'): Promise<unknown> =>
    server.administer(signal, (session) => session.execute(`SET GLOBAL local_infile = ${value}`));
  await setLocalInfile('ON');
  const lanes = loadLanes(server, options.jobs, signal, { loadsRows: true });
  try {
    for (const table of parts.files.tables) {
      const loading = new TableRows(table, parts, server, options, given);
      for (const chunk of table.chunks) {
        if (chunk.dataBytes === 0) continue;
        const wait = lanes.submit({
          tables: [table.basename],
          shared: true,
          cost: chunk.sizeBytes,
          sizeBytes: chunk.name.length,
          run: (lane) => given.sql.guard(SESSION_HINT, () => loading.load(chunk, lane)),
        });
        if (wait) await wait;
        if (given.runner.fatal) break;
      }
    }
    await lanes.drain();
    if (given.runner.fatal) throw given.runner.fatal;
  } finally {
    await Promise.all(lanes.release().map((lane) => lane.client.close()));
  }
  await setLocalInfile('OFF');
}

/** Loads the files of one table. */
class TableRows {
  private readonly table: ShellTableFiles;
  private readonly parts: ShellParts;
  private readonly server: MysqlServer;
  private readonly options: LoadOptions;
  private readonly given: RowParts;
  private statement: Promise<string> | undefined;
  private rows = 0;
  private left: number;

  constructor(table: ShellTableFiles, parts: ShellParts, server: MysqlServer, options: LoadOptions, given: RowParts) {
    this.table = table;
    this.parts = parts;
    this.server = server;
    this.options = options;
    this.given = given;
    this.left = table.chunks.filter(({ dataBytes }) => dataBytes !== 0).length;
  }

  async load(chunk: ShellChunk, lane: Lane<Session>): Promise<void> {
    const { client } = lane;
    this.statement ??= this.makeStatement();
    const sql = await this.statement;
    await client.execute(
      "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO', FOREIGN_KEY_CHECKS = 0, UNIQUE_CHECKS = 0, TIME_ZONE = '+00:00'",
    );
    // gap locks are useless here, and files of the same table would wait for each other
    await client.execute('SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED');
    const loaded = await this.send(chunk, sql, client);
    if (loaded) await this.note(chunk, loaded, client);
  }

  private async makeStatement(): Promise<string> {
    const { content, dump, definitions } = this.parts;
    const { signal } = this.options;
    const { basename } = this.table;
    const definition = definitions.get(basename) ?? (await readTable(content, basename, signal));
    const [row] = await this.server.administer(signal, (session) =>
      session.ask(
        `SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ${quoteText(this.table.schema)} AND TABLE_NAME = ${quoteText(this.table.table)} AND EXTRA LIKE '%auto_increment%'`,
      ),
    );
    return loadDataStatement(this.table, definition, dump.defaultCharacterSet, row?.[0] ?? undefined);
  }

  /** @returns undefined when the server refused the file, which is recorded. */
  private async send(chunk: ShellChunk, sql: string, client: Session): Promise<LoadedRows | undefined> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await client.loadRows(sql, this.read(chunk));
      } catch (error) {
        if (isWorthAnotherTry(error) && tries < MAX_TRIES) continue;
        if (error instanceof DrillError || numberOf(error) === 0) throw error;
        if (await this.isFatal(error)) throw error;
        this.given.errors.add(`${chunk.name}: ERROR ${numberOf(error)}: ${wordsOf(error)} (LOAD DATA)`);
        return undefined;
      }
    }
  }

  private async isFatal(error: unknown): Promise<boolean> {
    return (await this.server.explainLoss(error, this.options.signal)) !== error;
  }

  /** The rows of a file, checked against the size that the dump records. */
  private async *read({ name, dataBytes }: ShellChunk): AsyncGenerator<Buffer> {
    const { content } = this.parts;
    let size = 0;
    for await (const piece of (await content.streamUnwrapped(name, this.options.signal)) as AsyncIterable<Buffer>) {
      size += piece.length;
      this.tell();
      yield piece;
    }
    if (dataBytes !== undefined && size !== dataBytes) throw otherSize(content.backup.key, name, size, dataBytes);
  }

  private async note(chunk: ShellChunk, loaded: LoadedRows, client: Session): Promise<void> {
    const { errors } = this.given;
    const { schema, table } = this.table;
    if (loaded.warnings > 0)
      for (const finding of await findRowWarnings(client, chunk.name, { schema, table })) errors.report(finding);
    if (loaded.duplicates > 0) {
      const text = `${chunk.name}: ${formatCount(loaded.duplicates)} of ${formatCount(loaded.records)} rows were left out, since their keys already exist`;
      errors.report({ kind: 'missing-part', text });
    }
    this.rows += loaded.records;
    this.left -= 1;
    const stated = this.parts.rowCounts.get(JSON.stringify([schema, table]));
    if (this.left > 0 || stated === undefined || stated === this.rows) return;
    const text = `${schema}.${table} has ${formatCount(this.rows)} rows, and @.checksums.json says that ${formatCount(stated)} were dumped`;
    errors.report({ kind: 'missing-part', text });
  }

  private tell(): void {
    const { meter, backup } = this.parts.content;
    const ratio = Math.min(1, meter.bytesRead / Math.max(1, backup.sizeBytes));
    const doing = `loading ${this.table.schema}.${this.table.table}`;
    this.options.onProgress({ bytesRead: meter.bytesRead, doing, ratio });
  }
}

function wordsOf(error: unknown): string {
  return withMeaning(withoutValues(error instanceof Error ? error.message : String(error)));
}

function otherSize(key: string, name: string, size: number, stated: number): DrillError {
  return new DrillError(
    'backup-corrupt',
    `${key}${name} has ${formatCount(size)} bytes of rows, and @.done.json says that ${formatCount(stated)} were written`,
    {
      hint: 'Files of two dumps are mixed, or the file was changed: compare it with what was written, and take a new backup.',
    },
  );
}
