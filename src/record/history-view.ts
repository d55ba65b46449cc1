import { describeError } from '../support/errors.ts';
import { toPrintable } from '../support/printable.ts';
import { formatAge, formatBytes, formatDuration } from '../support/quantities.ts';
import { nameStage, type ShownState } from '../support/vocabulary.ts';
import type { AcceptanceRecord, PhaseRecord, RunRecord } from './run-record.ts';

/** Tells the printer which color to use; `bad` needs attention first. */
export type Tone = 'bad' | 'warn' | 'busy' | 'good';

export interface HistoryRow {
  readonly id: string;
  readonly drill: string;
  readonly state: ShownState;
  readonly tone: Tone;
  readonly startedAt: string;
  readonly age: string;
  readonly recovery: string;
  readonly sentence: string;
}

/** One row per run, in the given order. */
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

/** Describes how a run ended, without the verdict itself: its reasons, its error, or its warnings. */
export function describeOutcome(run: RunRecord): string {
  if (run.reasons.length > 0) return toPrintable(run.reasons.map((reason) => reason.sentence).join('; '), 1000);
  if (run.error) return toPrintable(describeError(run.error), 1000);
  if (run.status === 'running') return describeRunning(run);
  return toPrintable(run.warnings.join('; '), 1000);
}

export function stateOf(run: RunRecord): ShownState {
  return run.status === 'completed' ? (run.verdict ?? 'errored') : run.status;
}

export function toneOf(run: RunRecord): Tone {
  const state = stateOf(run);
  if (state === 'running') return 'busy';
  if (state === 'passed') return run.warnings.length > 0 ? 'warn' : 'good';
  return state === 'interrupted' ? 'warn' : 'bad';
}

/** `4 min 12 s (RTO 15 min)`; empty if the recovery time is unknown. */
export function describeRecovery(run: RunRecord): string {
  if (run.recoveryTimeMs === undefined) return '';
  return `${formatDuration(run.recoveryTimeMs)} (RTO ${formatDuration(run.objectives.rtoMs)})`;
}

export function describeRunning(run: RunRecord): string {
  const last = run.stages.at(-1)?.name;
  return `running${last === undefined ? '' : `, past ${nameStage(last)}`}`;
}

/** `9 h ago`; a start in the future (clocks differ) counts as now. */
export function describeAge(from: Date, now: Date): string {
  const ageMs = Math.max(0, now.getTime() - from.getTime());
  return ageMs < 60_000 ? 'just now' : `${formatAge(ageMs)} ago`;
}

/** Below this, a rate is meaningless. */
const MIN_FOR_RATE = 1_000_000;

/** `211 MB, 52.8 MB/s`; empty if nothing was counted. */
export function describePhaseBytes({ bytes, durationMs }: PhaseRecord): string {
  if (bytes === undefined || durationMs <= 0) return '';
  if (bytes < MIN_FOR_RATE) return formatBytes(bytes);
  return `${formatBytes(bytes)}, ${formatBytes(Math.round((bytes / durationMs) * 1000))}/s`;
}

/** `weekly purge (recurring)` */
export function describeReason({ reason, recurring }: Pick<AcceptanceRecord, 'reason' | 'recurring'>): string {
  return recurring ? `${reason} (recurring)` : reason;
}
