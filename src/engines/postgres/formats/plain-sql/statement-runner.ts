import type pg from 'pg';
import type { DrillError } from '../../../../support/errors.ts';
import type { Lane } from '../../../sql-dump/lanes.ts';
import type { LoadErrors } from '../../../sql-dump/load-errors.ts';
import type { LoadFinding } from '../../../whose-fault.ts';
import { fatalError, findingOf } from '../../loading/statement-errors.ts';
import { withoutGrantor } from '../../server/dump-names.ts';
import type { PostgresServer } from '../../server/postgres-server.ts';
import { runRaw, runSpooled } from '../../server/wire.ts';
import type { SqlItem } from './sql-splitter.ts';

export type Statement = Extract<SqlItem, { kind: 'statement' | 'copy' }>;

const SEPARATOR = Buffer.from(';\n');

/** Runs statements on sessions and records failures, going on as psql does; an error that ends the load is kept as `fatal`. */
export class StatementRunner {
  fatal: DrillError | undefined;
  /** The current statements come after the end of every dump in the file: what the server refuses of them is not part of the backup. */
  isAfterEnd = false;
  private readonly server: PostgresServer;
  private readonly signal: AbortSignal;
  private readonly errors: LoadErrors;
  /** The session settings so far, in order: each session applies them before it runs something. */
  private settings: Buffer[] = [];

  constructor(parts: { server: PostgresServer; signal: AbortSignal; errors: LoadErrors }) {
    this.server = parts.server;
    this.signal = parts.signal;
    this.errors = parts.errors;
  }

  /** @param lane has the setting already: it ran there. */
  addSetting(statement: Buffer, lane: Lane<pg.Client>): void {
    this.settings.push(Buffer.from(statement));
    lane.settingsApplied = this.settings.length;
  }

  forgetSettings(): void {
    this.settings = [];
  }

  /** Applies the dump's settings to a session. */
  async follow(lane: Lane<pg.Client>): Promise<void> {
    const missing = this.settings.slice(lane.settingsApplied);
    lane.settingsApplied = this.settings.length;
    if (missing.length > 0) await runRaw(lane.client, ...missing.flatMap((setting) => [setting, SEPARATOR]));
  }

  /** @returns whether it succeeded; a failure is recorded. */
  async attempt(lane: Lane<pg.Client>, item: Statement): Promise<boolean> {
    using spool = item.kind === 'statement' ? item.spool : undefined;
    if (this.fatal) return false;
    try {
      await this.follow(lane);
      await (spool ? runSpooled(lane.client, spool) : runRaw(lane.client, item.bytes));
      return true;
    } catch (error) {
      return (await this.grantAsUs(lane, item, error)) || this.note(error, item);
    }
  }

  /** When a grantor cannot grant here (for example the superuser of another cluster), the harness grants the right instead: only the right itself matters. */
  private async grantAsUs(lane: Lane<pg.Client>, item: Statement, error: unknown): Promise<boolean> {
    const finding = this.findingOf(error, item);
    const rest = finding.kind === 'foreign-grantor' ? withoutGrantor(item.bytes) : undefined;
    if (rest === undefined) return false;
    try {
      await runRaw(lane.client, rest);
    } catch (refusal) {
      return this.note(refusal, { ...item, bytes: rest });
    }
    this.errors.report({ ...finding, text: `${finding.text}: run as the sandbox’s superuser instead` });
    return true;
  }

  /** Runs a statement in parallel with others; a deadlock with them is not the backup's fault, and returns `again`. */
  async attemptBeside(lane: Lane<pg.Client>, item: Statement): Promise<'done' | 'again'> {
    if (this.fatal) return 'done';
    try {
      await this.follow(lane);
      await runRaw(lane.client, item.bytes);
    } catch (error) {
      if ((error as { code?: unknown }).code === DEADLOCK) return 'again';
      await this.note(error, item);
    }
    return 'done';
  }

  /** Runs the statements as one message and so as one transaction; when that fails, one by one, as psql would have run them. */
  async runBatch(lane: Lane<pg.Client>, statements: readonly Statement[]): Promise<void> {
    try {
      await this.follow(lane);
      if (statements.length > 1) {
        await runRaw(lane.client, ...statements.flatMap(({ bytes }) => [bytes, SEPARATOR]));
        return;
      }
    } catch (error) {
      const [first] = statements;
      if (first) this.fatal ??= await fatalError(this.server, error, this.signal, first);
    }
    for (const statement of statements) await this.attempt(lane, statement);
  }

  async note(error: unknown, item: Statement): Promise<false> {
    const fatal = await fatalError(this.server, error, this.signal, item);
    const lack = fatal ?? this.errors.report(this.findingOf(error, item));
    if (lack) this.fatal ??= lack;
    return false;
  }

  private findingOf(error: unknown, item: Statement): LoadFinding {
    const finding = findingOf(error, item.bytes, item.line);
    return this.isAfterEnd ? { kind: 'text-after-end', text: finding.text } : finding;
  }
}

const DEADLOCK = '40P01';
