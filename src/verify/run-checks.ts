import type { CheckRecord } from '../record/run-record.ts';
import type { Clock } from '../support/clock.ts';
import { asDrillError, DrillError } from '../support/errors.ts';
import { toPrintable } from '../support/printable.ts';
import type { Probe } from './check-kind.ts';
import type { Evaluation } from './evaluate.ts';
import { type CheckKey, type CheckSpec, checkKindOf } from './registry.ts';

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

/**
 * Runs every check in order; one that fails does not stop the others. A query that ran into damaged data (`wrong-data`) fails its check.
 * Of malformed checks nothing can be concluded: the others run all the same, and then one `check-malformed` names every one of them.
 * Anything else thrown ends it at once: `server-failed`, `sandbox-…`, or the signal's reason.
 */
export async function runChecks(
  probe: Probe,
  checks: readonly CheckSpec[],
  options: RunChecksOptions,
): Promise<CheckRecord[]> {
  const records: CheckRecord[] = [];
  const malformed: DrillError[] = [];
  for (const check of checks) {
    options.signal.throwIfAborted();
    const startedMs = options.clock.monotonicMs();
    const evaluation = await runCheck(probe, check, options);
    if (evaluation instanceof DrillError) {
      malformed.push(evaluation);
      continue;
    }
    const record = { name: check.name, ...evaluation, durationMs: Math.round(options.clock.monotonicMs() - startedMs) };
    records.push(record);
    options.onCheck?.(record);
  }
  if (malformed.length > 0) throw joinMalformed(malformed, checks.length);
  return records;
}

/** As many of them are told in the message; the others are evidence. */
const MAX_NAMED = 3;

function joinMalformed(malformed: readonly DrillError[], planned: number): DrillError {
  const [first, ...others] = malformed;
  if (first && others.length === 0) return first;
  const messages = malformed.map(({ message }) => message);
  const rest = messages.slice(MAX_NAMED);
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
  const hints = [...new Set(malformed.flatMap(({ hint }) => hint ?? []))];
  const named = messages.slice(0, MAX_NAMED).join('; ');
  return new DrillError('check-malformed', `${malformed.length} of ${planned} checks are malformed: ${named}${more}`, {
    stage: 'verify',
    details: [...rest, ...malformed.flatMap(({ details }) => details)],
    cause: first,
    ...(hints.length === 0 ? {} : { hint: hints.join(' ') }),
  });
}

/** @returns the error of a malformed check, named after it. */
async function runCheck<K extends CheckKey>(
  probe: Probe,
  check: CheckSpec<K>,
  { takenAt, signal, onWarning }: RunChecksOptions,
): Promise<Evaluation | DrillError> {
  const kind = checkKindOf(check);
  try {
    return await kind.run(check, {
      probe,
      takenAt,
      signal,
      onWarning: (warning) => onWarning?.(`check '${check.name}' ${warning}`),
    });
  } catch (thrown) {
    signal.throwIfAborted();
    const error = asDrillError(thrown, 'verify');
    if (error.code === 'wrong-data') {
      const actual = toPrintable(error.message, 500);
      return { passed: false, expected: kind.describe(check, { takenAt }), actual };
    }
    if (error.code === 'check-malformed') return named(error, check);
    throw error;
  }
}

function named(error: DrillError, check: CheckSpec): DrillError {
  return new DrillError(error.code, `check '${check.name}': ${error.message}`, {
    stage: error.stage ?? 'verify',
    details: error.details,
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
