import { DrillError } from '../../../support/errors.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { LoadErrors } from '../../sql-dump/load-errors.ts';
import { excerptOf, fatalError, findingOf } from '../loading/statement-errors.ts';
import type { LoadedRows } from '../server/byte-query.ts';
import type { Session } from '../server/connect.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { numberOf } from '../server/server-errors.ts';
import { binlogStatement, eventBytes } from './replay-rows.ts';
import { ReplaySettings } from './replay-settings.ts';
import type { RawEvent } from './replay-source.ts';

const ROWS = Buffer.from('BINLOG');
const MISFIT_HINT =
  'Compare the position that the backup states with the log, and look for changes that were made with `sql_log_bin=0`.';
const UNKNOWN_ZONE =
  'statements in the log depend on the time zone of their server’s system, which the log does not name; they were replayed in UTC. If it was another, or to turn off this warning, set `engine.settings: { system_time_zone: Europe/Berlin }`, or UTC';
/**
 * Lock wait timeout, deadlock, and a deadlock in an XA transaction: whether they recur depends on concurrent statements, so a replica also accepts a statement
 * that ends without them. Source: sql/log_event.cc, `concurrency_error_code`.
 */
const OF_CONCURRENCY = [1205, 1213, 1614];
/** Errors that make LOAD DATA skip a row if it ignores them: duplicate and foreign keys, CHECK, views, partitions. */
const COSTS_ROW = [1022, 1062, 1216, 1369, 1452, 1526, 1586, 1591, 1748, 1761, 1762, 1859, 3819, 4025];

/** The session that replays a log, with its handling of the server's responses. */
export class ReplaySession {
  private readonly server: MysqlServer;
  private readonly errors: LoadErrors;
  private readonly signal: AbortSignal;
  private session: Session | undefined;
  private known: ReplaySettings | undefined;
  private description: RawEvent | undefined;
  private isTakingRows = false;
  /** Position of the event being applied, for use in messages: `mysql-bin.000012:4711`. */
  where = '';

  constructor(server: MysqlServer, errors: LoadErrors, signal: AbortSignal) {
    this.server = server;
    this.errors = errors;
    this.signal = signal;
  }

  async open(): Promise<void> {
    this.session = await this.server.openSession(undefined, this.signal, { loadsRows: true });
    this.known = new ReplaySettings(this.server, this.session, () => this.errors.warn(UNKNOWN_ZONE));
    if (this.description) await this.describe(this.description);
  }

  async close(): Promise<void> {
    await this.session?.close();
    this.session = undefined;
  }

  get settings(): ReplaySettings {
    if (!this.known) throw new TypeError('the session of a replay was used before it was opened');
    return this.known;
  }

  /** Lets the server read the rows of a file's events. */
  async describe(event: RawEvent): Promise<void> {
    this.description = event;
    this.settings.describe(event);
    await this.sendRows(binlogStatement([eventBytes(event)]));
    // a description leaves it undetermined, and the next statement would have to be anonymous
    if (this.server.flavor.type === 'mysql') await this.execute("SET @@session.gtid_next='AUTOMATIC'");
  }

  sendRows(statement: Buffer): Promise<void> {
    return this.send(statement, ROWS);
  }

  /**
   * Runs a statement of the log. @param expected number of the error that it ended with on the server, and should end with again; 0: none.
   * @param mayPass whether it may end without that error.
   * @throws DrillError `restore-failed` if it ends differently, which stops a replica as well: its changes would not be the same as on the original server.
   */
  async sendLogged(sql: Buffer, expected: number, mayPass = false): Promise<void> {
    const { isDone } = await this.attempt(() => this.session?.query(sql), sql, expected);
    if (!isDone || expected === 0 || mayPass) return;
    if (OF_CONCURRENCY.includes(expected)) {
      this.errors.warn(
        `${this.where}: ended with error ${expected} (lock timeout or deadlock) on the server and ends without it here, as on a replica; tables that cannot roll back may differ`,
      );
      return;
    }
    throw this.misfit(`a statement that ended with error ${expected} on the server ends without one`, sql);
  }

  /**
   * Runs a LOAD DATA of the log. @param rows in place of the file. @param isStrict whether it skipped no row on the server. A server ignores errors in rows
   * that a session sends, so its response must be checked. @throws DrillError `restore-failed` if it skips some.
   */
  async sendLoad(sql: Buffer, rows: AsyncIterable<Buffer>, isStrict: boolean): Promise<void> {
    const { result } = await this.attempt(() => this.session?.loadRows(sql, rows), sql, 0);
    if (!result || !isStrict) return;
    const left = await this.rowsLeftOut(result);
    if (left > 0) throw this.misfit(`${formatCount(left)} of ${formatCount(result.records)} rows are left out`, sql);
  }

  private async rowsLeftOut({ duplicates, warnings }: LoadedRows): Promise<number> {
    if (duplicates > 0 || warnings === 0) return duplicates;
    const said = (await this.session?.ask('SHOW WARNINGS')) ?? [];
    return said.filter(([, number]) => COSTS_ROW.includes(Number(number))).length;
  }

  /** The server accepts rows from a session only while there are such statements: it rejects any that the log contains as text. */
  async takeRows(): Promise<void> {
    if (this.isTakingRows) return;
    this.isTakingRows = true;
    await this.server.administer(this.signal, (session) => session.execute('SET GLOBAL local_infile = ON'));
  }

  async takeNoRows(): Promise<void> {
    if (!this.isTakingRows) return;
    this.isTakingRows = false;
    await this.server.administer(this.signal, (session) => session.execute('SET GLOBAL local_infile = OFF'));
  }

  /** Runs a statement of the harness itself, in ASCII. */
  execute(sql: string): Promise<void> {
    const bytes = Buffer.from(sql);
    return this.send(bytes, bytes);
  }

  /** @param shown the part that may appear in messages. */
  private async send(bytes: Buffer, shown: Buffer): Promise<void> {
    await this.attempt(() => this.session?.query(bytes), shown, 0);
  }

  /** `isDone`: false if it ended with an error that does not end the replay, such as the expected one. */
  private async attempt<T>(
    query: () => Promise<T> | undefined,
    shown: Buffer,
    expected: number,
  ): Promise<{ readonly isDone: boolean; readonly result?: T | undefined }> {
    try {
      return { isDone: true, result: await query() };
    } catch (error) {
      if (expected === 0 || numberOf(error) !== expected) await this.fail(error, shown);
      return { isDone: false };
    }
  }

  /** @throws DrillError unless the server's error costs no data. */
  private async fail(error: unknown, sql: Buffer): Promise<void> {
    const fatal = await fatalError(this.server, error, this.signal);
    if (fatal) throw fatal;
    const finding = findingOf(error, { bytes: sql, line: 0 });
    const text = finding.text.replace(/^line 0: /, `${this.where}: `);
    const before = this.errors.reported;
    const lack = this.errors.report({ ...finding, text });
    if (lack) throw lack;
    if (this.errors.reported === before) return;
    throw misfit(text, error);
  }

  private misfit(what: string, sql: Buffer): DrillError {
    return misfit(`${this.where}: ${what} (${excerptOf(sql)})`);
  }
}

function misfit(text: string, cause?: unknown): DrillError {
  return new DrillError('restore-failed', `the log does not fit the restored data: ${text}`, {
    hint: MISFIT_HINT,
    cause,
  });
}
