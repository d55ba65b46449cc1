import type { CheckRecord, StageRecord } from '../record/run-record.ts';
import type { KeepRequest, Progress, RunEvent } from '../run/contract.ts';
import type { LiveRun } from './control.ts';

/** The longest that a sandbox is kept when a user asks during the run. */
export const KEEP_LIMIT_MS = 3_600_000;

/** A run in progress, built from its events. */
export class LiveRunView {
  /** Read by the run after it is recorded; can be set until then. */
  readonly keep: KeepRequest = { ms: undefined, limitMs: KEEP_LIMIT_MS };
  private readonly triggeredBy: string;
  private readonly stages: StageRecord[] = [];
  private readonly checks: CheckRecord[] = [];
  private started: { readonly runId: string; readonly drill: string; readonly startedAt: Date } | undefined;
  private stage: LiveRun['stage'];
  private progress: Progress | undefined;
  private kept: LiveRun['kept'];

  constructor(triggeredBy: string) {
    this.triggeredBy = triggeredBy;
  }

  /** undefined until the store has the run. */
  get runId(): string | undefined {
    return this.started?.runId;
  }

  /** Whether it is too late to keep its sandbox. */
  get isTearingDown(): boolean {
    return this.stage?.name === 'teardown' || this.kept !== undefined;
  }

  take(event: RunEvent): void {
    const { runId, drill, at } = event;
    if (event.type === 'run-started') this.started = { runId, drill, startedAt: at };
    else if (event.type === 'stage-started') this.stage = { name: event.stage, startedAt: event.startedAt };
    else if (event.type === 'progress') this.progress = event.progress;
    else if (event.type === 'check') this.checks.push(event.check);
    else if (event.type === 'kept') this.kept = pickKept(event);
    else if (event.type === 'stage-ended') {
      const { stage: name, startedAt, durationMs, outcome, phases } = event;
      this.stages.push({ name, startedAt, durationMs, outcome, phases });
      this.stage = undefined;
      this.progress = undefined;
    }
  }

  /** A copy; undefined until the store has the run. */
  snapshot(): LiveRun | undefined {
    if (!this.started) return undefined;
    const { triggeredBy, stage, progress, kept } = this;
    const { stages, checks } = this;
    return {
      ...this.started,
      triggeredBy,
      stages: [...stages],
      stage,
      progress,
      checks: [...checks],
      kept,
      keepMs: this.keep.ms,
    };
  }
}

function pickKept({ until, shellCommand, clientCommand }: Extract<RunEvent, { type: 'kept' }>): LiveRun['kept'] {
  return { until, shellCommand, clientCommand };
}
