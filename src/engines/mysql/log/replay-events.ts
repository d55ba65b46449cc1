import { randomBytes } from 'node:crypto';
import { DrillError } from '../../../support/errors.ts';
import type { LoadErrors } from '../../sql-dump/load-errors.ts';
import { LoadDefiners } from '../loading/load-definers.ts';
import { assertEventSchedulerOff } from '../loading/load-guards.ts';
import { excerptOf } from '../loading/statement-errors.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { quoteName } from '../server/quoting.ts';
import { numberOf } from '../server/server-errors.ts';
import { ROWS_TYPES } from './event-types.ts';
import type { GroupStep } from './log-groups.ts';
import type { LoggedQuery } from './logged-query.ts';
import { type LoggedLoad, LoggedLoads } from './replay-load.ts';
import { FORMAT_DESCRIPTION, RowParts, TABLE_MAP } from './replay-rows.ts';
import { isInScope, type ReplayScope, replayable } from './replay-scope.ts';
import { ReplaySession } from './replay-session.ts';
import type { RawEvent } from './replay-source.ts';
import { type CollationNames, settingBefore } from './replay-variables.ts';

export interface ApplierParts {
  readonly server: MysqlServer;
  readonly scope: ReplayScope;
  readonly errors: LoadErrors;
  readonly signal: AbortSignal;
}

const NAMES_SHOWN = 10;
/** Rows events from before the release of 5.1. */
const OLD_ROWS = new Set([20, 21, 22]);
/** No such database; no such table, as reported by SELECT, DROP and others. */
const UNKNOWN_NAMES = [1049, 1146, 1109, 1051];
/** ER_XAER_NOTA: the transaction is not prepared, so a rollback has no effect. */
const UNKNOWN_XID = 1397;

/**
 * Applies a log's events on one session, as a replica would, without a client program: rows with `BINLOG`, for which no trigger fires, and statements with the
 * settings of the session that ran them. Every response of the server is awaited; the first error ends the replay.
 */
export class EventApplier {
  private readonly parts: ApplierParts;
  private readonly session: ReplaySession;
  private readonly definers: LoadDefiners;
  private readonly rows: RowParts;
  private readonly loads: LoggedLoads;
  private readonly once: string[] = [];
  /** Statement that begins the transaction, sent once there is something to replay in it; undefined: it has begun. */
  private opening: string | undefined;
  private isOpen = false;
  private isHalf = false;
  /** Whether anything in the log changes restored data. */
  hasApplied = false;
  /** XA transactions that await a commit, as the log names them. */
  private readonly prepared = new Set<string>();
  /** Prepared XA transactions that changed nothing that is replayed. */
  private readonly preparedElsewhere = new Set<string>();
  private placeholder: string | undefined;
  /** Databases that were created after the backup, which covers others. */
  private readonly created = new Set<string>();

  constructor(parts: ApplierParts) {
    const { server, scope, errors, signal } = parts;
    this.parts = parts;
    this.session = new ReplaySession(server, errors, signal);
    this.definers = new LoadDefiners(server, signal);
    this.loads = new LoggedLoads(server.sandbox, signal);
    this.rows = new RowParts(
      ({ database }) => isInScope(scope, database),
      async (statement) => {
        this.hasApplied = true;
        await this.openTransaction();
        await this.session.sendRows(statement);
      },
    );
  }

  async begin(): Promise<void> {
    await this.definers.begin();
    await this.session.open();
  }

  /** Lets the server read the rows of a file's events. */
  async describe(event: RawEvent): Promise<void> {
    if (event.type === FORMAT_DESCRIPTION) await this.session.describe(event);
  }

  /** @param where for use in messages: `mysql-bin.000012:4711`. */
  async apply(step: GroupStep, event: RawEvent, where: string): Promise<void> {
    this.session.where = where;
    switch (step.is) {
      case 'next':
        this.isHalf = step.isHalf;
        this.opening = step.opening;
        return;
      case 'begin':
        this.opening = 'BEGIN';
        return;
      case 'xa-begin':
        this.opening = step.sql;
        return;
      case 'xa-end':
        if (this.isOpen) await this.session.execute(step.sql);
        return;
      case 'statement':
        return this.applyStatement(step.query, event, step.isAlone);
      case 'content':
        return this.applyContent(event);
      case 'commit':
      case 'rollback':
        return this.endTransaction(step.is.toUpperCase());
      case 'xa-prepare':
        return this.prepare(step.xid, step.isOnePhase);
      case 'xa-finish':
        return this.finishPrepared(step);
      default:
    }
  }

  /** @throws DrillError `restore-failed` if a statement has turned on the event scheduler. */
  async finish(): Promise<void> {
    const { server, errors, signal } = this.parts;
    const { size } = this.prepared;
    if (size > 0)
      errors.warn(
        `${size === 1 ? 'an XA transaction was' : `${size} XA transactions were`} prepared and not yet committed`,
      );
    if (this.placeholder !== undefined) {
      await this.session.settings.inUtf8();
      await this.session.execute(`DROP DATABASE IF EXISTS ${quoteName(this.placeholder)}`);
    }
    if (this.created.size > 0)
      errors.warn(
        `created since the backup, which holds other databases, so not replayed: ${[...this.created].slice(0, NAMES_SHOWN).join(', ')}`,
      );
    await this.session.takeNoRows();
    await this.definers.finish(errors);
    await assertEventSchedulerOff(server, signal);
  }

  async close(): Promise<void> {
    await this.session.close();
    await this.loads.close();
  }

  private async applyContent(event: RawEvent): Promise<void> {
    const { type } = event;
    if (type === TABLE_MAP) return this.rows.addTable(event);
    if (ROWS_TYPES.has(type)) return this.rows.addRows(event);
    const load = await this.loads.take(event);
    if (load) return load === 'taken' ? undefined : this.applyLoad(load, event);
    if (OLD_ROWS.has(type)) throw unsupported(this.session.where, 'rows as MySQL 5.1 wrote them before its release');
    const setting = await settingBefore(event, (collation) => this.namesOf(collation));
    if (setting !== undefined) this.once.push(setting);
  }

  private async applyLoad({ query, rows, isStrict }: LoggedLoad, event: RawEvent): Promise<void> {
    try {
      await this.applyStatement(query, event, false, async (sql) => {
        if (query.errorCode !== 0)
          throw unsupported(this.session.where, `a LOAD DATA that failed midway (error ${query.errorCode})`);
        await this.session.takeRows();
        await this.session.sendLoad(sql, rows.read(), isStrict);
      });
    } finally {
      await rows.drop();
    }
  }

  private async namesOf(collation: number): Promise<CollationNames> {
    const names = await this.session.settings.collationOf(collation);
    if (names) return names;
    throw unsupported(
      this.session.where,
      `a user variable in a collation that this server does not know (${collation})`,
    );
  }

  private async applyStatement(
    query: LoggedQuery,
    event: RawEvent,
    isAlone: boolean,
    send = (sql: Buffer, mayPass: boolean) => this.session.sendLogged(sql, query.errorCode, mayPass),
  ): Promise<void> {
    const { scope, server } = this.parts;
    const once = this.once.splice(0);
    if (this.isHalf) return;
    const decision = replayable(query, scope);
    if (decision.is === 'skipped') {
      if (decision.created !== undefined) this.created.add(decision.created);
      return;
    }
    const { kind, use, sql = query.sql } = decision;
    this.hasApplied = true;
    await this.definers.provide(query.sql.toString('utf8', 0, 16_384));
    if (kind.kind === 'account') await this.definers.release(query.sql.toString('utf8', 0, 16_384));
    if (!isAlone) await this.openTransaction();
    const { settings } = this.session;
    if (use !== '') await settings.use(use ?? (await this.emptyDatabase()));
    if (once.length > 0) await settings.inUtf8();
    await settings.setOnce(once);
    await settings.apply(query, event);
    // if only part of it is sent, or it is about accounts that the drill had to create, the error need not recur
    await send(sql, sql !== query.sql || kind.kind === 'account').catch((error: unknown) => {
      throw use === undefined ? this.explainOther(query, error) : error;
    });
    if (kind.kind === 'createDatabase') server.loaded.add(kind.database);
    if (kind.kind === 'dropDatabase') server.loaded.delete(kind.database);
    // MariaDB's CREATE OR REPLACE DATABASE also leaves the session without a current database
    if (kind.kind === 'createDatabase' || kind.kind === 'dropDatabase') settings.forgetDatabase();
  }

  private async openTransaction(): Promise<void> {
    const { opening } = this;
    if (opening === undefined) return;
    this.opening = undefined;
    this.isOpen = true;
    await this.session.execute(opening);
  }

  private async endTransaction(how: string): Promise<void> {
    const wasOpen = this.isOpen;
    this.isOpen = false;
    this.opening = undefined;
    if (wasOpen) await this.session.execute(how);
  }

  /** A session that has prepared a transaction can do nothing else before its commit, so a new session continues. */
  private async prepare(xid: string, isOnePhase: boolean): Promise<void> {
    const wasOpen = this.isOpen;
    await this.endTransaction(isOnePhase ? `XA COMMIT ${xid} ONE PHASE` : `XA PREPARE ${xid}`);
    if (isOnePhase) return;
    if (!wasOpen) {
      this.preparedElsewhere.add(xid);
      return;
    }
    this.prepared.add(xid);
    await this.session.close();
    await this.session.open();
  }

  /** The second half of an XA transaction. A transaction that was prepared before the backup is in a physical backup, but not in a dump. */
  private async finishPrepared({
    sql,
    xid,
    isCommit,
    isOnePhase,
  }: Extract<GroupStep, { is: 'xa-finish' }>): Promise<void> {
    if (this.isOpen) return this.endTransaction(sql);
    this.opening = undefined;
    if (this.prepared.delete(xid)) return this.session.execute(sql);
    if (this.preparedElsewhere.delete(xid) || isOnePhase) return;
    const { holdsPrepared = false } = this.parts.scope;
    if (!isCommit) return holdsPrepared ? this.session.sendLogged(Buffer.from(sql), UNKNOWN_XID, true) : undefined;
    if (holdsPrepared) return this.session.execute(sql);
    throw new DrillError(
      'restore-failed',
      `${this.session.where}: an XA transaction is committed that was prepared before the backup, which does not hold what it changed`,
      { hint: 'Take dumps while `XA RECOVER` lists nothing, use a physical backup, or recover to a point before it.' },
    );
  }

  /** A database without tables, so that names that refer to a database outside the backup match nothing. */
  private async emptyDatabase(): Promise<string> {
    if (this.placeholder === undefined) {
      this.placeholder = `firedrill_empty_${randomBytes(4).toString('hex')}`;
      await this.session.settings.inUtf8();
      await this.session.execute(`CREATE DATABASE ${quoteName(this.placeholder)}`);
    }
    return this.placeholder;
  }

  private explainOther({ sql, database }: LoggedQuery, error: unknown): unknown {
    const { cause } = error as { readonly cause?: unknown };
    if (!UNKNOWN_NAMES.includes(numberOf(cause ?? {}))) return error;
    return new DrillError(
      'restore-failed',
      `${this.session.where}: a statement that changes the restored database uses database ${database}, which the backup does not hold (${excerptOf(sql)})`,
      {
        hint: 'Statements across databases can be replayed only into a backup of all of them: dump with `--all-databases`, or log rows (`binlog_format=ROW`).',
        cause,
      },
    );
  }
}

function unsupported(where: string, what: string): DrillError {
  return new DrillError('format-unsupported', `${where}: the log holds ${what}, which Firedrill does not replay`, {
    hint: 'Log rows (`binlog_format=ROW`), or recover to a point before it.',
  });
}
