import type pg from 'pg';
import type { Lane } from '../../../sql-dump/lanes.ts';
import type { ReadAhead } from '../../../sql-dump/read-ahead.ts';
import type { Statement } from '../../../sql-dump/statement.ts';
import { CopyIn } from '../../server/wire.ts';
import type { DumpSession } from './dump-session.ts';
import type { PostgresRunner } from './postgres-runner.ts';
import { tableOfCopy } from './statement-kind.ts';

/** Loads one table's rows: a task that occupies a session from the COPY statement until the rows are stored. */
export class CopyBlock {
  /** The table's name, as the dump writes it. */
  readonly written: string;
  private readonly item: Statement;
  private readonly session: DumpSession;
  private readonly runner: PostgresRunner;
  private readonly isAlone: boolean;
  private readonly ahead: ReadAhead | undefined;
  private readonly key: string;
  private readonly parts: readonly Buffer[];
  private copyIn: CopyIn | undefined;
  private readonly finished = Promise.withResolvers<void>();

  /**
   * @param isAlone the next statement may depend on these rows, so it waits until they are stored.
   * @param ahead how far to read ahead while these rows are stored.
   */
  constructor(
    item: Statement,
    session: DumpSession,
    runner: PostgresRunner,
    isAlone: boolean,
    ahead: ReadAhead | undefined,
  ) {
    const table = tableOfCopy(item.bytes.toString('latin1'));
    this.item = item;
    this.session = session;
    this.runner = runner;
    this.isAlone = isAlone;
    this.ahead = isAlone ? undefined : ahead;
    this.written = table?.written ?? 'a table';
    this.key = table?.key ?? '';
    const isFresh = session.freshTables.delete(this.key) && !isAlone && table?.canFreeze === true;
    this.parts = isFresh ? freezing(item.bytes, this.written) : [item.bytes];
  }

  /** Returns when data may be sent; if the server refuses, that is recorded and the data is skipped. */
  async begin(): Promise<void> {
    const started = Promise.withResolvers<void>();
    const run = async (lane: Lane<pg.Client>): Promise<void> => {
      try {
        await this.runner.follow(lane);
        this.copyIn = new CopyIn(lane.client, this.parts, this.ahead);
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

  /** @returns what to wait for before the next item: nothing, unless these rows must be stored first. */
  end(): Promise<void> | undefined {
    this.copyIn?.end().catch(() => undefined); // recorded by the task
    return this.isAlone ? this.finished.promise : undefined;
  }
}

/**
 * A table that this load created is empty: if truncated in the same transaction, its rows need no WAL (with `wal_level=minimal`) and may be written frozen, so
 * that no later pass rewrites them. Source: PostgreSQL's manual, "Populating a Database" and COPY's FREEZE.
 */
function freezing(statement: Buffer, table: string): Buffer[] {
  return [Buffer.from(`TRUNCATE TABLE ONLY ${table};`, 'latin1'), statement, Buffer.from(' WITH (FREEZE)')];
}
