import { toPrintable } from '../support/printable.ts';
import { formatAge, formatDuration } from '../support/quantities.ts';
import type { RunRecord } from './run-record.ts';

/** For the printer to colour: what wants attention first is `bad`. */
export type Tone = 'bad' | 'warn' | 'busy' | 'good';

/** What a drill's row or a run's row says of itself. */
export type DrillState = 'never' | 'failed' | 'errored' | 'interrupted' | 'running' | 'passed';

export interface ListRow {
  readonly drill: string;
  readonly state: DrillState;
  readonly tone: Tone;
  /** In words, with what is behind it: `failing for 3 runs: recovery took 41 min, target 30 min`. */
  readonly sentence: string;
  /** `9 h ago`, of the run that the state speaks of; empty for never drilled. */
  readonly age: string;
  /** `4 min 12 s of 15 min`, of the newest run that has both; empty where none has. */
  readonly recovery: string;
  readonly lastRun: RunRecord | undefined;
}

export interface HistoryRow {
  readonly id: string;
  readonly drill: string;
  readonly state: Exclude<DrillState, 'never'>;
  readonly tone: Tone;
  readonly startedAt: string;
  readonly age: string;
  readonly recovery: string;
  readonly sentence: string;
}

/** As many runs back `failing for N runs` counts. */
export const LIST_RUN_LIMIT = 20;

interface ListedDrill {
  readonly name: string;
  readonly tier?: number | undefined;
}

const ORDER: readonly DrillState[] = ['never', 'failed', 'errored', 'interrupted', 'running', 'passed'];

/**
 * One row for each drill, worst first: never drilled, failing, errored, interrupted, running, passed; within that by tier and name.
 * @param runsOf the runs of a drill, newest first: the last {@link LIST_RUN_LIMIT}.
 */
export function listRows(
  drills: readonly ListedDrill[],
  runsOf: (drill: string) => readonly RunRecord[],
  now: Date,
): readonly ListRow[] {
  const rows = drills.map((drill) => ({ drill, row: describeDrill(drill.name, runsOf(drill.name), now) }));
  rows.sort(
    (a, b) =>
      ORDER.indexOf(a.row.state) - ORDER.indexOf(b.row.state) ||
      (a.drill.tier ?? Number.MAX_SAFE_INTEGER) - (b.drill.tier ?? Number.MAX_SAFE_INTEGER) ||
      (a.drill.name < b.drill.name ? -1 : 1),
  );
  return rows.map(({ row }) => row);
}

/** One row for each run, in the order given. */
export function historyRows(runs: readonly RunRecord[], now: Date): readonly HistoryRow[] {
  return runs.map((run) => ({
    id: run.id,
    drill: run.drill,
    state: stateOf(run),
    tone: toneOf(run),
    startedAt: run.startedAt.toISOString(),
    age: describeAge(run.startedAt, now),
    recovery: describeRecovery(run),
    sentence: describeOutcome(run),
  }));
}

/** How a run ended, in words without the verdict itself: its reasons, its error, or its warnings. */
function describeOutcome(run: RunRecord): string {
  if (run.reasons.length > 0) return toPrintable(run.reasons.map((reason) => reason.sentence).join('; '), 1000);
  if (run.error) return toPrintable(`${run.error.code}: ${run.error.message}`, 1000);
  if (run.status === 'running') return describeRunning(run);
  return toPrintable(run.warnings.join('; '), 1000);
}

function stateOf(run: RunRecord): Exclude<DrillState, 'never'> {
  return run.status === 'completed' ? (run.verdict ?? 'errored') : run.status;
}

function toneOf(run: RunRecord): Tone {
  const state = stateOf(run);
  if (state === 'running') return 'busy';
  if (state === 'passed') return run.warnings.length > 0 ? 'warn' : 'good';
  return state === 'interrupted' ? 'warn' : 'bad';
}

/** `4 min 12 s of 15 min`; empty when recovery time is not known. */
function describeRecovery(run: RunRecord): string {
  if (run.recoveryTimeMs === undefined) return '';
  return `${formatDuration(run.recoveryTimeMs)} of ${formatDuration(run.objectives.rtoMs)}`;
}

function describeDrill(drill: string, runs: readonly RunRecord[], now: Date): ListRow {
  const [latest, ...earlier] = runs;
  if (!latest) {
    const sentence = 'never drilled: nobody knows whether it can be recovered';
    return { drill, state: 'never', tone: 'bad', sentence, age: '', recovery: '', lastRun: undefined };
  }
  const timed = runs.find((run) => run.recoveryTimeMs !== undefined);
  return {
    drill,
    state: stateOf(latest),
    tone: toneOf(latest),
    sentence: describeState(latest, earlier, now),
    age: describeAge(latest.startedAt, now),
    recovery: timed ? describeRecovery(timed) : '',
    lastRun: latest,
  };
}

function describeState(latest: RunRecord, earlier: readonly RunRecord[], now: Date): string {
  if (latest.status === 'running') {
    const [before] = earlier;
    const last = before ? `before that ${stateOf(before)} ${describeAge(before.startedAt, now)}` : 'its first run';
    return `${describeRunning(latest)}; ${last}`;
  }
  const outcome = describeOutcome(latest);
  const state = stateOf(latest);
  if (state === 'passed') return outcome === '' ? 'recovers' : `recovers, but ${outcome}`;
  return `${describeStreak([latest, ...earlier])}: ${outcome}`;
}

/** Counted over runs that ended alike; a run that goes on says nothing yet. */
function describeStreak(runs: readonly RunRecord[]): string {
  const states = runs.map(stateOf);
  const [state = 'failed'] = states;
  const length = states.findIndex((other) => other !== state);
  const count = length === -1 ? states.length : length;
  if (count === 1) return state;
  const more = count >= LIST_RUN_LIMIT ? ' or more' : '';
  const word = { failed: 'failing', errored: 'erroring' }[state as string] ?? state;
  return `${word} for ${count} runs${more}`;
}

function describeRunning(run: RunRecord): string {
  const last = run.stages.at(-1)?.name;
  return `running${last === undefined ? '' : `, past ${last}`}`;
}

/** `9 h ago`; a start in the future (clocks differ) is now. */
function describeAge(from: Date, now: Date): string {
  const ageMs = Math.max(0, now.getTime() - from.getTime());
  return ageMs < 60_000 ? 'just now' : `${formatAge(ageMs)} ago`;
}
