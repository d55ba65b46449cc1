import { DrillError } from '../../../support/errors.ts';
import type { LoadErrors } from '../../sql-dump/load-errors.ts';
import { fatalError, findingOf } from '../loading/statement-errors.ts';
import type { Session } from '../server/connect.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { numberOf } from '../server/server-errors.ts';
import { binlogStatement, eventBytes } from './replay-rows.ts';
import { ReplaySettings } from './replay-settings.ts';
import type { RawEvent } from './replay-source.ts';

const ROWS = Buffer.from('BINLOG');

/** The session that replays a log, and what the server says to it. */
export class ReplaySession {
  private readonly server: MysqlServer;
  private readonly errors: LoadErrors;
  private readonly signal: AbortSignal;
  private session: Session | undefined;
  private known: ReplaySettings | undefined;
  private description: RawEvent | undefined;
  private isTakingRows = false;
  /** Of the event that is being applied, for messages: `mysql-bin.000012:4711`. */
  where = '';

  constructor(server: MysqlServer, errors: LoadErrors, signal: AbortSignal) {
    this.server = server;
    this.errors = errors;
    this.signal = signal;
  }

  async open(): Promise<void> {
    this.session = await this.server.openSession(undefined, this.signal, { loadsRows: true });
    this.known = new ReplaySettings(this.server, this.session);
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
    await this.sendRows(binlogStatement([eventBytes(event)]));
    // a description leaves it undetermined, and the next statement would then have to be anonymous
    if (this.server.flavor.type === 'mysql') await this.execute("SET @@session.gtid_next='AUTOMATIC'");
  }

  sendRows(statement: Buffer): Promise<void> {
    return this.send(statement, ROWS, 0);
  }

  /** A statement of the log. @param expected the number of the error that it ended with on the server, and may end with again. */
  sendLogged(sql: Buffer, expected: number): Promise<void> {
    return this.send(sql, sql, expected);
  }

  /** A LOAD DATA of the log. @param rows in place of the file. */
  async sendLoad(sql: Buffer, rows: AsyncIterable<Buffer>, expected: number): Promise<void> {
    await this.attempt(() => this.session?.loadRows(sql, rows), sql, expected);
  }

  /** The server takes rows from a session only while there are such statements: it refuses any that the log holds as text. */
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

  /** A statement of the harness's own, in ASCII. */
  execute(sql: string): Promise<void> {
    const bytes = Buffer.from(sql);
    return this.send(bytes, bytes, 0);
  }

  /** @param shown what a message may show of it. */
  private send(bytes: Buffer, shown: Buffer, expected: number): Promise<void> {
    return this.attempt(() => this.session?.query(bytes), shown, expected);
  }

  private async attempt(query: () => Promise<unknown> | undefined, shown: Buffer, expected: number): Promise<void> {
    try {
      await query();
    } catch (error) {
      if (expected !== 0 && numberOf(error) === expected) return;
      await this.fail(error, shown);
    }
  }

  /** @throws DrillError unless what the server said costs no data. */
  private async fail(error: unknown, sql: Buffer): Promise<void> {
    const fatal = await fatalError(this.server, error, this.signal);
    if (fatal) throw fatal;
    const finding = findingOf(error, { bytes: sql, line: 0 });
    const text = finding.text.replace(/^line 0: /, `${this.where}: `);
    const before = this.errors.reported;
    const lack = this.errors.report({ ...finding, text });
    if (lack) throw lack;
    if (this.errors.reported === before) return;
    throw new DrillError('restore-failed', `the log does not fit the restored data: ${text}`, {
      hint: 'Compare the position that the backup states with the log, and look for changes that were made with `sql_log_bin=0`.',
      cause: error,
    });
  }
}
