import type { DrillError } from '../../support/errors.ts';
import type { LoadFinding } from '../whose-fault.ts';
import type { Lane } from './lanes.ts';
import type { LoadErrors } from './load-errors.ts';
import type { Statement } from './statement.ts';

/** How often a statement is sent that fails only because of concurrent ones. Each deadlock lets at least one of the others through. */
export const MAX_TRIES = 20;

/**
 * Runs statements on sessions and records failures, continuing like a client that does not stop at errors; an error that ends the load is stored in `fatal`. A
 * dialect sends the statements and knows what its server's errors mean.
 */
export abstract class StatementRunner<Session> {
  fatal: DrillError | undefined;
  protected readonly signal: AbortSignal;
  protected readonly errors: LoadErrors;
  /**
   * The dump's session settings so far, in order: each session applies them before it runs anything. The first ones may have been dropped, see {@link forget}.
   */
  private settings: Buffer[] = [];
  private forgotten = 0;

  constructor({ signal, errors }: { readonly signal: AbortSignal; readonly errors: LoadErrors }) {
    this.signal = signal;
    this.errors = errors;
  }

  /** @param lane already has the setting, which was run there. */
  addSetting(statement: Buffer, lane: Lane<Session>): void {
    this.settings.push(Buffer.from(statement));
    lane.settingsApplied = this.forgotten + this.settings.length;
  }

  get settingCount(): number {
    return this.settings.length;
  }

  /** Brings all sessions of the load up to date, so that the settings so far are no longer needed. */
  async forget(lanes: readonly Lane<Session>[]): Promise<void> {
    for (const lane of lanes) await this.follow(lane);
    this.forgotten += this.settings.length;
    this.settings = [];
  }

  /** Applies the dump's settings to a session. */
  async follow(lane: Lane<Session>): Promise<void> {
    const missing = this.settings.slice(Math.max(0, lane.settingsApplied - this.forgotten));
    lane.settingsApplied = this.forgotten + this.settings.length;
    if (missing.length > 0) await this.apply(lane.client, missing);
  }

  /** @returns whether it succeeded; a failure is recorded. */
  async attempt(lane: Lane<Session>, statement: Statement): Promise<boolean> {
    using _spool = statement.spool;
    for (let tries = 1; !this.fatal; tries += 1) {
      try {
        await this.follow(lane);
        await this.run(lane.client, statement);
        return true;
      } catch (error) {
        if (tries < MAX_TRIES && this.isWorthAnotherTry(error)) continue;
        return await this.recover(lane, statement, error);
      }
    }
    return false;
  }

  /** Runs a statement in parallel with others. @returns `again` if it failed only because of them, as in a deadlock. */
  async attemptBeside(lane: Lane<Session>, statement: Statement): Promise<'done' | 'again'> {
    if (this.fatal) return 'done';
    try {
      await this.follow(lane);
      await this.run(lane.client, statement);
    } catch (error) {
      if (this.isWorthAnotherTry(error)) return 'again';
      await this.note(error, statement);
    }
    return 'done';
  }

  /** Runs the statements as one transaction; if it fails, one by one, as a client would have run them. */
  abstract runBatch(lane: Lane<Session>, statements: readonly Statement[]): Promise<void>;

  /** Records why a statement failed. */
  async note(error: unknown, statement: Statement): Promise<false> {
    const fatal = await this.fatalError(error, statement);
    if (fatal) this.fatal ??= fatal;
    else await this.noteFinding(this.findingOf(error, statement), statement);
    return false;
  }

  protected report(finding: LoadFinding): void {
    this.fatal ??= this.errors.report(finding);
  }

  protected abstract apply(session: Session, settings: readonly Buffer[]): Promise<void>;

  /** Sends one statement, from its spool if it has one. */
  protected abstract run(session: Session, statement: Statement): Promise<void>;

  /** Whether parallel loading caused the error, not the backup. */
  protected abstract isWorthAnotherTry(error: unknown): boolean;

  /** @returns the error that ends the load if the failure is more than a refused statement. */
  protected abstract fatalError(error: unknown, statement: Statement): Promise<DrillError | undefined>;

  protected abstract findingOf(error: unknown, statement: Statement): LoadFinding;

  /** Called if a statement that ran alone failed. @returns whether another way succeeded; if not, the failure is recorded. */
  protected recover(_lane: Lane<Session>, statement: Statement, error: unknown): Promise<boolean> {
    return this.note(error, statement);
  }

  protected async noteFinding(finding: LoadFinding, _statement: Statement): Promise<void> {
    this.report(finding);
  }
}
