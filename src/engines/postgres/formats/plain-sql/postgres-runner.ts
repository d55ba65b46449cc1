import type pg from 'pg';
import type { DrillError } from '../../../../support/errors.ts';
import type { Lane } from '../../../sql-dump/lanes.ts';
import type { LoadErrors } from '../../../sql-dump/load-errors.ts';
import type { Statement } from '../../../sql-dump/statement.ts';
import { StatementRunner } from '../../../sql-dump/statement-runner.ts';
import type { LoadFinding } from '../../../whose-fault.ts';
import { fatalError, findingOf, isDeadlock } from '../../loading/statement-errors.ts';
import { withoutGrantor } from '../../server/dump-names.ts';
import type { PostgresServer } from '../../server/postgres-server.ts';
import { runRaw, runSpooled } from '../../server/wire.ts';

type LoadLane = Lane<pg.Client>;

const SEPARATOR = Buffer.from(';\n');

/** Runs statements as psql does. */
export class PostgresRunner extends StatementRunner<pg.Client> {
  /** The current statements come after the end of every dump in the file: if the server refuses one of them, it is not part of the backup. */
  isAfterEnd = false;
  private readonly server: PostgresServer;
  private readonly onRefused: (line: number) => void;

  /** @param parts.onRefused called with the position of each statement that the server refused. */
  constructor(parts: {
    server: PostgresServer;
    signal: AbortSignal;
    errors: LoadErrors;
    onRefused: (line: number) => void;
  }) {
    super(parts);
    this.server = parts.server;
    this.onRefused = parts.onRefused;
  }

  /** Sends the statements as one message, and therefore as one transaction. */
  async runBatch(lane: LoadLane, statements: readonly Statement[]): Promise<void> {
    try {
      await this.follow(lane);
      if (statements.length > 1) return await runRaw(lane.client, ...statements.flatMap(withSeparator));
    } catch (error) {
      const [first] = statements;
      if (first) this.fatal ??= await this.fatalError(error, first);
    }
    for (const statement of statements) await this.attempt(lane, statement);
  }

  protected apply(client: pg.Client, settings: readonly Buffer[]): Promise<void> {
    return runRaw(client, ...settings.flatMap((bytes) => withSeparator({ bytes })));
  }

  protected run(client: pg.Client, { bytes, spool }: Statement): Promise<void> {
    return spool ? runSpooled(client, spool) : runRaw(client, bytes);
  }

  protected isWorthAnotherTry(error: unknown): boolean {
    return isDeadlock(error);
  }

  protected fatalError(error: unknown, statement: Statement): Promise<DrillError | undefined> {
    return fatalError(this.server, error, this.signal, statement);
  }

  protected findingOf(error: unknown, { bytes, line }: Statement): LoadFinding {
    const finding = findingOf(error, bytes, line);
    return this.isAfterEnd ? { kind: 'text-after-end', text: finding.text } : finding;
  }

  protected override async noteFinding(finding: LoadFinding, statement: Statement): Promise<void> {
    this.onRefused(statement.line);
    await super.noteFinding(finding, statement);
  }

  /** If a grantor cannot grant here (for example another cluster's superuser), the harness grants the privilege instead: only the privilege itself matters. */
  protected override async recover(lane: LoadLane, statement: Statement, error: unknown): Promise<boolean> {
    const finding = this.findingOf(error, statement);
    const rest = finding.kind === 'foreign-grantor' ? withoutGrantor(statement.bytes) : undefined;
    if (rest === undefined) return this.note(error, statement);
    try {
      await runRaw(lane.client, rest);
    } catch (refusal) {
      await this.note(refusal, { ...statement, bytes: rest });
      return this.note(error, statement);
    }
    this.errors.report({ ...finding, text: `${finding.text}: run as the sandbox’s superuser instead` });
    return true;
  }
}

function withSeparator({ bytes }: Pick<Statement, 'bytes'>): Buffer[] {
  return [bytes, SEPARATOR];
}
