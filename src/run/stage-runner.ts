import type { StageOutcome, StageRecord } from '../record/run-record.ts';
import type { Store } from '../record/store.ts';
import type { Clock } from '../support/clock.ts';
import { asDrillError, type DrillError, meaningOf } from '../support/errors.ts';
import { untilAborted } from '../support/until-aborted.ts';
import { nameStage, type StageName } from '../support/vocabulary.ts';
import type { RunFact, StageContext } from './contract.ts';
import { StagePhases } from './stage-phases.ts';

/** How long aborted work has to finish cleanly before the run continues without it. */
export const STOP_GRACE_MS = 2000;

export interface StageRunnerDeps {
  readonly runId: string;
  /** When the run began, and the monotonic time then; the first stage begins there. */
  readonly startedAt: Date;
  readonly startedMs: number;
  readonly clock: Clock;
  readonly store: Pick<Store, 'addStage'>;
  readonly emit: (fact: RunFact) => void;
  /** Ends the stage in progress; used for stages that have no signal of their own. */
  readonly signal: AbortSignal;
}

/** How a stage is run. */
export interface StageOptions<T> {
  /** A short summary of its result for the timeline. */
  readonly describe?: (value: T) => string;
  readonly signal?: AbortSignal;
}

/**
 * Runs stages one after the other and keeps the timeline, including failed ones. Stages leave no gaps: each begins at the instant at which the previous one
 * ended, so that work in between (a write to the store, a call to a listener) is counted. Their durations add up to the wall time, except for what is
 * explicitly left out. Times are whole milliseconds of the monotonic clock since the run began, so that adjusting the wall clock leaves no gap.
 */
export class StageRunner {
  /** The stage whose work is in progress, for messages about how far a run got. */
  current: StageName | undefined;
  private readonly deps: StageRunnerDeps;
  /** Time from the start of the run to the end of the last stage. */
  private endedMs = 0;

  constructor(deps: StageRunnerDeps) {
    this.deps = deps;
  }

  /** When the last stage ended; before the first stage has ended, when the run began. */
  get endedAt(): Date {
    return new Date(this.deps.startedAt.getTime() + this.endedMs);
  }

  /**
   * Runs one stage until it ends or its signal aborts, whichever comes first, so that a deadline holds even if a library ignores the signal.
   * @throws DrillError, always: the signal's reason when it has aborted (the first cause), else what the stage threw.
   */
  async run<T>(
    name: StageName,
    work: (ctx: StageContext) => Promise<T>,
    { describe, signal = this.deps.signal }: StageOptions<T> = {},
  ): Promise<T> {
    const { clock, emit } = this.deps;
    const startedAt = this.endedAt;
    const phases = new StagePhases(clock, (ms) => this.instantOf(ms, startedAt));
    let isOver = false;
    const emitDuring = (fact: RunFact) => {
      if (!isOver) emit(fact);
    };
    this.current = name;
    emit({ type: 'stage-started', stage: name, startedAt });
    let outcome: StageOutcome = 'ok';
    let summary: string | undefined;
    try {
      signal.throwIfAborted();
      const value = await untilAborted(work({ signal, clock, emit: emitDuring, phases }), signal, STOP_GRACE_MS);
      summary = describe?.(value);
      return value;
    } catch (thrown) {
      const error = asDrillError(signal.aborted ? signal.reason : thrown, name);
      outcome = outcomeOf(error);
      throw error;
    } finally {
      isOver = true;
      const durationMs = this.tick();
      this.current = undefined;
      await this.keep({ name, startedAt, durationMs, outcome, phases: phases.end() }, summary);
    }
  }

  /** Does work between two stages that belongs to neither, and is not counted in either. @throws what the work throws. */
  async leaveOut<T>(work: () => Promise<T>): Promise<T> {
    this.tick();
    try {
      return await work();
    } finally {
      this.tick();
    }
  }

  /** Adds a stage that was never started to the timeline. */
  async skip(name: StageName): Promise<void> {
    await this.keep({ name, startedAt: this.endedAt, durationMs: 0, outcome: 'skipped', phases: [] }, undefined);
  }

  /** Converts monotonic time to an instant, never before the stage began. */
  private instantOf(monotonicMs: number, stageStartedAt: Date): Date {
    const at = this.deps.startedAt.getTime() + Math.round(monotonicMs - this.deps.startedMs);
    return new Date(Math.max(at, stageStartedAt.getTime()));
  }

  /** @returns the time since the last stage ended, and marks now as the end of the current one. */
  private tick(): number {
    const beganMs = this.endedMs;
    this.endedMs = Math.max(beganMs, Math.round(this.deps.clock.monotonicMs() - this.deps.startedMs));
    return this.endedMs - beganMs;
  }

  /** Only a killed run needs these intermediate writes, because the final record has everything. So a failure here does not end the run. */
  private async keep(stage: StageRecord, summary: string | undefined): Promise<void> {
    const { emit } = this.deps;
    try {
      await this.deps.store.addStage(this.deps.runId, stage);
    } catch (thrown) {
      const why = asDrillError(thrown).message;
      emit({ type: 'warning', message: `could not store the state at the end of ${nameStage(stage.name)}: ${why}` });
    }
    const { name, startedAt, durationMs, outcome, phases } = stage;
    emit({ type: 'stage-ended', stage: name, startedAt, durationMs, outcome, phases, summary });
  }
}

function outcomeOf(error: DrillError): StageOutcome {
  const meaning = meaningOf(error.code);
  if (meaning === 'interrupted') return 'interrupted';
  return meaning === 'errored' || meaning === 'usage' ? 'errored' : 'failed';
}
