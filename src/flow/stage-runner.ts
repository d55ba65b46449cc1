import type { StageOutcome, StageRecord } from '../record/run-record.ts';
import type { Store } from '../record/store.ts';
import type { Clock } from '../support/clock.ts';
import { asDrillError, type DrillError, meaningOf } from '../support/errors.ts';
import { untilAborted } from '../support/until-aborted.ts';
import type { StageName } from '../support/words.ts';
import type { RunEventBody } from './run-events.ts';

/** Work that has been told to stop gets this long to end in order; after that the run goes on without it. */
export const STOP_GRACE_MS = 2000;

export interface StageRunnerDeps {
  readonly runId: string;
  readonly clock: Clock;
  readonly store: Pick<Store, 'addStage'>;
  readonly emit: (event: RunEventBody) => void;
  readonly warn: (message: string) => void;
}

/** What a stage gives: its value, and a few words for the timeline. */
export interface StageResult<T> {
  readonly value: T;
  readonly summary?: string;
}

/**
 * Runs stages one after the other, times each by the monotonic clock, and keeps the timeline, also of those that fail.
 * The stage that is going on is known, for whoever has to say how far a run got.
 */
export class StageRunner {
  readonly stages: StageRecord[] = [];
  current: StageName | undefined;
  private readonly deps: StageRunnerDeps;

  constructor(deps: StageRunnerDeps) {
    this.deps = deps;
  }

  /**
   * Runs one stage until it ends or `signal` aborts, whichever is first: a deadline holds also where a library ignores it.
   * @throws DrillError, always: the signal's reason when it has aborted (the first cause), else what the stage threw.
   */
  async run<T>(name: StageName, signal: AbortSignal, work: () => Promise<StageResult<T>>): Promise<T> {
    const { clock, emit } = this.deps;
    const startedAt = clock.now();
    const startedMs = clock.monotonicMs();
    this.current = name;
    emit({ type: 'stage-started', stage: name });
    let outcome: StageOutcome = 'ok';
    let summary: string | undefined;
    try {
      signal.throwIfAborted();
      const result = await untilAborted(work(), signal, STOP_GRACE_MS);
      summary = result.summary;
      return result.value;
    } catch (thrown) {
      const error = asDrillError(signal.aborted ? signal.reason : thrown, name);
      outcome = outcomeOf(error);
      throw error;
    } finally {
      const stage = { name, startedAt, durationMs: clock.monotonicMs() - startedMs, outcome };
      this.stages.push(stage);
      this.current = undefined;
      await this.keep(stage);
      emit({ type: 'stage-ended', stage: name, durationMs: stage.durationMs, outcome, summary });
    }
  }

  /** Puts a stage that was never begun on the timeline. */
  async skip(name: StageName): Promise<void> {
    const stage = { name, startedAt: this.deps.clock.now(), durationMs: 0, outcome: 'skipped' } as const;
    this.stages.push(stage);
    await this.keep(stage);
    this.deps.emit({ type: 'stage-ended', stage: name, durationMs: 0, outcome: 'skipped', summary: undefined });
  }

  /** Only a killed run needs what is stored along the way: the record at the end has all of it. So a failure here ends nothing. */
  private async keep(stage: StageRecord): Promise<void> {
    try {
      await this.deps.store.addStage(this.deps.runId, stage);
    } catch (thrown) {
      this.deps.warn(`what is known at the end of ${stage.name} was not stored: ${asDrillError(thrown).message}`);
    }
  }
}

function outcomeOf(error: DrillError): StageOutcome {
  const meaning = meaningOf(error.code);
  if (meaning === 'interrupted') return 'interrupted';
  return meaning === 'errored' || meaning === 'usage' ? 'errored' : 'failed';
}
