import type { Plan } from '../plan/plan.ts';
import type { CheckRecord, PhaseRecord, RunRecord, StageOutcome } from '../record/run-record.ts';
import type { StageName } from '../support/words.ts';

/** How far the stage that is going on has come. */
export interface Progress {
  /** What is happening: `loading customer`. */
  readonly doing: string;
  readonly bytesRead: number;
  readonly totalBytes: number;
  /** Over the last seconds; undefined while nothing can be said. */
  readonly bytesPerSecond: number | undefined;
  /** 0 to 1; undefined while unknown. */
  readonly ratio: number | undefined;
  /** Undefined while nothing can be said. */
  readonly etaMs: number | undefined;
  /** Whether for some seconds nothing has come and nothing was done, although there is more to read. */
  readonly isStalled: boolean;
}

/** What a run tells while it goes on; printers and `--json` show nothing else. Every event names its run. */
export type RunEvent = { readonly runId: string; readonly drill: string; readonly at: Date } & (
  | { readonly type: 'run-started'; readonly deadlineMs: number }
  | { readonly type: 'stage-started'; readonly stage: StageName; readonly startedAt: Date }
  | { readonly type: 'progress'; readonly stage: StageName; readonly progress: Progress }
  | {
      readonly type: 'stage-ended';
      readonly stage: StageName;
      readonly startedAt: Date;
      readonly durationMs: number;
      readonly outcome: StageOutcome;
      readonly phases: readonly PhaseRecord[];
      /** What came out of it in a few words: `orders-2026-11-20.dump, 211 MB, taken 9 h ago`. */
      readonly summary: string | undefined;
    }
  | { readonly type: 'planned'; readonly plan: Plan }
  | { readonly type: 'check'; readonly check: CheckRecord }
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string }
  /** The sandbox stays up after the run, see `--keep`. */
  | { readonly type: 'kept'; readonly until: Date; readonly shellCommand: string; readonly clientCommand: string }
  | { readonly type: 'run-ended'; readonly run: RunRecord; readonly sentence: string }
);

/** An event before the run's own fields are put on it. */
export type RunEventBody = RunEvent extends infer Event
  ? Event extends RunEvent
    ? Omit<Event, 'runId' | 'drill' | 'at'>
    : never
  : never;

export type EmitRunEvent = (event: RunEvent) => void;
