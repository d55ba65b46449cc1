import type { CheckSpec, Expectation } from '../config/drill-file.ts';
import type { CheckSession } from '../engines/engine.ts';
import type { CheckRecord } from '../record/run-record.ts';
import type { Clock } from '../support/clock.ts';
import { asDrillError, DrillError } from '../support/errors.ts';
import { toPrintable } from '../support/printable.ts';
import { describeExpectation, type Evaluation, evaluate } from './evaluate.ts';

export interface RunChecksOptions {
  /** When the backup was taken. */
  readonly takenAt: Date;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called for each check as soon as it is known, in order. */
  readonly onCheck?: (record: CheckRecord) => void;
  /** Called with what puts a check's answer in doubt. */
  readonly onWarning?: (warning: string) => void;
}

/** One session for every check, or a way to get the one for a check's own database (which the caller closes). */
export type SessionSource = CheckSession | ((check: CheckSpec) => Promise<CheckSession>);

/**
 * Runs every check in order; one that fails does not stop the others. A query that ran into damaged data (`wrong-data`) fails its check.
 * Anything else thrown says that nothing can be concluded, and ends it at once: `check-malformed` (named after the check), `server-failed`,
 * `sandbox-…`, or the signal's reason.
 */
export async function runChecks(
  session: SessionSource,
  checks: readonly CheckSpec[],
  options: RunChecksOptions,
): Promise<CheckRecord[]> {
  const records: CheckRecord[] = [];
  for (const check of checks) {
    options.signal.throwIfAborted();
    const startedMs = options.clock.monotonicMs();
    const evaluation = await runCheck(session, check, options);
    const record = { name: check.name, ...evaluation, durationMs: Math.round(options.clock.monotonicMs() - startedMs) };
    records.push(record);
    options.onCheck?.(record);
  }
  return records;
}

async function runCheck(source: SessionSource, check: CheckSpec, options: RunChecksOptions): Promise<Evaluation> {
  try {
    const session = typeof source === 'function' ? await source(check) : source;
    const result = await session.query(check.sql, {
      timeoutMs: check.timeoutMs,
      maxRows: rowsNeeded(check.expect),
      signal: options.signal,
    });
    for (const warning of result.warnings ?? []) options.onWarning?.(`check '${check.name}' ${warning}`);
    return evaluate(check.expect, result, options);
  } catch (thrown) {
    options.signal.throwIfAborted();
    const error = asDrillError(thrown, 'verify');
    if (error.code === 'wrong-data') {
      return {
        passed: false,
        expected: describeExpectation(check.expect, options),
        actual: toPrintable(error.message, 500),
      };
    }
    throw error.code === 'check-malformed' ? named(error, check) : error;
  }
}

/** Enough rows to decide, and no more: a check must not pull a table out of the sandbox. */
function rowsNeeded(expectation: Expectation): number {
  if (expectation.kind === 'rows') return expectation.rows.length + 1;
  return expectation.kind === 'empty' || expectation.kind === 'notEmpty' ? 100 : 2;
}

function named(error: DrillError, check: CheckSpec): DrillError {
  return new DrillError(error.code, `check '${check.name}': ${error.message}`, {
    stage: error.stage ?? 'verify',
    details: error.details,
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
