import type { RunTiming } from '../../../src/record/store.ts';
import type { Prediction, RunEvent } from '../../../src/run/contract.ts';
import { predict } from '../../../src/run/prediction/predict.ts';
import { followTimeline, NEW_TIMELINE } from '../../../src/run/prediction/timeline.ts';
import { type EtaErrors, etaErrorsOf } from '../../bench/restore/eta-errors.ts';

export interface ReplayedRun {
  /** One per second, and one at each event that advances the run. */
  readonly predictions: readonly Prediction[];
  readonly recoveryTimeMs: number;
  readonly etaErrors: EtaErrors;
  /** What this run adds to the history of its drill. */
  readonly timing: RunTiming;
}

/** Feeds the events of a recorded run (lines of `firedrill run --json`) to the predictor in order. */
export function replayRun(lines: readonly string[], history: readonly RunTiming[]): ReplayedRun {
  const events = lines.map((line) => toEvent(line));
  let state = NEW_TIMELINE;
  const predictions: Prediction[] = [];
  const stages: RunTiming['stages'][number][] = [];
  let saidMs = 0;
  for (const event of events) {
    const nowMs = event.at.getTime();
    for (; saidMs > 0 && saidMs < nowMs; saidMs += 1000)
      predictions.push(predict({ line: state, history, nowMs: saidMs }));
    state = followTimeline(state, event);
    saidMs ||= nowMs;
    if (event.type !== 'stage-ended') continue;
    stages.push({ name: event.stage, durationMs: event.durationMs, outcome: event.outcome, phases: event.phases });
    predictions.push(predict({ line: state, history, nowMs }));
  }
  const { countedMs: recoveryTimeMs, counts, sizeBytes } = state;
  const shown = predictions.map(({ elapsedMs, finish }) => ({ elapsedMs, likelyMs: finish?.likelyMs }));
  return {
    predictions,
    recoveryTimeMs,
    etaErrors: etaErrorsOf(shown, recoveryTimeMs),
    timing: { counts, sizeBytes, stages },
  };
}

function toEvent(line: string): RunEvent {
  const event = JSON.parse(line) as Record<string, unknown>;
  const dated = Object.entries(event).map(([key, value]) => [
    key,
    /^(?:at|startedAt)$/.test(key) ? new Date(String(value)) : value,
  ]);
  return Object.fromEntries(dated) as unknown as RunEvent;
}
