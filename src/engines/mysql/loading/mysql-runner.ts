import type { DrillError } from '../../../support/errors.ts';
import type { Lane } from '../../sql-dump/lanes.ts';
import type { LoadErrors } from '../../sql-dump/load-errors.ts';
import { placeOf, type Statement } from '../../sql-dump/statement.ts';
import { StatementRunner } from '../../sql-dump/statement-runner.ts';
import type { LoadFinding } from '../../whose-fault.ts';
import type { Session } from '../server/connect.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { createdAccountIn } from '../sql/sql-names.ts';
import { pluginFindings } from './installed-plugins.ts';
import { fatalError, findingOf, isWorthAnotherTry } from './statement-errors.ts';
import { findWarnings } from './statement-warnings.ts';

type LoadLane = Lane<Session>;

/** Runs statements like the client's `--force`, and reads the warnings that they raise. */
export class MysqlRunner extends StatementRunner<Session> {
  private readonly server: MysqlServer;

  constructor(parts: { server: MysqlServer; signal: AbortSignal; errors: LoadErrors }) {
    super(parts);
    this.server = parts.server;
  }

  /** Records what a statement would load into the server; a drill never runs it. */
  async notePlugins(lane: LoadLane, statement: Statement): Promise<void> {
    for (const finding of await pluginFindings(statement, this.server, lane.client)) this.report(finding);
    if (this.fatal) throw this.fatal;
  }

  async runBatch(lane: LoadLane, statements: readonly Statement[]): Promise<void> {
    const [first] = statements;
    if (first === undefined || this.fatal) return;
    if (statements.length === 1) {
      await this.attempt(lane, first);
      return;
    }
    let done = 0;
    try {
      await this.follow(lane);
      await lane.client.execute('START TRANSACTION');
      for (const statement of statements) {
        await this.run(lane.client, statement);
        done += 1;
      }
      await lane.client.execute('COMMIT');
    } catch (error) {
      await this.finishBatch(lane, statements, done, error);
    }
  }

  /** A failed statement does not affect those before it, except for a deadlock, which rolls back the whole transaction. */
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
    for (const statement of statements.slice(again ? 0 : done + 1)) await this.attempt(lane, statement);
  }

  /** Settings that fail here also failed where they first ran, and were reported then. */
  protected async apply(session: Session, settings: readonly Buffer[]): Promise<void> {
    for (const setting of settings) {
      try {
        await session.query(setting);
      } catch (error) {
        const fatal = await fatalError(this.server, error, this.signal);
        if (fatal) throw fatal;
      }
    }
  }

  protected async run(session: Session, statement: Statement): Promise<void> {
    const { bytes, spool } = statement;
    const { warnings } = await (spool ? session.queryPieces(spool.sizeBytes, spool.read()) : session.query(bytes));
    if (warnings === 0) return;
    const { findings, keptCount } = await findWarnings(session, statement);
    for (const finding of findings) this.report(finding);
    if (keptCount < warnings)
      this.errors.warn(`${placeOf(statement)}: ${warnings} warnings, of which the server kept ${keptCount}`);
  }

  protected isWorthAnotherTry(error: unknown): boolean {
    return isWorthAnotherTry(error);
  }

  protected fatalError(error: unknown): Promise<DrillError | undefined> {
    return fatalError(this.server, error, this.signal);
  }

  protected findingOf(error: unknown, statement: Statement): LoadFinding {
    return findingOf(error, statement);
  }

  /**
   * If this server lacks an account's authentication method, the account is created without a login, so that its grants and the objects that run as it still
   * work.
   */
  protected override async noteFinding(finding: LoadFinding, { bytes }: Statement): Promise<void> {
    const account =
      finding.kind === 'login-plugin-missing' ? createdAccountIn(bytes.toString('utf8', 0, 4096)) : undefined;
    if (account) await this.server.addWithoutLogin(account, this.signal);
    this.report(
      account ? { ...finding, text: `${finding.text}: the account is made without a way to log in` } : finding,
    );
  }
}
