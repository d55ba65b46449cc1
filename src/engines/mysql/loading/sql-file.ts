import type { DirectoryContent } from '../../../backup/content.ts';
import { DrillError } from '../../../support/errors.ts';
import type { Lane } from '../../sql-dump/lanes.ts';
import { oversized, readItems, truncated } from '../../sql-dump/load-dump.ts';
import type { LoadErrors } from '../../sql-dump/load-errors.ts';
import { placeOf, type Statement } from '../../sql-dump/statement.ts';
import type { Session } from '../server/connect.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { withMeaning, withoutValues } from '../server/server-errors.ts';
import { type SqlItem, SqlSplitter } from '../sql/sql-splitter.ts';
import { classifyStatement, type StatementKind } from '../sql/statement-kind.ts';
import { goneModesWarning, withoutGoneModes } from './gone-modes.ts';
import type { LoadDefiners } from './load-definers.ts';
import type { MysqlRunner } from './mysql-runner.ts';
import { skippedStatement } from './skipped-statement.ts';
import { fatalError, OVERSIZED_HINT } from './statement-errors.ts';
import { encryptionWarning } from './table-encryption.ts';

interface SqlFileParts {
  readonly content: DirectoryContent;
  readonly server: MysqlServer;
  readonly runner: MysqlRunner;
  readonly definers: LoadDefiners;
  readonly errors: LoadErrors;
  readonly signal: AbortSignal;
  /** The tool that wrote the directory, for use in messages. */
  readonly tool: string;
}

interface RunFile {
  /** @returns whether to run the statement. Default: all. */
  readonly takes?: (kind: StatementKind, statement: Statement) => boolean;
  readonly onChunk?: () => void;
}

/** Runs the SQL in the members of a dump directory. */
export class SqlFiles {
  private readonly parts: SqlFileParts;

  constructor(parts: SqlFileParts) {
    this.parts = parts;
  }

  /** Runs a member statement by statement, on a session prepared for it. Rejected statements are recorded. */
  async run(lane: Lane<Session>, name: string, { takes, onChunk = () => undefined }: RunFile = {}): Promise<void> {
    const { content, server, signal } = this.parts;
    const stream = await content.streamUnwrapped(name, signal);
    await readItems(stream as AsyncIterable<Buffer>, new SqlSplitter(server.flavor.type), {
      take: (item) => this.takeItem(item, name, lane, takes),
      onChunk,
    });
  }

  private takeItem(
    item: SqlItem,
    name: string,
    lane: Lane<Session>,
    takes: RunFile['takes'],
  ): Promise<void> | undefined {
    const { runner, tool } = this.parts;
    if (runner.fatal) throw runner.fatal;
    const place = { file: name, line: item.line };
    if (item.kind === 'unfinished') throw this.truncated(name, `in the middle of ${item.within}`);
    if (item.kind === 'client') throw clientCommand(name, item.line, tool);
    if (item.kind === 'oversized') throw oversized(placeOf(place), OVERSIZED_HINT);
    if (item.kind === 'zeros') throw zeroBytes(placeOf(place));
    if (item.kind !== 'statement') return undefined;
    if (item.isUndelimited) throw this.truncated(name, `in the middle of the statement of line ${item.line}`);
    return this.runStatement({ ...item, file: name }, lane, takes);
  }

  /** Runs one statement, unless a drill never runs its kind. */
  async runStatement(statement: Statement, lane: Lane<Session>, takes: RunFile['takes'] = () => true): Promise<void> {
    const { runner, definers, errors, server } = this.parts;
    const kind = classifyStatement(statement.bytes);
    if (!takes(kind, statement)) return;
    if (kind.kind !== 'insert') {
      const text = statement.bytes.toString('utf8', 0, 16_384);
      const warning = skippedStatement(kind, text);
      if (warning) errors.warn(warning);
      if (warning !== undefined) return;
      if (kind.kind === 'plugin') return runner.notePlugins(lane, statement);
      const unencrypted = encryptionWarning(kind, text);
      if (unencrypted) errors.warn(unencrypted);
      await definers.provide(text);
    }
    const changed = withoutGoneModes(statement.bytes, server);
    if (changed) errors.warn(goneModesWarning(changed.gone, server));
    await runner.attempt(lane, changed ? { ...statement, bytes: changed.bytes } : statement);
  }

  /** Any error from a member's stream or session ends the load; the first cause wins. @param hint for a session that the server refuses to prepare. */
  async guard(hint: string, run: () => Promise<void>): Promise<void> {
    const { runner, server, signal } = this.parts;
    if (runner.fatal) return;
    try {
      await run();
    } catch (error) {
      if (error instanceof DrillError) runner.fatal ??= error;
      else runner.fatal ??= (await fatalError(server, error, signal)) ?? refused(error, hint);
    }
  }

  /** @param how it ends: `in the middle of …`. */
  truncated(name: string, how: string): DrillError {
    return truncated(`${this.parts.content.backup.key}${name} ends ${how}`);
  }
}

/** The server rejected a statement of the load itself, such as one that selects the database of a file. */
function refused(error: unknown, hint: string): DrillError {
  const said = withMeaning(withoutValues(error instanceof Error ? error.message : String(error)));
  return new DrillError('restore-failed', `the server refused to prepare a session of the load: ${said}`, { hint });
}

function zeroBytes(place: string): DrillError {
  return new DrillError('backup-corrupt', `${place}: zero bytes instead of SQL`, {
    hint: 'A disk or a copy lost what was written there: compare the file with the original, and take a new backup.',
  });
}

function clientCommand(name: string, line: number, tool: string): DrillError {
  return new DrillError('restore-failed', `${name} line ${line} holds a client command, which ${tool} never writes`, {
    hint: 'Such commands can run programs and read files, so they are refused: take a new dump.',
  });
}
