import { DrillError } from '../../../support/errors.ts';
import { limitTime } from '../../../support/time-limit.ts';
import { untilAborted } from '../../../support/until-aborted.ts';
import { CheckTimeout } from '../../check-timeout.ts';
import type { QueryResult } from '../../query-result.ts';
import type { CheckSession } from '../../sql-access.ts';
import { explainBrokenView } from './broken-view.ts';
import { readCell } from './cells.ts';
import { checkError, killed } from './check-errors.ts';
import { type Login, openSession, type RawRows, type Session } from './connect.ts';
import type { MysqlServer } from './mysql-server.ts';
import { explainRefusal, isLoss } from './server-errors.ts';
import { type OwnFunction, readOwnFunctions, standInsFor, takesSpace } from './stand-ins.ts';

/** The server's own limit should fire first; this one covers what the server does not limit (a CALL, a wait, rows without a limit). */
const GRACE_MS = 500;

/**
 * A session whose account can read the restored databases and change nothing. Its transactions are read-only and rolled back. It runs in UTC and with the
 * server's own sql_mode, so values are read as they were stored.
 */
export async function openMysqlCheckSession(
  server: MysqlServer,
  login: Login,
  signal: AbortSignal,
): Promise<CheckSession> {
  const session = new MysqlCheckSession(server, login, signal);
  await session.connect();
  return session;
}

class MysqlCheckSession implements CheckSession {
  private readonly server: MysqlServer;
  private readonly login: Login;
  private readonly signal: AbortSignal;
  private session: Session | undefined;
  /** Functions of the session's database. */
  private ownFunctions: readonly OwnFunction[] = [];

  constructor(server: MysqlServer, login: Login, signal: AbortSignal) {
    this.server = server;
    this.login = login;
    this.signal = signal;
  }

  async connect(): Promise<Session> {
    try {
      const session = await openSession(this.server.connection, this.login, this.signal);
      for (const statement of [...SETTINGS, ...this.server.flavor.checkSession(this.server.version)])
        await session.execute(statement);
      this.ownFunctions = await readOwnFunctions(session, this.server);
      if (this.ownFunctions.some(takesSpace)) await session.execute(IGNORE_SPACE);
      this.session = session;
      return session;
    } catch (error) {
      const cause = await this.server.explainLoss(error, this.signal);
      throw cause === this.signal.reason ? cause : explainRefusal(cause, 'a session for checks');
    }
  }

  /** Accepts a single statement only: the session does not allow several. */
  async query(sql: string, options: Parameters<CheckSession['query']>[1]): Promise<QueryResult> {
    const { signal, timeoutMs, maxRows } = options;
    signal.throwIfAborted();
    const session = this.session ?? (await this.connect());
    const stop = (): void => void this.leave(session);
    signal.addEventListener('abort', stop, { once: true });
    const startedAt = performance.now();
    try {
      const { tookMs, ...raw } = await this.ask(session, sql, timeoutMs, maxRows);
      const result = { ...toResult(raw), tookMs };
      // at the limit, MySQL ends SLEEP() and the like and returns a normal result
      if (performance.now() - startedAt >= timeoutMs) throw new CheckTimeout(timeoutMs);
      const warnings = standInsFor(sql, this.ownFunctions);
      return warnings.length === 0 ? result : { ...result, warnings };
    } catch (error) {
      const tookMs = performance.now() - startedAt;
      throw signal.aborted ? signal.reason : await this.explain(error, session, { sql, timeoutMs, tookMs, signal });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  private async explain(
    error: unknown,
    session: Session,
    query: { sql: string; timeoutMs: number; tookMs: number; signal: AbortSignal },
  ): Promise<unknown> {
    const { server } = this;
    if (isLoss(error) && (await server.isAnswering())) return killed();
    const cause = await server.explainLoss(error, query.signal);
    if (cause instanceof DrillError || cause === query.signal.reason) return cause;
    const broken = await explainBrokenView(cause, server, session);
    if (broken) return broken;
    const { flavor, version } = server;
    return checkError(cause, { ...query, flavor, version, holderOf: (right) => server.holderOf(right.account) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session?.close();
  }

  private async ask(session: Session, sql: string, timeoutMs: number, maxRows: number): Promise<TimedRows> {
    try {
      await session.execute(this.server.flavor.limitTime(timeoutMs));
      await session.execute('START TRANSACTION READ ONLY');
      const startedAt = performance.now();
      const result = await inTime(session.askRows(sql, maxRows), timeoutMs);
      const tookMs = performance.now() - startedAt;
      if (result.isTruncated) await this.leave(session);
      else await this.rollBack(session);
      return { ...result, tookMs };
    } catch (error) {
      if (isAnswer(error)) await this.rollBack(session);
      else await this.leave(session);
      throw error;
    }
  }

  /** A transaction that cannot be rolled back ends with its session. */
  private async rollBack(session: Session): Promise<void> {
    await session.execute('ROLLBACK').catch(() => this.leave(session));
  }

  /** The server keeps running a query whose session is gone until it is killed. The next query gets a new session. */
  private async leave(session: Session): Promise<void> {
    if (this.session !== session) return;
    this.session = undefined;
    const { threadId } = session;
    await session.abandon();
    const kill = this.server.adminSession.execute(`KILL CONNECTION ${threadId}`);
    await kill.catch(() => undefined); // it has ended already, or the server has, which is reported elsewhere
  }
}

interface TimedRows extends RawRows {
  readonly tookMs: number;
}

const IGNORE_SPACE = "SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',IGNORE_SPACE')";

const SETTINGS = [
  "SET SESSION time_zone = '+00:00'",
  'SET SESSION sql_mode = DEFAULT',
  'SET SESSION TRANSACTION READ ONLY',
  'SET SESSION sql_select_limit = DEFAULT',
];

async function inTime(answer: Promise<RawRows>, timeoutMs: number): Promise<RawRows> {
  using limit = limitTime(timeoutMs + GRACE_MS, () => new CheckTimeout(timeoutMs));
  return await untilAborted(answer, limit.signal);
}

/** An error that the server returned as its answer leaves the session usable. */
function isAnswer(error: unknown): boolean {
  return !(error instanceof DrillError) && typeof (error as { sqlState?: unknown }).sqlState === 'string';
}

/** @throws DrillError `check-malformed` for a statement that returns no result set. */
export function toResult({ columns, rows, isTruncated }: RawRows): QueryResult {
  if (columns.length === 0) {
    throw new DrillError('check-malformed', 'the check queries nothing: its result has no columns', {
      hint: 'Make it a SELECT that returns the value to check.',
    });
  }
  return {
    columns: columns.map(({ name }) => name),
    rows: rows.map((row) => row.map((bytes, index) => readCell(bytes, columns[index] ?? { type: 0, characterSet: 0 }))),
    truncated: isTruncated,
  };
}
