import type { DrillError } from '../../support/errors.ts';
import { formatCount } from '../../support/quantities.ts';
import { withoutRowData } from '../load-errors.ts';
import { fatalLoadError } from '../load-failure.ts';
import type { LoadRoles } from './load-roles.ts';
import type { PostgresServer } from './postgres-server.ts';
import type { ServerError } from './wire.ts';

const DUPLICATE_OBJECT = '42710';
const UNKNOWN_SETTING = '42704';

/** @returns the error that ends the load, when this one says more than that a statement was refused. */
export async function fatalError(
  server: PostgresServer,
  error: unknown,
  signal: AbortSignal,
): Promise<DrillError | undefined> {
  const cause = await server.explainLoss(error, signal);
  const { code = '', message } = cause as ServerError;
  const isDiskFull = code === '53100' || /No space left on device/.test(message);
  return fatalLoadError({ cause, message, isDiskFull, isRefusal: code !== '' }, signal);
}

/** @returns what to warn of instead, for errors by which nothing of the backup is lost. */
export function toleratedError(error: unknown, statement: Buffer, roles: LoadRoles): string | undefined {
  const { code, message } = error as ServerError;
  const text = statement.toString('utf8', 0, 200);
  if (code === UNKNOWN_SETTING && /^SET\s/i.test(text) && message.includes('configuration parameter'))
    return `ignored: ${message}`;
  const role = code === DUPLICATE_OBJECT ? roles.namedBy(text) : undefined;
  return role !== undefined && roles.wasHere(role) ? `ignored: ${message} (the server comes with it)` : undefined;
}

/** One line for people: where, what, and how the statement begins, without row data. */
export function statementError(error: unknown, statement: Buffer, line: number): string {
  const message = withoutRowData(error instanceof Error ? error.message : String(error));
  const text = statement.toString('utf8', 0, 400).replaceAll(/\s+/g, ' ');
  const excerpt = /^INSERT\b/i.test(text)
    ? (/^INSERT\s+INTO\s+[^\s(]+/i.exec(text)?.[0] ?? 'INSERT')
    : text.slice(0, 120);
  return `line ${formatCount(line)}: ${message} (${excerpt}${statement.length > excerpt.length ? ' …' : ''})`;
}
