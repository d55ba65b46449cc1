import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import { findMessageLine } from '../../recognition/tool-messages.ts';
import { withoutRowData } from '../../sql-dump/load-errors.ts';
import { fatalLoadError } from '../../sql-dump/load-failure.ts';
import type { LoadFinding } from '../../whose-fault.ts';
import type { PostgresServer } from '../server/postgres-server.ts';
import type { ServerError } from '../server/wire.ts';
import { classifyError } from './classify-error.ts';

/** The parts of a server that are needed if one of its sessions is lost. */
export type LoadingServer = Pick<PostgresServer, 'explainLoss' | 'takesSessions'> & {
  readonly serverProcess: { readonly hasEnded: boolean };
};

/** SQLSTATE `admin_shutdown`: raised when the server stops, and by `pg_terminate_backend`. */
const TERMINATED = '57P01';

/** SQLSTATE `deadlock_detected`: the server rolled back a whole transaction. */
const DEADLOCK = '40P01';

export function isDeadlock(error: unknown): boolean {
  return (error as { code?: unknown }).code === DEADLOCK;
}

/** @returns the error that ends the load if the failure is more than a refused statement. */
export async function fatalError(
  server: LoadingServer,
  error: unknown,
  signal: AbortSignal,
  { bytes, line }: { readonly bytes: Buffer; readonly line: number },
): Promise<DrillError | undefined> {
  const { code: sqlState } = error as { code?: unknown };
  const endedByDump = (): DrillError =>
    new DrillError(
      'restore-failed',
      `line ${formatCount(line)}: the dump ended the session that loads it (${excerptOf(bytes)})`,
      {
        hint: 'psql loses its connection there, too: remove the call of pg_terminate_backend from the dump.',
        cause: error,
      },
    );
  if (sqlState === TERMINATED && !signal.aborted && (await server.takesSessions(signal))) return endedByDump();
  const cause = await server.explainLoss(error, signal);
  const isLost = cause instanceof DrillError && cause.code === 'server-failed';
  // a server that was stopping has ended by now, and a crashed one accepts no sessions
  if (isLost && !server.serverProcess.hasEnded && (await server.takesSessions(signal))) return endedByDump();
  const { code = '', message } = cause as ServerError;
  const isDiskFull = code === '53100' || /No space left on device/.test(message);
  return fatalLoadError({ cause, message, isDiskFull, isRefusal: code !== '' }, signal);
}

/** Classifies a refused statement, in one human-readable line: the location, the error, and how the statement starts; without row data. */
export function findingOf(error: unknown, statement: Buffer, line: number): LoadFinding {
  const message = error instanceof Error ? error.message : String(error);
  const kind = classifyError({ message, statement: statement.toString('utf8', 0, HEAD_BYTES) });
  const mixedIn = /^syntax error/.test(message)
    ? findMessageLine(statement.toString('latin1', 0, HEAD_BYTES))
    : undefined;
  if (mixedIn !== undefined) {
    const text = `line ${formatCount(line)}: the statement that begins here holds a message of a program: ${mixedIn}. Keep standard error out of the file (2>&1 mixes it in)`;
    return { kind: 'tool-error-in-dump', text };
  }
  const said = kind === 'refused' ? withoutRowData(message) : message;
  return { kind, text: `line ${formatCount(line)}: ${said} (${excerptOf(statement)})` };
}

/** @returns how a statement starts, on one line; for an INSERT only its table, and nothing for text that is not SQL, which may be rows. */
export function excerptOf(statement: Buffer): string {
  const text = statement.toString('utf8', 0, EXCERPT_BYTES).replaceAll(/\s+/g, ' ');
  if (!SQL_COMMAND.test(text)) return 'text that is not SQL';
  const excerpt = /^INSERT\b/i.test(text)
    ? (/^INSERT\s+INTO\s+[^\s(]+/i.exec(text)?.[0] ?? 'INSERT')
    : withoutSecrets(text).slice(0, 120);
  return `${toPrintable(excerpt)}${statement.length > excerpt.length ? ' …' : ''}`;
}

/** @returns a statement without the literals that may contain passwords: of roles, user mappings, servers and connection strings. */
export function withoutSecrets(statement: string): string {
  const mayHold = /^(?:CREATE|ALTER)\s+(?:ROLE|USER|GROUP|SERVER|SUBSCRIPTION)\b/i.test(statement);
  return mayHold ? statement.replaceAll(/'(?:[^']|'')*(?:'|$)/g, "'…'") : statement;
}

/** The PostgreSQL commands that a dump may contain. Source: its manual, "SQL Commands". */
const SQL_COMMAND =
  /^(?:ABORT|ALTER|ANALYZE|BEGIN|CALL|CHECKPOINT|CLUSTER|COMMENT|COMMIT|COPY|CREATE|DELETE|DO|DROP|END|EXECUTE|GRANT|IMPORT|INSERT|LOAD|LOCK|MERGE|PREPARE|REASSIGN|REFRESH|REINDEX|RELEASE|RESET|REVOKE|ROLLBACK|SAVEPOINT|SECURITY|SELECT|SET|START|TRUNCATE|UPDATE|VACUUM|WITH)\b/i;
const HEAD_BYTES = 16_384;
const EXCERPT_BYTES = 400;
