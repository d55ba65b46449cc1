import type { TransferMeter } from '../../../../backup/content.ts';
import { formatCount } from '../../../../support/quantities.ts';
import type { LoadOptions, LoadPhase } from '../../../engine.ts';
import { truncated, unknownDatabase } from '../../../sql-dump/load-dump.ts';
import type { LoadErrors } from '../../../sql-dump/load-errors.ts';
import { ReadAhead } from '../../../sql-dump/read-ahead.ts';
import type { Statement } from '../../../sql-dump/statement.ts';
import { type Batch, StatementBatches } from '../../../sql-dump/statement-batches.ts';
import { partOf, postgresDumpParts } from '../../loading/dump-parts.ts';
import { prepareBuild } from '../../loading/prepare-build.ts';
import type { PostgresServer } from '../../server/postgres-server.ts';
import { CopyBlock } from './copy-block.ts';
import { CreatedTables } from './created-tables.ts';
import { DumpDatabases, isUnknownDatabase, type LoadContext } from './dump-databases.ts';
import { LoadRoles } from './load-roles.ts';
import type { PlainFacts } from './plain-facts.ts';
import { PostgresRunner } from './postgres-runner.ts';
import type { SqlItem } from './sql-splitter.ts';
import {
  classify,
  endsWaitingSessions,
  makesDataOrderMatter,
  mayEndSessions,
  type StatementKind,
} from './statement-kind.ts';

type BatchKind = 'insert' | 'ordinary';
type Build = Extract<StatementKind, { kind: 'build' }>;

/** A statement that is spooled to a file runs alone, in order. */
const LONG = { kind: 'alone' } as const satisfies StatementKind;

export interface LoaderParts extends LoadContext {
  readonly meter: TransferMeter;
}

/** The beginning of a statement identifies its kind; the values of an INSERT need not be read. */
const TEXT_BYTES = 16_384;

/**
 * Runs a dump's statements in order wherever order matters, and in parallel where it does not: rows of different tables,
 * then indexes and keys of different tables. Unrecognised statements run alone, in order.
 */
export class PlainLoader {
  private readonly options: LoadOptions;
  private readonly errors: LoadErrors;
  private readonly meter: TransferMeter;
  private readonly facts: PlainFacts;
  private readonly roles: LoadRoles;
  private readonly runner: PostgresRunner;
  private readonly databases: DumpDatabases;
  private readonly server: PostgresServer;
  private readonly tables = new CreatedTables();
  private readonly parts = postgresDumpParts();
  /** Useful if another session can load the next table meanwhile. */
  private readonly ahead: ReadAhead | undefined;
  private readonly batches = new StatementBatches<BatchKind>((batch) => this.send(batch));
  /** Comments on indexes, which may wait until everything before them is done. */
  private remarks: Statement[] = [];
  /** Roles that the dump switched to before its database was chosen, in order: its next session also switches to them. */
  private readonly identities: Statement[] = [];
  private copy: CopyBlock | undefined;
  private hasBuilds = false;
  /** Costs of indexes and keys. */
  private readonly builds = { total: 0, done: 0 };
  private isInCluster = false;
  /** Bytes of rows that were read. */
  private rowBytes = 0;

  constructor(parts: LoaderParts) {
    const { server, options, errors } = parts;
    this.options = options;
    this.errors = errors;
    this.meter = parts.meter;
    this.facts = parts.facts;
    this.server = server;
    this.ahead = options.jobs > 1 ? new ReadAhead() : undefined;
    this.roles = new LoadRoles(server, options.signal);
    const onRefused = (line: number): void => this.tables.refused(line);
    this.runner = new PostgresRunner({ server, signal: options.signal, errors, onRefused });
    this.databases = new DumpDatabases(parts, this.roles, this.runner);
  }

  async begin(): Promise<void> {
    await this.roles.begin(this.facts.isCluster ? [] : this.facts.roles);
  }

  /** @returns a promise to wait for before the next item, or undefined to continue at once. */
  take(item: SqlItem): Promise<void> | undefined {
    if (this.runner.fatal) throw this.runner.fatal;
    if (item.kind === 'data') {
      this.rowBytes += item.bytes.length;
      this.tell(`loading ${this.copy?.written ?? 'a table'}`);
      return this.copy?.write(item.bytes);
    }
    if (item.kind === 'data-end') return this.copy?.end();
    this.parts.note(item.kind);
    if (item.kind === 'copy') return this.beginCopy(item);
    if (item.kind !== 'statement') return undefined;
    const text = item.bytes.toString('latin1', 0, Math.min(item.bytes.length, TEXT_BYTES));
    const kind = item.spool ? LONG : classify(text);
    this.parts.note(item.spool ? 'insert' : partOf(kind.kind, text)); // no other statement is as long
    if (kind.kind === 'insert' && this.mayRunBeside) return this.batches.add('insert', kind.table, item);
    return this.takeOther(item, kind, text);
  }

  /** @returns the restored database. @throws DrillError `backup-truncated` if a transaction is still open. */
  async finish(): Promise<string> {
    await this.settle();
    this.loseTransaction('the end');
    this.parts.warnOfMissing(this.errors);
    for (const [database, tables] of this.tables.list()) this.server.listed.set(database, tables);
    return this.databases.restored();
  }

  async close(): Promise<void> {
    await Promise.all([this.databases.close(), this.roles.close()]);
  }

  /** pg_dumpall names the database for everything that belongs in one; the statements before that are for the cluster. */
  private get needsTarget(): boolean {
    return !this.databases.session.isChosen && !this.isInCluster;
  }

  private get mayRunBeside(): boolean {
    const { session } = this.databases;
    return session.isChosen && !session.isSerial && !session.dataOrderMatters;
  }

  private async takeOther(item: Statement, kind: StatementKind, text: string): Promise<void> {
    await this.roles.provide(item.bytes.toString('utf8', 0, TEXT_BYTES));
    if (this.needsTarget && needsDatabase(kind, text)) await this.chooseDatabase();
    const { session } = this.databases;
    session.dataOrderMatters ||= makesDataOrderMatter(text);
    if (!this.runner.isAfterEnd) this.tables.note(kind, text, { database: session.database, line: item.line });
    if (session.isChosen && !session.isSerial && (await this.takeBeside(item, kind))) return;
    await this.settle();
    if (kind.kind === 'setting' && endsWaitingSessions(text)) return;
    if (kind.kind === 'tablespace') {
      this.errors.warn('tablespaces are left out: everything is stored in the sandbox’s own');
    } else if (kind.kind === 'serverSetting') {
      this.errors.warn('settings of the whole server are left out: they are not data');
    } else if (kind.kind === 'createDatabase') {
      await this.databases.create(kind.database, text, item);
    } else {
      if (mayEndSessions(text)) await this.databases.closeOthers();
      const lane = await session.lanes.main();
      const isDone = await this.runner.attempt(lane, item);
      session.note(kind.kind, isDone, item.line);
      if (kind.kind === 'identity' && isDone && !session.isChosen) this.identities.push(keep(item));
      if (kind.kind === 'setting' && isDone && !session.inTransaction) this.runner.addSetting(item.bytes, lane);
    }
  }

  /** @returns false for statements that must run alone. */
  private async takeBeside(item: Statement, kind: StatementKind): Promise<boolean> {
    const { session } = this.databases;
    if (kind.kind === 'createTable' && kind.isPlainTable) session.freshTables.add(kind.table);
    if (kind.kind === 'createTable' || kind.kind === 'ordinary') await this.batches.add('ordinary', '', item);
    else if (kind.kind === 'build') await this.submitBuild(item, kind);
    else if (kind.kind === 'remark') {
      await this.batches.flush();
      this.remarks.push(keep(item));
    } else return false;
    return true;
  }

  /** Switches to the database of a `\connect`, or stays in the current one. */
  async connect(database: string | undefined, line: number): Promise<void> {
    await this.settle();
    const { session } = this.databases;
    this.loseTransaction(`\\connect at line ${formatCount(line)}`);
    await this.runner.forget([]);
    this.identities.length = 0;
    try {
      await this.databases.switchTo(database ?? session.database);
    } catch (error) {
      if (!isUnknownDatabase(error)) throw error;
      throw unknownDatabase(`line ${formatCount(line)}: the dump connects to database "${database}"`, { cause: error });
    }
  }

  /** Records the position in the file: within a cluster's dump, or past the end of every dump in it. */
  async enter(place: { readonly isInCluster: boolean; readonly isAfterEnd: boolean }): Promise<void> {
    this.isInCluster = place.isInCluster;
    if (place.isAfterEnd === this.runner.isAfterEnd) return;
    await this.settle();
    this.runner.isAfterEnd = place.isAfterEnd;
  }

  private loseTransaction(what: string): void {
    const { session } = this.databases;
    if (!session.inTransaction) return;
    const place = `line ${formatCount(session.transactionLine)}`;
    throw truncated(
      `the transaction that begins at ${place} has no COMMIT before ${what}, so what it holds is lost: the dump is truncated`,
      'The dump or its upload was cut short: look at the job that writes it.',
    );
  }

  /** Earlier settings are carried over: the dump made them for its own database. */
  private async chooseDatabase(): Promise<void> {
    await this.settle();
    await this.databases.useTarget();
    const { session } = this.databases;
    for (const identity of this.identities.splice(0)) {
      const isDone = await this.runner.attempt(await session.lanes.main(), identity);
      session.note('identity', isDone, identity.line);
    }
  }

  private async beginCopy(item: Statement): Promise<void> {
    if (this.needsTarget) await this.chooseDatabase();
    const isAlone = !this.mayRunBeside;
    await (isAlone ? this.settle() : this.batches.flush());
    const { session } = this.databases;
    if (this.hasBuilds) await session.lanes.drain();
    this.copy = new CopyBlock(item, session, this.runner, isAlone, this.ahead);
    this.tell(`loading ${this.copy.written}`);
    await this.copy.begin();
  }

  private async submitBuild(item: Statement, kind: Build): Promise<void> {
    await this.batches.flush();
    this.hasBuilds = true;
    const { lanes, tableBytes } = this.databases.session;
    const kept = keep(item);
    const { tables, shared, method } = kind;
    const bytes = tableBytes.get(tables[0] ?? '') ?? 0;
    const cost = kind.cost * bytes;
    this.builds.total += cost;
    const wait = lanes.submit({
      ...{ tables, shared, cost },
      sizeBytes: kept.bytes.length,
      run: async (lane) => {
        this.builds.done += cost / 2; // counted as half done while it is running
        this.tell(kind.doing, 'index');
        const countBuilds = (): number => lanes.remaining;
        await prepareBuild(lane.client, this.server.options, { method, tableBytes: bytes, countBuilds });
        if ((await this.runner.attemptBeside(lane, kept)) === 'again') this.remarks.push(kept);
        this.builds.done += cost / 2;
        this.tell(`${kind.doing} (${lanes.remaining - 1} left)`, 'index');
      },
    });
    if (wait) await wait;
  }

  /** Inserts run in parallel with what follows; definitions are waited for. */
  private async send({ kind, table, statements, sizeBytes }: Batch<BatchKind>): Promise<void> {
    const { session } = this.databases;
    if (kind === 'ordinary' || this.hasBuilds) await session.lanes.drain();
    if (kind === 'ordinary') return this.runner.runBatch(await session.lanes.main(), statements);
    session.noteData(table, sizeBytes);
    this.tell(`loading ${table}`);
    const wait = session.lanes.submit({
      tables: [table],
      shared: false,
      cost: 0,
      sizeBytes,
      run: (lane) => this.runner.runBatch(lane, statements),
    });
    if (wait) await wait;
  }

  /** Waits for everything so far, since what follows may depend on any of it. */
  private async settle(): Promise<void> {
    await this.batches.flush();
    const { lanes } = this.databases.session;
    await lanes.drain();
    for (const remark of this.remarks.splice(0)) await this.runner.attempt(await lanes.main(), remark);
    if (this.runner.fatal) throw this.runner.fatal;
  }

  private readonly waitingShare = (): number =>
    this.rowBytes > 0 ? Math.min(1, (this.ahead?.waitingBytes ?? 0) / this.rowBytes) : 0;

  private tell(doing: string, phase: LoadPhase = 'load'): void {
    const { total, done } = this.builds;
    const ratio = phase === 'index' && total > 0 ? done / total : undefined;
    this.options.onProgress({ bytesRead: this.meter.bytesRead, doing, ratio, phase, waitingShare: this.waitingShare });
  }
}

function keep(item: Statement): Statement {
  return { ...item, bytes: Buffer.from(item.bytes) };
}

const CLUSTER_WIDE = [
  /^(?:CREATE|ALTER|DROP|COMMENT\s+ON)\s+(?:ROLE|USER|GROUP|DATABASE|TABLESPACE)\b/i,
  /^(?:GRANT|REVOKE)\s+(?!.*\sON\s)/i,
  /^(?:GRANT|REVOKE)\s.*?\sON\s+(?:DATABASE|TABLESPACE|PARAMETER)\b/i,
  /^SECURITY\s+LABEL\s.*?ON\s+(?:ROLE|DATABASE|TABLESPACE)\b/i,
  /^(?:UPDATE|INSERT\s+INTO)\s+pg_catalog\s*\.\s*pg_(?:database|authid|shseclabel|db_role_setting)\b/i,
];

/** Statements for the cluster rather than for a database may come before any `\connect`. */
function needsDatabase(kind: StatementKind, text: string): boolean {
  const CLUSTER_WIDE_KINDS = ['setting', 'serverSetting', 'createDatabase', 'tablespace', 'identity'];
  return !CLUSTER_WIDE_KINDS.includes(kind.kind) && !CLUSTER_WIDE.some((pattern) => pattern.test(text));
}
