import type { DrillPlace } from '../config/drill-file.ts';
import { CheckTimeout } from '../engines/check-timeout.ts';
import type { CheckRecord } from '../record/run-record.ts';
import type { Clock } from '../support/clock.ts';
import { asDrillError, DrillError } from '../support/errors.ts';
import { toPrintable } from '../support/printable.ts';
import { toShell } from '../support/shell.ts';
import type { Evaluation, Probe } from './check-kind.ts';
import { type CheckKey, type CheckSpec, checkKindOf } from './registry.ts';

export interface RunChecksOptions {
  /** Where the checks are written. */
  readonly place: DrillPlace;
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
 * Malformed checks prove nothing: the other checks still run, and then one `check-malformed` error names all malformed ones.
 * Anything else thrown ends it at once: `server-failed`, `sandbox-…`, or the signal's reason.
 */
export async function runChecks(
  probe: Probe,
  checks: readonly CheckSpec[],
  options: RunChecksOptions,
): Promise<CheckRecord[]> {
  const records: CheckRecord[] = [];
  const malformed: DrillError[] = [];
  for (const [index, check] of checks.entries()) {
    options.signal.throwIfAborted();
    const startedMs = options.clock.monotonicMs();
    const evaluation = await runCheck(probe, check, options);
    if (evaluation instanceof DrillError) {
      malformed.push(named(evaluation, check, index, options.place));
      continue;
    }
    const record = { name: check.name, ...evaluation, durationMs: Math.round(options.clock.monotonicMs() - startedMs) };
    records.push(record);
    options.onCheck?.(record);
  }
  if (malformed.length > 0) throw joinMalformed(malformed, checks.length);
  return records;
}

/** How many of them the message names; the rest are in the evidence. */
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

/** @returns the error of a malformed check. */
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
    if (error.code === 'check-malformed') return error;
    throw error;
  }
}

/** Adds the check's name, file and line, and a next step. */
function named(error: DrillError, check: CheckSpec, index: number, { file, checkLines }: DrillPlace): DrillError {
  const line = checkLines[index];
  const hint = error instanceof CheckTimeout ? hintOfTimeout(file) : error.hint;
  const at = line === undefined ? file : `${file}:${line}`;
  return new DrillError(error.code, `check '${check.name}' (${at}): ${error.message}`, {
    stage: error.stage ?? 'verify',
    details: error.details,
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

function hintOfTimeout(file: string): string {
  const again = toShell(['firedrill', 'run', file, '--keep', '30m']);
  return `Raise the check’s \`timeout\`, or keep the restored copy with \`${again}\` and look at the query’s plan there.`;
}
