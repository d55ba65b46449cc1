import { DrillError, type ErrorCode } from '../../../support/errors.ts';
import { formatDuration } from '../../../support/quantities.ts';
import { CheckTimeout } from '../../check-timeout.ts';
import { checkFailure } from '../../server/check-failure.ts';

/**
 * Maps a failed check query to an error of the check or of the data.
 * - A missing table or column may be either; it counts against the data, since a drill must not pass over a missing table.
 * - A query that timed out counts against the check: the harness cannot tell a slow copy from a slow query, and reports that.
 */
export function checkError(cause: unknown, timeoutMs: number): DrillError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const state = String((cause as { code?: unknown }).code ?? '');
  const position = Number((cause as { position?: unknown }).position);
  const at = position > 0 ? ` at character ${position}` : '';
  const make = (code: ErrorCode, text: string, hint: string): DrillError => new DrillError(code, text, { hint, cause });

  if (state === '42P01' || state === '42703' || state === '3F000' || state === '3D000')
    return checkFailure('missing-in-schema', `${message}${at}`, { cause });
  if (state === '25006')
    return make('check-malformed', `the check tries to write: ${message}`, 'Checks only read: make it a SELECT.');
  if (state === '55000' && /has not been populated/.test(message)) {
    return make(
      'wrong-data',
      message,
      'Its REFRESH failed while restoring, or it was not populated when it was dumped: compare with production.',
    );
  }
  if (state === '57014' && !/due to statement timeout/.test(message)) {
    return make(
      'server-failed',
      `the check was canceled before its timeout of ${formatDuration(timeoutMs)}: ${message}`,
      'Run the drill again.',
    );
  }
  if (state === '57014') return new CheckTimeout(timeoutMs, cause);
  if (state === '42501') {
    const right = rightLacking(message);
    return make(
      'check-malformed',
      right === undefined ? message : `the check needs ${right}, which its role does not have`,
      'Checks run as a role that can read everything and call only functions that are open to everyone: query the data another way.',
    );
  }
  if (state.startsWith('XX') || state.startsWith('58')) return checkFailure('damaged', message, { cause });
  if (state === '53100') return checkFailure('disk-full', message, { cause });
  if (state.startsWith('53')) return checkFailure('out-of-memory', message, { cause });
  return checkFailure('malformed', `${message}${at}`, { cause });
}

/** Whether a check failed because its own role, or the owner of a view that it uses, lacks a read privilege. */
export function lacksRightToRead(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: unknown; message?: unknown } };
  return (
    cause?.code === '42501' &&
    /^permission denied for (?:table|view|materialized view|sequence|schema|foreign table|column)\b/.test(
      String(cause.message),
    )
  );
}

const RIGHTS: Readonly<Record<string, string>> = {
  table: 'SELECT',
  view: 'SELECT',
  'materialized view': 'SELECT',
  'foreign table': 'SELECT',
  sequence: 'SELECT',
  'large object': 'SELECT',
  column: 'SELECT',
  function: 'EXECUTE',
  procedure: 'EXECUTE',
  aggregate: 'EXECUTE',
  schema: 'USAGE',
  type: 'USAGE',
  language: 'USAGE',
  'foreign server': 'USAGE',
};

/** `SELECT on table customer` for `permission denied for table customer`. Source: aclcheck_error in PostgreSQL's src/backend/catalog/aclchk.c. */
function rightLacking(message: string): string | undefined {
  const object = /^permission denied for (.+)$/.exec(message)?.[1];
  const kind = object && Object.keys(RIGHTS).find((each) => object.startsWith(`${each} `));
  return kind ? `${RIGHTS[kind]} on ${object}` : undefined;
}
