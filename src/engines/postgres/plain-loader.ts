import type { TransferMeter } from '../../backup/content.ts';
import { DrillError } from '../../support/errors.ts';
import type { LoadOptions } from '../engine.ts';
import type { LoadErrors } from '../load-errors.ts';
import { type Lane, Lanes } from './lanes.ts';
import { LoadRoles } from './load-roles.ts';
import { databaseOfConnect, type PlainFacts } from './plain-facts.ts';
import type { PostgresServer } from './postgres-server.ts';
import type { SqlItem } from './sql-splitter.ts';
import { fatalError, statementError, toleratedError } from './statement-errors.ts';
import { classify, makesDataOrderMatter, type StatementKind, tableOfCopy } from './statement-kind.ts';
import { createTargetDatabase } from './target-database.ts';
import { CopyIn, runRaw } from './wire.ts';

type Statement = Extract<SqlItem, { kind: 'statement' | 'copy' }>;

interface Batch {
  readonly kind: 'insert' | 'ordinary';
  readonly table: string;
  readonly statements: Statement[];
  sizeBytes: number;
}

const BATCH_BYTES = 256 * 1024;
const BATCH_STATEMENTS = 500;
const DEFAULT_DATABASE = 'restored';
const SYSTEM_DATABASES = new Set(['postgres', 'template0', 'template1']);
const SEPARATOR = Buffer.from(';\n');

/**
 * Runs a dump's statements in the order in which they stand wherever that matters, and beside each other where it does not: rows of different
 * tables, and after them indexes and keys of different tables. What it does not know runs alone, in its place.
 */
export class PlainLoader {
  private readonly server: PostgresServer;
  private readonly facts: PlainFacts;
  private readonly options: LoadOptions;
  private readonly errors: LoadErrors;
  private readonly meter: TransferMeter;
  private lanes: Lanes;
  private readonly roles: LoadRoles;
  /** The session settings so far, in order: each lane follows before it runs something. */
  private settings: Buffer[] = [];
  private database = 'postgres';
  /** Chosen by `\connect`, or made when the first object comes that has to be in one. */
  private hasDatabase = false;
  private batch: Batch | undefined;
  private remarks: Statement[] = [];
  private copy: CopyIn | undefined;
  private readonly tableBytes = new Map<string, number>();
  private loadingTable = '';
  /** Made by this load and still empty: nobody else can see them, and they may be emptied again without loss. */
  private readonly freshTables = new Set<string>();
  /** Everything in order on one session: within a transaction of the dump, or since it took on a role. */
  private inTransaction = false;
  private hasIdentity = false;
  private dataOrderMatters = false;
  private fatal: DrillError | undefined;

  constructor(parts: {
    server: PostgresServer;
    facts: PlainFacts;
    options: LoadOptions;
    errors: LoadErrors;
    meter: TransferMeter;
  }) {
    this.server = parts.server;
    this.facts = parts.facts;
    this.options = parts.options;
    this.errors = parts.errors;
    this.meter = parts.meter;
    this.lanes = this.newLanes();
    this.roles = new LoadRoles(parts.server, parts.options.signal);
  }

  async begin(): Promise<void> {
    await this.roles.begin(this.facts.isCluster ? [] : this.facts.roles);
  }

  warn(text: string): void {
    this.errors.warn(text);
  }

  /** @returns a promise to wait for before the next item, or undefined to go on at once. */
  take(item: SqlItem): Promise<void> | undefined {
    if (this.fatal) throw this.fatal;
    if (item.kind === 'data') return this.takeData(item.bytes);
    if (item.kind === 'data-end') return this.endCopy();
    if (item.kind === 'copy') return this.beginCopy(item);
    if (item.kind === 'meta') return this.takeMeta(item.text, item.line);
    if (item.kind === 'statement') return this.takeStatement(item);
    return undefined;
  }

  /** @returns the database that was restored. */
  async finish(): Promise<string> {
    await this.settle();
    const wanted = this.options.database;
    const [only] = [...this.server.loaded].filter((name) => !SYSTEM_DATABASES.has(name));
    if (wanted !== undefined && !this.server.loaded.has(wanted)) {
      const held = [...this.server.loaded].join(', ') || 'none';
      throw new DrillError('restore-failed', `the dump holds no database ${wanted}; it holds ${held}`, {
        hint: 'Set `engine.database` to the name that the dump gives, or leave it out.',
      });
    }
    return wanted ?? only ?? 'postgres';
  }

  async close(): Promise<void> {
    await Promise.all([
      ...this.lanes.release().map((lane) => this.server.closeSession(lane.client)),
      this.roles.close(),
    ]);
  }

  private takeStatement(item: Statement): Promise<void> | undefined {
    const text = item.bytes.toString('latin1', 0, Math.min(item.bytes.length, 4096));
    const kind = classify(text);
    if (kind.kind === 'insert' && this.hasDatabase && !this.isSerial && !this.dataOrderMatters)
      return this.addToBatch('insert', kind.table, item);
    return this.takeOther(item, kind, text);
  }

  private async takeOther(item: Statement, kind: StatementKind, text: string): Promise<void> {
    if (text.length < 4096) await this.roles.provide(item.bytes.toString('utf8'));
    this.dataOrderMatters ||= makesDataOrderMatter(text);
    if (!this.hasDatabase && needsDatabase(kind, text)) await this.useTargetDatabase();
    if (kind.kind === 'build' && !this.isSerial) return this.submitBuild(item, kind);
    if (kind.kind === 'remark' && !this.isSerial) {
      await this.flush();
      this.remarks.push(keep(item));
      return;
    }
    if (kind.kind === 'createTable' && kind.isPlainTable && !this.inTransaction) this.freshTables.add(kind.table);
    const isOrdinary = kind.kind === 'ordinary' || kind.kind === 'createTable';
    if (isOrdinary && this.hasDatabase && !this.isSerial) return this.addToBatch('ordinary', '', item);
    await this.settle();
    if (kind.kind === 'tablespace')
      return this.errors.warn('tablespaces are left out: everything lies in the sandbox’s own');
    if (kind.kind === 'createDatabase') return this.createDatabase(kind.database, text);
    const done = await this.runAlone(item);
    if (kind.kind === 'begin') this.inTransaction = done;
    if (kind.kind === 'commit') this.inTransaction = false;
    if (kind.kind === 'identity') this.hasIdentity = true;
    if (kind.kind === 'setting' && done) await this.addSetting(item);
  }

  private get isSerial(): boolean {
    return this.inTransaction || this.hasIdentity;
  }

  private async addSetting(item: Statement): Promise<void> {
    if (this.inTransaction) return;
    this.settings.push(Buffer.from(item.bytes));
    (await this.lanes.main()).settingsApplied = this.settings.length;
  }

  private async createDatabase(quoted: string, statement: string): Promise<void> {
    const name = quoted.startsWith('"') ? quoted.slice(1, -1).replaceAll('""', '"') : quoted.toLowerCase();
    await this.roles.withAdmin((admin) =>
      createTargetDatabase(admin, Buffer.from(name, 'latin1').toString('utf8'), statement, this.errors),
    );
  }

  private async useTargetDatabase(): Promise<void> {
    const name = this.options.database ?? this.facts.database ?? DEFAULT_DATABASE;
    await this.settle();
    await this.roles.withAdmin((admin) => createTargetDatabase(admin, name, undefined, this.errors));
    await this.switchTo(name, this.settings);
  }

  private async takeMeta(command: string, line: number): Promise<void> {
    if (/^\\(?:un)?restrict\b/.test(command)) return;
    const database = databaseOfConnect(command);
    if (database === undefined) {
      throw new DrillError(
        'restore-failed',
        `line ${line} holds the psql command ${command.split(/\s/)[0]}, which pg_dump never writes`,
        {
          hint: 'Such commands can run programs, so they are refused: take them out, or dump with pg_dump.',
        },
      );
    }
    await this.settle();
    await this.switchTo(database, []);
  }

  /** A new session has none of the old one's settings, unless they are carried over. */
  private async switchTo(database: string, settings: Buffer[]): Promise<void> {
    await Promise.all(this.lanes.release().map((lane) => this.server.closeSession(lane.client)));
    this.database = database;
    this.hasDatabase = true;
    this.inTransaction = false;
    this.hasIdentity = false;
    this.dataOrderMatters = false;
    this.freshTables.clear();
    this.tableBytes.clear();
    this.settings = [...settings];
    this.lanes = this.newLanes();
    this.server.loaded.add(database);
    await this.lanes.main();
  }

  private newLanes(): Lanes {
    const { server, options } = this;
    const open = async (): Promise<Lane> => ({
      client: await server.openSession(this.database, options.signal),
      settingsApplied: 0,
    });
    return new Lanes(Math.max(1, options.jobs), open);
  }

  private async beginCopy(item: Statement): Promise<void> {
    const text = item.bytes.toString('latin1');
    const table = tableOfCopy(text);
    this.loadingTable = table?.written ?? 'a table';
    const isAlone = this.isSerial || this.dataOrderMatters || !table;
    await (isAlone ? this.settle() : this.flush());
    if (!this.hasDatabase) await this.useTargetDatabase();
    if (!isAlone && this.lanes.remaining > 0 && this.hasBuilds) await this.lanes.drain();
    const isFresh = !isAlone && table.canFreeze && this.freshTables.delete(table.key);
    const parts = isFresh ? freezing(item.bytes, table.written) : [item.bytes];
    const started = Promise.withResolvers<CopyIn>();
    const run = async (lane: Lane): Promise<void> => {
      try {
        await this.follow(lane);
        const copy = new CopyIn(lane.client, parts);
        started.resolve(copy);
        await copy.done;
      } catch (error) {
        started.reject(error);
        await this.note(error, item);
      }
    };
    const wait = this.lanes.submit({ tables: [table?.key ?? ''], shared: false, cost: 0, sizeBytes: 0, run });
    if (wait) await wait;
    this.copy = await Promise.race([started.promise, this.lanes.failed]).catch(() => undefined); // noted by the task
    if (table) this.tableBytes.set(table.key, this.tableBytes.get(table.key) ?? 0);
    this.currentKey = table?.key ?? '';
    this.tell(`loading ${this.loadingTable}`);
  }

  private currentKey = '';
  private hasBuilds = false;

  private takeData(bytes: Buffer): Promise<void> | undefined {
    this.tableBytes.set(this.currentKey, (this.tableBytes.get(this.currentKey) ?? 0) + bytes.length);
    this.tell(`loading ${this.loadingTable}`);
    return this.copy?.write(bytes);
  }

  private endCopy(): Promise<void> | undefined {
    const done = this.copy?.end();
    this.copy = undefined;
    return this.isSerial || this.dataOrderMatters ? done?.catch(() => undefined) : undefined; // noted by the task
  }

  private async submitBuild(item: Statement, kind: Extract<StatementKind, { kind: 'build' }>): Promise<void> {
    await this.flush();
    this.hasBuilds = true;
    const kept = keep(item);
    const sizeBytes = this.tableBytes.get(kind.tables[0] ?? '') ?? 0;
    const wait = this.lanes.submit({
      tables: kind.tables,
      shared: kind.shared,
      cost: kind.cost * sizeBytes,
      sizeBytes: kept.bytes.length,
      run: async (lane) => {
        this.tell(kind.doing);
        await this.attempt(lane, kept);
        this.tell(`${kind.doing} (${this.lanes.remaining - 1} left)`);
      },
    });
    if (wait) await wait;
  }

  private addToBatch(kind: Batch['kind'], table: string, item: Statement): Promise<void> | undefined {
    if (this.batch && (this.batch.kind !== kind || this.batch.table !== table)) {
      return this.flush().then(() => this.addToBatch(kind, table, item));
    }
    this.batch ??= { kind, table, statements: [], sizeBytes: 0 };
    this.batch.statements.push(item);
    this.batch.sizeBytes += item.bytes.length;
    const isFull = this.batch.sizeBytes >= BATCH_BYTES || this.batch.statements.length >= BATCH_STATEMENTS;
    return isFull ? this.flush() : undefined;
  }

  /** Sends off the statements that were collected; inserts go on beside what follows, definitions are waited for. */
  private async flush(): Promise<void> {
    const { batch } = this;
    this.batch = undefined;
    if (!batch) return;
    if (batch.kind === 'ordinary') {
      await this.lanes.drain();
      await this.runBatch(await this.lanes.main(), batch);
      return;
    }
    this.loadingTable = batch.table;
    this.tableBytes.set(batch.table, (this.tableBytes.get(batch.table) ?? 0) + batch.sizeBytes);
    this.freshTables.delete(batch.table);
    this.tell(`loading ${batch.table}`);
    const run = (lane: Lane): Promise<void> => this.runBatch(lane, batch);
    const wait = this.lanes.submit({ tables: [batch.table], shared: false, cost: 0, sizeBytes: batch.sizeBytes, run });
    if (wait) await wait;
  }

  /** Everything so far is done when this returns: what follows may depend on any of it. */
  private async settle(): Promise<void> {
    await this.flush();
    await this.lanes.drain();
    const remarks = this.remarks.splice(0);
    for (const remark of remarks) await this.attempt(await this.lanes.main(), remark);
    if (this.fatal) throw this.fatal;
  }

  /** As one message and so as one transaction; when that fails, one by one, as psql would have run them. */
  private async runBatch(lane: Lane, { statements }: Batch): Promise<void> {
    try {
      await this.follow(lane);
      if (statements.length > 1)
        return await runRaw(lane.client, ...statements.flatMap(({ bytes }) => [bytes, SEPARATOR]));
    } catch (error) {
      const lost = await fatalError(this.server, error, this.options.signal);
      if (lost) {
        this.fatal ??= lost;
        return;
      }
    }
    for (const statement of statements) await this.attempt(lane, statement);
  }

  private async runAlone(item: Statement): Promise<boolean> {
    return this.attempt(await this.lanes.main(), item);
  }

  /** @returns whether it went well; what did not is noted. */
  private async attempt(lane: Lane, item: Statement): Promise<boolean> {
    if (this.fatal) return false;
    try {
      await this.follow(lane);
      await runRaw(lane.client, item.bytes);
      return true;
    } catch (error) {
      return this.note(error, item);
    }
  }

  private async note(error: unknown, item: Statement): Promise<false> {
    const lost = await fatalError(this.server, error, this.options.signal);
    const tolerated = toleratedError(error, item.bytes, this.roles);
    if (lost) this.fatal ??= lost;
    else if (tolerated) this.errors.warn(tolerated);
    else this.errors.add(statementError(error, item.bytes, item.line));
    return false;
  }

  private async follow(lane: Lane): Promise<void> {
    const missing = this.settings.slice(lane.settingsApplied);
    lane.settingsApplied = this.settings.length;
    if (missing.length > 0) await runRaw(lane.client, ...missing.flatMap((setting) => [setting, SEPARATOR]));
  }

  private tell(doing: string): void {
    this.options.onProgress({ bytesRead: this.meter.bytesRead, doing, ratio: undefined });
  }
}

function keep(item: Statement): Statement {
  return { ...item, bytes: Buffer.from(item.bytes) };
}

/** What goes to the cluster rather than into a database may come before any `\connect`. */
function needsDatabase(kind: StatementKind, text: string): boolean {
  if (['setting', 'createDatabase', 'tablespace', 'identity', 'begin', 'commit'].includes(kind.kind)) return false;
  return !/^(?:(?:CREATE|ALTER|DROP|COMMENT\s+ON)\s+(?:ROLE|USER|GROUP|DATABASE)\b|(?:GRANT|REVOKE)\s+(?!.*\sON\s))/i.test(
    text,
  );
}

/**
 * A table that this load made holds nothing: emptied in the same transaction, its rows need no WAL (with `wal_level=minimal`) and may be written frozen,
 * so that nothing has to touch them again. Source: PostgreSQL's manual, "Populating a Database" and COPY's FREEZE.
 */
function freezing(statement: Buffer, table: string): Buffer[] {
  return [Buffer.from(`TRUNCATE TABLE ONLY ${table};`, 'latin1'), statement, Buffer.from(' WITH (FREEZE)')];
}
