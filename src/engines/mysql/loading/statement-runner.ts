import type { DrillError } from '../../../support/errors.ts';
import type { Lane } from '../../sql-dump/lanes.ts';
import type { LoadErrors } from '../../sql-dump/load-errors.ts';
import type { LoadFinding } from '../../whose-fault.ts';
import type { Session } from '../server/connect.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { emptyLiterals } from '../sql/empty-literals.ts';
import { createdAccountIn } from '../sql/sql-names.ts';
import { classifyStatement } from '../sql/statement-kind.ts';
import { pluginFindings } from './installed-plugins.ts';
import { nameIn, readWarnings, type WarningFinding } from './load-warnings.ts';
import {
  excerptOf,
  fatalError,
  findingOf,
  isWorthAnotherTry,
  placeOf,
  type Statement,
  statementError,
} from './statement-errors.ts';
import { storageEngineHint } from './storage-engines.ts';

type LoadLane = Lane<Session>;

/** Runs statements on sessions and records failures, going on like the client's `--force`; an error that ends the load is kept as `fatal`. */
export class StatementRunner {
  fatal: DrillError | undefined;
  private readonly server: MysqlServer;
  private readonly signal: AbortSignal;
  private readonly errors: LoadErrors;
  /** The session settings so far, in order: each session applies them before it runs something. The first ones may be gone, see {@link forget}. */
  private settings: Buffer[] = [];
  private forgotten = 0;

  constructor(parts: { server: MysqlServer; signal: AbortSignal; errors: LoadErrors }) {
    this.server = parts.server;
    this.signal = parts.signal;
    this.errors = parts.errors;
  }

  /** @param lane has the setting already: it ran there. */
  addSetting(statement: Buffer, lane: LoadLane): void {
    this.settings.push(Buffer.from(statement));
    lane.settingsApplied = this.forgotten + this.settings.length;
  }

  get settingCount(): number {
    return this.settings.length;
  }

  /** Brings all sessions of the load up to date, after which the settings so far are no longer needed. */
  async forget(lanes: readonly LoadLane[]): Promise<void> {
    for (const lane of lanes) await this.follow(lane);
    this.forgotten += this.settings.length;
    this.settings = [];
  }

  /** Applies the dump's settings to a session. Settings that fail here also failed where they ran first, and were reported then. */
  async follow(lane: LoadLane): Promise<void> {
    const missing = this.settings.slice(Math.max(0, lane.settingsApplied - this.forgotten));
    lane.settingsApplied = this.forgotten + this.settings.length;
    for (const setting of missing) {
      try {
        await lane.client.query(setting);
      } catch (error) {
        const fatal = await fatalError(this.server, error, this.signal);
        if (fatal) throw fatal;
      }
    }
  }

  /** @returns whether it succeeded; a failure is recorded. */
  async attempt(lane: LoadLane, statement: Statement): Promise<boolean> {
    using spool = statement.spool;
    if (this.fatal) return false;
    try {
      await this.follow(lane);
      const { warnings } = await (spool
        ? lane.client.queryPieces(spool.sizeBytes, spool.read())
        : lane.client.query(statement.bytes));
      if (warnings > 0) await this.readWarnings(lane, statement, warnings);
      return true;
    } catch (error) {
      return this.note(error, statement);
    }
  }

  /** Records what a statement would load into the server, which no drill does. */
  async notePlugins(lane: LoadLane, statement: Statement): Promise<void> {
    for (const finding of await pluginFindings(statement, this.server, lane.client)) this.report(finding);
    if (this.fatal) throw this.fatal;
  }

  /** Runs the statements as one transaction; when it fails, one by one, as the client would have run them. */
  async runBatch(lane: LoadLane, statements: readonly Statement[]): Promise<void> {
    const [first] = statements;
    if (first === undefined || this.fatal) return;
    if (statements.length === 1) return this.attemptPatiently(lane, first);
    let done = 0;
    try {
      await this.follow(lane);
      await lane.client.execute('START TRANSACTION');
      for (const statement of statements) {
        const { warnings } = await lane.client.query(statement.bytes);
        if (warnings > 0) await this.readWarnings(lane, statement, warnings);
        done += 1;
      }
      await lane.client.execute('COMMIT');
    } catch (error) {
      await this.finishBatch(lane, statements, done, error);
    }
  }

  async note(error: unknown, statement: Statement): Promise<false> {
    const fatal = await fatalError(this.server, error, this.signal);
    if (fatal) this.fatal ??= fatal;
    else await this.noteFinding(findingOf(error, statement), statement);
    return false;
  }

  /** An account whose authentication method is missing here is created without a login, so that its grants and the objects that run as it still work. */
  private async noteFinding(finding: LoadFinding, { bytes }: Statement): Promise<void> {
    const account =
      finding.kind === 'login-plugin-missing' ? createdAccountIn(bytes.toString('utf8', 0, 4096)) : undefined;
    if (account) await this.server.addWithoutLogin(account, this.signal);
    this.report(
      account ? { ...finding, text: `${finding.text}: the account is made without a way to log in` } : finding,
    );
  }

  /** A failed statement leaves those before it as they are, except for a deadlock, which rolls back the whole transaction. */
  private async finishBatch(
    lane: LoadLane,
    statements: readonly Statement[],
    done: number,
    error: unknown,
  ): Promise<void> {
    const fatal = await fatalError(this.server, error, this.signal);
    if (fatal) {
      this.fatal ??= fatal;
      return;
    }
    const again = isWorthAnotherTry(error);
    await lane.client.execute(again ? 'ROLLBACK' : 'COMMIT');
    if (!again) this.report(findingOf(error, statements[done] as Statement));
    for (const statement of statements.slice(again ? 0 : done + 1)) await this.attemptPatiently(lane, statement);
  }

  private report(finding: LoadFinding): void {
    this.fatal ??= this.errors.report(finding);
  }

  private async attemptPatiently(lane: LoadLane, statement: Statement): Promise<void> {
    for (let tries = 1; !this.fatal; tries += 1) {
      try {
        await this.follow(lane);
        const { warnings } = await lane.client.query(statement.bytes);
        if (warnings > 0) await this.readWarnings(lane, statement, warnings);
        return;
      } catch (error) {
        if (tries < MAX_TRIES && isWorthAnotherTry(error)) continue;
        await this.note(error, statement);
        return;
      }
    }
  }

  /**
   * Dumps turn strict mode off, so values that do not fit are changed. That is a failure, since the copy then differs from what was dumped.
   * @param count the number of warnings, as far as the protocol counts.
   */
  private async readWarnings(lane: LoadLane, statement: Statement, count: number): Promise<void> {
    const rows = await lane.client.ask('SHOW WARNINGS');
    const isRows = /^\s*(?:INSERT|REPLACE)\b/i.test(statement.bytes.toString('latin1', 0, 100));
    const told = new Set<string>();
    const columns = new Map<string, ColumnFacts>();
    for (const finding of readWarnings(rows, isRows)) {
      const { what, kind, column } = finding;
      if (told.has(`${kind} ${what}`) || (kind === 'already-there' && OWN_STATISTICS.test(excerptOf(statement.bytes))))
        continue;
      if (kind === 'changed-value' && column !== undefined) {
        const facts = columns.get(column) ?? (await this.factsOf(lane, statement, column));
        columns.set(column, facts);
        if (facts.isGenerated || (finding.row !== undefined && facts.emptyRows.has(finding.row))) continue;
      }
      told.add(`${kind} ${what}`);
      this.report(findingOfWarning(finding, statement));
    }
    if (rows.length < count)
      this.errors.warn(`${placeOf(statement)}: ${count} warnings, of which the server kept ${rows.length}`);
  }

  /**
   * What may excuse a warning about a column. A generated column is computed again and may raise a warning; whether it did when the row was first written
   * is not known. An ENUM with an invalid value is dumped as '', and the server warns although the same value is restored.
   */
  private async factsOf(lane: LoadLane, { bytes }: Statement, column: string): Promise<ColumnFacts> {
    const kind = classifyStatement(bytes);
    if (kind.kind !== 'insert') return NOTHING;
    const { database, table } = kind.table;
    const schema = database === undefined ? 'DATABASE()' : hexText(database);
    const [row] = await lane.client.ask(
      `SELECT generation_expression <> '', data_type = 'enum', ordinal_position FROM information_schema.columns WHERE table_schema = ${schema} AND table_name = ${hexText(table)} AND column_name = ${hexText(column)}`,
    );
    if (row?.[0] === '1') return { isGenerated: true, emptyRows: new Set() };
    if (row?.[1] !== '1') return NOTHING;
    return { isGenerated: false, emptyRows: emptyLiterals(bytes, positionOf(column, bytes) ?? Number(row[2]) - 1) };
  }
}

interface ColumnFacts {
  readonly isGenerated: boolean;
  /** Rows of the statement that give an ENUM no value of its own. */
  readonly emptyRows: ReadonlySet<number>;
}

const NOTHING: ColumnFacts = { isGenerated: false, emptyRows: new Set() };
/** mysqldump inserts the server's table statistics with IGNORE, since the server has some already. */
const OWN_STATISTICS = /\binnodb_(?:index|table)_stats\b/i;

/** @returns a column's position in the INSERT's column list, from 0; undefined when there is no list or it is not in it. */
function positionOf(column: string, insert: Buffer): number | undefined {
  const list = /^[^('"]*?\(([^()]*)\)\s*VALUES?\b/i.exec(insert.toString('utf8', 0, 65_536))?.[1];
  const index = list
    ?.split(',')
    .findIndex((name) => name.trim().replaceAll('`', '').toLowerCase() === column.toLowerCase());
  return index === undefined || index < 0 ? undefined : index;
}

/** Independent of how the session's modes treat quotes and backslashes. */
function hexText(text: string): string {
  return text === '' ? "''" : `_utf8mb4 0x${Buffer.from(text).toString('hex')}`;
}

function findingOfWarning({ kind, what, number, message }: WarningFinding, statement: Statement): LoadFinding {
  const place = placeOf(statement);
  const excerpt = excerptOf(statement.bytes);
  if (kind === 'storage-engine-missing') {
    const engine = nameIn(message);
    const text = `${place}: the storage engine ${engine} is not available, so the server made the table with another (${excerpt})`;
    return { kind, text, hint: storageEngineHint(engine) };
  }
  if (kind === 'placement') return { kind, text: `${place}: ${message}: ${what} (${excerpt})` };
  const words = what === '' ? message : `${what}: ${message}`;
  return { kind, text: statementError(Object.assign(new Error(words), { errno: number }), statement) };
}

const MAX_TRIES = 5;
