import type pg from 'pg';
import type { Lane } from '../lanes.ts';
import type { DumpSession } from './dump-session.ts';
import { tableOfCopy } from './statement-kind.ts';
import type { Statement, StatementRunner } from './statement-runner.ts';
import { CopyIn } from './wire.ts';

/** The rows of one table on their way in: a task that holds a session from the COPY statement until its rows are there. */
export class CopyBlock {
  /** The table, as the dump writes it. */
  readonly written: string;
  private readonly item: Statement;
  private readonly session: DumpSession;
  private readonly runner: StatementRunner;
  private readonly isAlone: boolean;
  private readonly key: string;
  private readonly parts: readonly Buffer[];
  private copyIn: CopyIn | undefined;
  private readonly finished = Promise.withResolvers<void>();

  /** @param isAlone the next statement may depend on these rows, so the end is waited for. */
  constructor(item: Statement, session: DumpSession, runner: StatementRunner, isAlone: boolean) {
    const table = tableOfCopy(item.bytes.toString('latin1'));
    this.item = item;
    this.session = session;
    this.runner = runner;
    this.isAlone = isAlone;
    this.written = table?.written ?? 'a table';
    this.key = table?.key ?? '';
    const isFresh = session.freshTables.delete(this.key) && !isAlone && table?.canFreeze === true;
    this.parts = isFresh ? freezing(item.bytes, this.written) : [item.bytes];
  }

  /** Returns when data may come; a refusal is noted, and its data then read over. */
  async begin(): Promise<void> {
    const started = Promise.withResolvers<void>();
    const run = async (lane: Lane<pg.Client>): Promise<void> => {
      try {
        await this.runner.follow(lane);
        this.copyIn = new CopyIn(lane.client, this.parts);
        started.resolve();
        await this.copyIn.done;
      } catch (error) {
        await this.runner.note(error, this.item);
      } finally {
        started.resolve();
        this.finished.resolve();
      }
    };
    const { lanes } = this.session;
    if (this.isAlone) void run(await lanes.main());
    else await lanes.submit({ tables: [this.key], shared: false, cost: 0, sizeBytes: 0, run });
    await Promise.race([started.promise, lanes.failed]);
  }

  write(bytes: Buffer): Promise<void> | undefined {
    this.session.noteData(this.key, bytes.length);
    return this.copyIn?.write(bytes);
  }

  /** @returns what to wait for before the next item: nothing, unless these rows have to be there first. */
  end(): Promise<void> | undefined {
    this.copyIn?.end().catch(() => undefined); // noted by the task
    return this.isAlone ? this.finished.promise : undefined;
  }
}

/**
 * A table that this load made holds nothing: emptied in the same transaction, its rows need no WAL (with `wal_level=minimal`) and may be written frozen,
 * so that nothing has to touch them again. Source: PostgreSQL's manual, "Populating a Database" and COPY's FREEZE.
 */
function freezing(statement: Buffer, table: string): Buffer[] {
  return [Buffer.from(`TRUNCATE TABLE ONLY ${table};`, 'latin1'), statement, Buffer.from(' WITH (FREEZE)')];
}
