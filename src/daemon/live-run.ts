import type { KeepRequest, RunEvent } from '../run/contract.ts';
import { describeEvent } from '../run/event-words.ts';
import { NEW_RUN, type RunState, reduce, stagesOf } from '../run/run-state.ts';
import type { LiveLine, LiveRun } from './control.ts';

/** Longest time that a sandbox is kept on a user's request during the run. */
export const KEEP_LIMIT_MS = 3_600_000;

/** How many recent log lines pages show. */
const MAX_LINES = 8;

/** A run in progress, as shown on pages. */
export class LiveRunView {
  /** Read by the run after it was recorded; can be set until then. */
  readonly keep: KeepRequest = { ms: undefined, limitMs: KEEP_LIMIT_MS };
  private readonly triggeredBy: string;
  private state: RunState = NEW_RUN;
  private lastLines: readonly LiveLine[] = [];

  constructor(triggeredBy: string) {
    this.triggeredBy = triggeredBy;
  }

  /** undefined until the store has the run. */
  get runId(): string | undefined {
    return this.state.started?.runId;
  }

  /** Whether it is too late to keep its sandbox. */
  get isTearingDown(): boolean {
    return this.state.stage?.name === 'teardown' || this.state.kept !== undefined;
  }

  take(event: RunEvent): void {
    this.state = reduce(this.state, event);
    const line = describeEvent(event);
    if (line) this.lastLines = [...this.lastLines, { ...line, at: event.at }].slice(-MAX_LINES);
  }

  /** A copy; undefined until the store has the run. */
  snapshot(): LiveRun | undefined {
    const { started, stage, progress, prediction, backup, checks, kept } = this.state;
    if (!started) return undefined;
    const { runId, drill, startedAt, rtoMs } = started;
    const { triggeredBy, keep, lastLines } = this;
    const stages = stagesOf(this.state);
    const common = { runId, drill, startedAt, rtoMs, triggeredBy, stages, stage, progress, prediction, backup };
    return { ...common, lastLines, checks, kept, keepMs: keep.ms };
  }
}
