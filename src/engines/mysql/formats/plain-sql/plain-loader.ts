import type { TransferMeter } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { formatCount } from '../../../../support/quantities.ts';
import type { LoadOptions, LoadPhase } from '../../../engine.ts';
import type { Lane, Lanes } from '../../../sql-dump/lanes.ts';
import { unknownDatabase } from '../../../sql-dump/load-dump.ts';
import type { LoadErrors } from '../../../sql-dump/load-errors.ts';
import { placeOf, type Statement } from '../../../sql-dump/statement.ts';
import { type Batch, StatementBatches } from '../../../sql-dump/statement-batches.ts';
import { goneModesWarning, withoutGoneModes } from '../../loading/gone-modes.ts';
import { LoadDatabases } from '../../loading/load-databases.ts';
import { LoadDefiners } from '../../loading/load-definers.ts';
import { assertEventSchedulerOff } from '../../loading/load-guards.ts';
import { KEEP_WARNINGS, loadLanes } from '../../loading/load-lanes.ts';
import { loadTraitsOf } from '../../loading/load-traits.ts';
import { MysqlRunner } from '../../loading/mysql-runner.ts';
import { skippedStatement } from '../../loading/skipped-statement.ts';
import { encryptionWarning } from '../../loading/table-encryption.ts';
import type { Session } from '../../server/connect.ts';
import type { MysqlServer } from '../../server/mysql-server.ts';
import { quoteName } from '../../server/quoting.ts';
import { meaningOfCommand } from '../../sql/client-commands.ts';
import type { SqlItem } from '../../sql/sql-splitter.ts';
import type { StatementKind } from '../../sql/statement-kind.ts';
import { CreatedTables } from './created-tables.ts';
import { DumpState } from './dump-state.ts';
import { StatedRows } from './stated-rows.ts';

export interface LoaderParts {
  readonly server: MysqlServer;
  readonly options: LoadOptions;
  readonly errors: LoadErrors;
  readonly meter: TransferMeter;
  /** The database named in the backup's header. */
  readonly own: string | undefined;
  /** Written by a dump tool, which gives every column of a row: then the order of a table's rows does not matter. */
  readonly isToolMade: boolean;
}

/** `any`: in parallel with other rows, on any session; `one`: on the one session, in order. */
type RowOrder = 'any' | 'one';

/** Settings are repeated for every table: at this number, all sessions are brought up to date and the list is cleared. */
const SETTINGS_KEPT = 300;
const NO_DATABASE = new Set<StatementKind['kind']>([
  ...(['setting', 'autocommit', 'globalSetting', 'use', 'lock', 'unlock', 'createDatabase', 'dropDatabase'] as const),
  ...([
    'plugin',
    'server',
    'replication',
    'gtid',
    'begin',
    'commit',
    'rollback',
    'flushPrivileges',
    'account',
  ] as const),
]);

/**
 * Runs a dump's statements in order wherever order matters, and in parallel where it does not, which is for rows. Statements that
 * it does not recognise run alone, in order.
 */
export class PlainLoader {
  private readonly parts: LoaderParts;
  private readonly runner: MysqlRunner;
  private readonly definers: LoadDefiners;
  private readonly databases: LoadDatabases;
  private readonly lanes: Lanes<Session>;
  private readonly state: DumpState;
  private readonly statedRows = new StatedRows();
  private readonly tables = new CreatedTables();
  private readonly batches = new StatementBatches<RowOrder>((batch) => this.send(batch));

  constructor(parts: LoaderParts) {
    const { server, options, errors, own } = parts;
    this.parts = parts;
    this.runner = new MysqlRunner({ server, signal: options.signal, errors });
    this.definers = new LoadDefiners(server, options.signal);
    this.databases = new LoadDatabases(server, options, own);
    this.state = new DumpState(parts.isToolMade, loadTraitsOf(server.flavor).accountTables);
    this.lanes = loadLanes(server, options.jobs, options.signal);
  }

  /** Opens all sessions before the dump is run, so that it cannot revoke their rights. */
  async begin(): Promise<void> {
    await this.definers.begin();
    await this.lanes.openAll();
  }

  warn(text: string): void {
    this.parts.errors.warn(text);
  }

  /** @returns a promise to wait for before the next item, or undefined to continue at once. */
  take(item: Statement, kind: StatementKind): Promise<void> | undefined {
    if (this.runner.fatal) throw this.runner.fatal;
    if (item.spool) return this.takeAlone(item, kind).finally(() => item.spool?.[Symbol.dispose]());
    const order = kind.kind === 'insert' ? this.state.orderOf(kind) : undefined;
    if (kind.kind === 'insert' && order !== undefined && order !== 'alone')
      return this.addToBatch(order === 'any' ? 'any' : 'one', this.state.keyOf(kind.table), item);
    return this.takeAlone(item, kind);
  }

  /** Processes a client command: one that changes only its display is skipped, any other ends the load. */
  takeCommand({ text, line, isWithin }: Extract<SqlItem, { kind: 'client' }>): undefined {
    const meaning = meaningOfCommand(text);
    if (!isWithin && meaning === 'passed-over') {
      this.parts.errors.report({
        kind: 'refused',
        text: `line ${formatCount(line)}: DELIMITER without a delimiter, which clients refuse: the previous one stays in effect`,
      });
      return undefined;
    }
    if (isWithin || meaning !== 'harmless') throw clientCommand(text, line, isWithin || meaning !== 'refused');
    this.warn(`line ${line}: the client command ${nameOf(text)} is left out`);
    return undefined;
  }

  /** Processes a comment between statements. */
  noteComment(text: string, line: number): void {
    this.statedRows.note(text, this.state.currentDatabase, line);
  }

  /** From here on each statement may depend on what the same session did before. */
  goSerial(): void {
    this.state.goSerial();
  }

  /** @returns the database that was restored. */
  async finish(): Promise<string> {
    await this.settle();
    await this.statedRows.check((await this.lanes.main()).client, this.parts.errors);
    await this.takeOverAccounts();
    if (this.parts.server.loaded.size === 0) await this.databases.makeTarget();
    this.parts.server.listed = this.tables.list();
    await this.definers.finish(this.parts.errors);
    await assertEventSchedulerOff(this.parts.server, this.parts.options.signal);
    return this.databases.restored();
  }

  async close(): Promise<void> {
    await Promise.all(this.lanes.release().map((lane) => lane.client.close()));
  }

  private async takeAlone(given: Statement, kind: StatementKind): Promise<void> {
    const { server } = this.parts;
    const text = given.bytes.toString('utf8', 0, 16_384);
    const warning = skippedStatement(kind, text);
    if (warning !== undefined) {
      if (warning !== '') this.parts.errors.warn(warning);
      return;
    }
    if (kind.kind === 'plugin') return this.runner.notePlugins(await this.lanes.main(), given);
    const changed = withoutGoneModes(given.bytes, server);
    if (changed) this.parts.errors.warn(goneModesWarning(changed.gone, server));
    const unencrypted = encryptionWarning(kind, text);
    if (unencrypted) this.parts.errors.warn(unencrypted);
    const item = changed ? { ...given, bytes: changed.bytes } : given;
    if (this.state.isNeedless(kind)) return;
    await this.settle();
    if (!this.state.hasDatabase && !NO_DATABASE.has(kind.kind) && !namesDatabase(kind)) await this.chooseDatabase();
    if (kind.kind === 'flushPrivileges') {
      this.state.hasAccounts = true;
      return this.takeOverAccounts();
    }
    if (kind.kind === 'use') await this.takeOverAccounts();
    await this.definers.provide(text);
    if (kind.kind === 'account') await this.definers.release(text);
    const lane = await this.lanes.main();
    this.tell(doingOf(kind), kind.kind === 'keys' ? 'index' : 'load');
    const isDone = await this.runner.attempt(lane, item);
    this.state.note(kind, text, isDone);
    if (!isDone) {
      if (kind.kind === 'use') throw unknownDatabase(`${placeOf(item)}: the dump uses database ${kind.database}`);
      return;
    }
    this.tables.note(kind, text, this.state.currentDatabase);
    if (this.state.isInSystemDatabase(kind)) server.hasSystemTables = true;
    if (kind.kind === 'account' || server.hasSystemTables) server.hasSystemData = true;
    if (kind.kind === 'use' || kind.kind === 'createDatabase') this.databases.note(kind.database);
    if (kind.kind === 'dropDatabase') this.databases.forget(kind.database);
    if ((kind.kind === 'use' || kind.kind === 'setting') && !this.runner.fatal) await this.addSetting(item.bytes, lane);
    if (kind.kind === 'setting' && /max_error_count/i.test(text)) await this.keepWarnings(lane);
  }

  private async addSetting(bytes: Buffer, lane: Lane<Session>): Promise<void> {
    this.runner.addSetting(bytes, lane);
    if (this.runner.settingCount > SETTINGS_KEPT) await this.runner.forget(this.lanes.lanes);
  }

  private async keepWarnings(lane: Lane<Session>): Promise<void> {
    await lane.client.execute(KEEP_WARNINGS);
    this.runner.addSetting(Buffer.from(KEEP_WARNINGS), lane);
  }

  private async chooseDatabase(): Promise<void> {
    const name = await this.databases.makeTarget();
    const use = Buffer.from(`USE ${quoteName(name)}`);
    const lane = await this.lanes.main();
    await this.runner.follow(lane);
    await lane.client.query(use);
    this.state.enter(name);
    this.runner.addSetting(use, lane);
  }

  /** Puts the dump's accounts into force, with the harness's own account among them. */
  private async takeOverAccounts(): Promise<void> {
    if (!this.state.hasAccounts) return;
    this.state.hasAccounts = false;
    const { server } = this.parts;
    const flush = { bytes: Buffer.from('FLUSH PRIVILEGES'), line: 0 };
    if (await this.runner.attempt(await this.lanes.main(), flush)) await server.restoreAccount();
    await this.definers.begin();
  }

  private addToBatch(order: RowOrder, table: string, item: Statement): Promise<void> | undefined {
    if (this.state.hasDatabase) return this.batches.add(order, table, item);
    return this.chooseDatabase().then(() => this.batches.add(order, table, item));
  }

  /** Sends the collected rows; they run in parallel with what follows. */
  private send({ kind, table, statements, sizeBytes }: Batch<RowOrder>): Promise<void> | undefined {
    this.tell(`loading ${table}`);
    const run = (lane: Lane<Session>): Promise<void> => this.runner.runBatch(lane, statements);
    if (kind === 'any') return this.lanes.submit({ tables: [table], shared: true, cost: 0, sizeBytes, run });
    return this.lanes.drain().then(async () => run(await this.lanes.main()));
  }

  /** Waits for everything so far: what follows may depend on any of it. */
  private async settle(): Promise<void> {
    await this.batches.flush();
    await this.lanes.drain();
    if (this.runner.fatal) throw this.runner.fatal;
  }

  private tell(doing: string, phase: LoadPhase = 'load'): void {
    this.parts.options.onProgress({ bytesRead: this.parts.meter.bytesRead, doing, ratio: undefined, phase });
  }
}

function namesDatabase(kind: StatementKind): boolean {
  if ('table' in kind) return kind.table.database !== undefined;
  return kind.kind === 'view' && kind.view.database !== undefined;
}

function doingOf(kind: StatementKind): string {
  if (kind.kind === 'insert') return `loading ${kind.table.table}`;
  if (kind.kind === 'keys') return `creating indexes of ${kind.table.table}`;
  if (kind.kind === 'view') return 'creating views';
  if (kind.kind === 'trigger' || kind.kind === 'routine' || kind.kind === 'event') return 'creating routines';
  return 'creating tables';
}

function nameOf(command: string): string {
  return toPrintable(/^\\./.exec(command)?.[0] ?? command.split(/\s/)[0] ?? '', 40);
}

/** @param isDamage whether the client rejects it as well. */
function clientCommand(text: string, line: number, isDamage: boolean): DrillError {
  const name = nameOf(text);
  if (isDamage) {
    return new DrillError('restore-failed', `line ${line} holds ${name} where no dump has a backslash or a command`, {
      hint: 'Clients take it for a command and stop or lose a statement: compare the backup with what the dump tool wrote.',
    });
  }
  return new DrillError(
    'format-unsupported',
    `line ${line} holds the client command ${name}, which no dump tool writes and Firedrill does not run`,
    {
      hint: 'Such commands can run programs and read files, so they are refused: remove them, or dump with mysqldump.',
    },
  );
}
