import type { BackupNeighbours } from '../backup/neighbours.ts';
import type { DrillPlace } from '../config/drill-file.ts';
import { CheckTimeout } from '../engines/check-timeout.ts';
import type { CheckRecord } from '../record/check-record.ts';
import type { Clock } from '../support/clock.ts';
import { asDrillError, DrillError, provesNothing } from '../support/errors.ts';
import { inParallel } from '../support/in-parallel.ts';
import { toPrintable } from '../support/printable.ts';
import { toShell } from '../support/shell.ts';
import { limitTime } from '../support/time-limit.ts';
import { boundDetails, boundMeasured } from './bound-evidence.ts';
import { type FindPast, hashQuestion, openCheckHistory } from './check-history.ts';
import type { CheckContext, Evaluation, Probe, RestoreFacts, Snapshots, TimedStep, Turn } from './check-kind.ts';
import { type CheckKey, type CheckSpec, checkKindOf } from './registry.ts';
import type { SessionPool } from './session-pool.ts';

export interface RunChecksOptions {
  /** Where the checks are written. */
  readonly place: DrillPlace;
  /** When the backup was taken. */
  readonly takenAt: Date;
  readonly restore: RestoreFacts;
  /** Files stored next to the backup. */
  readonly neighbours: BackupNeighbours;
  /** The drill's RPO; undefined: it has none. */
  readonly rpoMs: number | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Results in the last runs that passed, for backups not newer than this one, newest backup first. */
  readonly findPast: FindPast;
  readonly snapshots: Snapshots;
  /** See {@link CheckContext}. Default: nothing is timed apart. */
  readonly timed?: TimedStep;
  /** Called for each check, in the drill's order, as soon as its result and those before it are known. */
  readonly onCheck?: (record: CheckRecord) => void;
  /** Called with reasons to doubt a check's result. */
  readonly onWarning?: (warning: string) => void;
}

/** The server's own time limit fires first, because it preserves the session; this one ends work that no server limits. */
const TIMEOUT_GRACE_MS = 2000;

type Outcome = CheckRecord | DrillError;

/**
 * Runs the checks in the order of their {@link Turn}, as many at once as the pool has sessions. One that fails does not stop the others. A query that ran into
 * damaged data (`wrong-data`) fails its check. Malformed checks, and those without a usable manifest, prove nothing: the other checks still run, and then a
 * single error names all of them. Any other error ends all checks at once: `server-failed`, `sandbox-…`, or the signal's reason.
 * @returns the results in the drill's order.
 */
export async function runChecks(
  pool: SessionPool,
  checks: readonly CheckSpec[],
  options: RunChecksOptions,
): Promise<CheckRecord[]> {
  const outcomes = new OutcomesInOrder(options.onCheck);
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const runAt = async ([index, check]: readonly [number, CheckSpec]): Promise<void> => {
    try {
      signal.throwIfAborted();
      const outcome = await runCheck(pool, check, { ...options, signal });
      outcomes.add(index, outcome instanceof DrillError ? named(outcome, check, index, options.place) : outcome);
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  };
  try {
    const all = [...checks.entries()];
    const inTurn = (turn: Turn) => all.filter(([, check]) => turnOf(check, options.restore) === turn);
    await inParallel(inTurn('together'), pool.size, runAt);
    await inParallel([...inTurn('alone'), ...inTurn('last')], 1, runAt);
  } catch (error) {
    outcomes.reportAll();
    options.signal.throwIfAborted();
    throw error;
  }
  const malformed = outcomes.all.filter((outcome) => outcome instanceof DrillError);
  if (malformed.length > 0) throw joinMalformed(malformed, checks.length);
  return outcomes.all.flatMap((outcome) => (outcome instanceof DrillError ? [] : outcome));
}

/** When the check runs. */
export function turnOf<K extends CheckKey>(check: CheckSpec<K>, restore: RestoreFacts): Turn {
  return checkKindOf(check).turnOf?.(check, restore) ?? 'together';
}

/** Outcomes arrive in any order; records are reported in the drill's order. */
class OutcomesInOrder {
  readonly #found = new Map<number, Outcome>();
  readonly #onCheck: RunChecksOptions['onCheck'];
  #next = 0;

  constructor(onCheck: RunChecksOptions['onCheck']) {
    this.#onCheck = onCheck;
  }

  /** In the drill's order. */
  get all(): readonly Outcome[] {
    return [...this.#found.entries()].toSorted(([a], [b]) => a - b).map(([, outcome]) => outcome);
  }

  add(index: number, outcome: Outcome): void {
    this.#found.set(index, outcome);
    for (let found = this.#found.get(this.#next); found; found = this.#found.get(this.#next)) {
      this.#next += 1;
      this.#report(found);
    }
  }

  /** Reports all outcomes, including those after a check that did not finish. */
  reportAll(): void {
    for (const [index, outcome] of [...this.#found.entries()].toSorted(([a], [b]) => a - b)) {
      if (index >= this.#next) this.#report(outcome);
    }
  }

  #report(outcome: Outcome): void {
    if (!(outcome instanceof DrillError)) this.#onCheck?.(outcome);
  }
}

/** Maximum number of checks that the message names; the rest are in the evidence. */
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

/** @returns the check's record, or its error when it is malformed. Throws everything else. */
async function runCheck<K extends CheckKey>(
  pool: SessionPool,
  check: CheckSpec<K>,
  options: RunChecksOptions,
): Promise<Outcome> {
  const { clock, takenAt, onWarning } = options;
  const kind = checkKindOf(check);
  const startedMs = clock.monotonicMs();
  const told = new Set<string>();
  const warn = (warning: string): void => {
    if (!told.has(warning)) onWarning?.(`check '${check.name}' ${warning}`);
    told.add(warning);
  };
  const asked = kind.questionOf?.(check);
  const question = asked === undefined ? undefined : hashQuestion(check.kind, asked);
  const history = openCheckHistory({ check: check.name, question }, { findPast: options.findPast, onWarning: warn });
  const toRecord = ({ passed, expected, actual, details, measured }: Evaluation): CheckRecord => ({
    name: check.name,
    passed,
    expected,
    actual,
    durationMs: Math.round(clock.monotonicMs() - startedMs),
    ...boundDetails(details),
    ...boundMeasured({ passed, measured }, warn),
    ...(question === undefined ? {} : { question }),
  });
  const explain = () => new CheckTimeout(check.timeoutMs);
  using limit = limitTime(check.timeoutMs + TIMEOUT_GRACE_MS, explain, options.signal);
  const context: CheckContext = {
    probe: probeOf(pool, {
      endMs: startedMs + check.timeoutMs,
      explain,
      clock,
      signal: limit.signal,
      onWarning: warn,
    }),
    takenAt,
    restore: options.restore,
    neighbours: options.neighbours,
    rpoMs: options.rpoMs,
    snapshots: options.snapshots,
    clock,
    timed: options.timed ?? ((_step, work) => work),
    previous: history.previous,
    history: history.all,
    signal: limit.signal,
    onWarning: warn,
  };
  try {
    return toRecord(await kind.run(check, context));
  } catch (thrown) {
    options.signal.throwIfAborted();
    const error = asDrillError(thrown, 'verify');
    if (error.code === 'wrong-data') {
      const expected = kind.describe(check, { takenAt, restore: options.restore });
      return toRecord({ passed: false, expected, actual: toPrintable(error.message, 500), details: error.details });
    }
    if (provesNothing(error.code)) return error;
    throw error;
  }
}

interface ProbeLimit {
  /** Monotonic time at which the check times out; queries get the remaining time. */
  readonly endMs: number;
  readonly explain: () => DrillError;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onWarning: (warning: string) => void;
}

function probeOf(pool: SessionPool, { endMs, explain, clock, signal, onWarning }: ProbeLimit): Probe {
  return {
    parallel: pool.size,
    query: async (sql, { database, maxRows }) => {
      const timeoutMs = endMs - clock.monotonicMs();
      if (timeoutMs <= 0) throw explain();
      const result = await pool.query(sql, { database, maxRows, timeoutMs, signal });
      for (const warning of result.warnings ?? []) onWarning(warning);
      return result;
    },
    catalog: (database) => pool.catalog(database),
    get hasher() {
      return pool.hasher;
    },
    files: pool.files,
    commands: pool.commands,
    dataFiles: pool.dataFiles,
    applications: pool.applications,
    program: (argv, options) => pool.program(argv, options),
  };
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
