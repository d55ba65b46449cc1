import { DrillError, type ErrorCode } from '../../../support/errors.ts';
import { CheckTimeout } from '../../check-timeout.ts';
import { checkFailure } from '../../server/check-failure.ts';
import type { Flavor } from '../flavor.ts';
import { type Holder, type MissingRight, missingRightError, missingRightIn } from './missing-rights.ts';
import { removedFunctionIn } from './removed-functions.ts';
import { isDiskFull, numberOf, withMeaning, withoutValues } from './server-errors.ts';

/** A database, table or column does not exist. */
const MISSING = [1049, 1051, 1054, 1109, 1146];
/** A view whose tables or definer do not exist, or whose definer may not read them. */
const BROKEN_VIEW = [1356, 1449];
/** Rejected because a right is missing, or because nothing can be written. */
const WRITES = [1044, 1045, 1142, 1143, 1227, 1290, 1370, 1419, 1792, 1836];
/** Tables and indexes that cannot be read: crashed, corrupt, or missing their file. */
const DAMAGED = [126, 127, 144, 145, 180, 1030, 1033, 1034, 1035, 1194, 1195, 1296, 1712, 1812, 1877, 1932];
const OUT_OF_MEMORY = [5, 1037, 1038, 1041];
/** ER_QUERY_INTERRUPTED: after a KILL QUERY, and sometimes after the server's own limit. */
const INTERRUPTED = 1317;
/** ER_FILSORT_ABORT: its message contains that of the error that ended the sort. */
const SORT_ABORTED = 1028;

/** Facts needed to interpret a failed check query. */
export interface AskedQuery {
  readonly sql: string;
  readonly flavor: Flavor;
  /** The server's version. */
  readonly version: string;
  readonly timeoutMs: number;
  /** How long it ran before it failed. */
  readonly tookMs: number;
  /** Whose account lacks a right. */
  holderOf(right: MissingRight): Holder;
}

/**
 * Maps a failed check query to an error of the check or of the data.
 * - A missing table or column may be either; it counts against the data, since a drill must not pass over a missing table.
 * - A query that timed out counts against the check: the harness cannot distinguish a slow copy from a slow query, and says so.
 */
export function checkError(cause: unknown, query: AskedQuery): DrillError {
  const message = withMeaning(withoutValues(cause instanceof Error ? cause.message : String(cause)));
  const number = numberOf(cause);
  const make = (code: ErrorCode, text: string, hint: string): DrillError => new DrillError(code, text, { hint });

  if (isTimeout(number, message, query)) return new CheckTimeout(query.timeoutMs);
  if (number === INTERRUPTED || number === SORT_ABORTED) return killed();
  const right = missingRightIn(cause);
  if (right) return missingRightError(right, query.holderOf(right));
  const removed = removedFunctionIn({ number, message, sql: query.sql }, query.flavor.type, query.version);
  if (removed) {
    return make(
      'check-malformed',
      `${query.flavor.title} ${query.version} no longer has the function ${removed.name}(), removed in ${removed.since}`,
      `${removed.instead}, or set \`engine.version\` to the version that was dumped.`,
    );
  }
  if (BROKEN_VIEW.includes(number)) {
    return make(
      'wrong-data',
      message,
      'A view of the restored data does not work: check the accounts and tables that it needs.',
    );
  }
  if (isDiskFull(cause)) return checkFailure('disk-full', message);
  if (MISSING.includes(number)) return checkFailure('missing-in-database', message);
  if (WRITES.includes(number)) {
    return make(
      'check-malformed',
      `the check is not allowed to do that: ${message}`,
      'Checks only read, as an account that can read the restored databases and change nothing: make it a SELECT.',
    );
  }
  if (DAMAGED.includes(number)) return checkFailure('damaged', message);
  if (OUT_OF_MEMORY.includes(number)) return checkFailure('out-of-memory', message);
  return checkFailure('malformed', message);
}

function isTimeout(number: number, message: string, { flavor, tookMs, timeoutMs }: AskedQuery): boolean {
  if (flavor.timeoutErrors.includes(number)) return true;
  if (number === SORT_ABORTED && /execution time exceeded|max_statement_time/i.test(message)) return true;
  return (number === INTERRUPTED || number === SORT_ABORTED) && tookMs >= timeoutMs;
}

/** A query or its session was ended early, while the server kept running. */
export function killed(): DrillError {
  return new DrillError('check-malformed', 'the check was ended by a KILL, not by its timeout', {
    hint: 'Look for KILL in the check and in the routines of the restored data that it calls.',
  });
}
