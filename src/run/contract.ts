import type { BackupSource } from '../backup/source.ts';
import type { BackupSpec, Drill, EngineSpec } from '../config/drill-file.ts';
import type { Engine } from '../engines/engine.ts';
import type { Plan } from '../plan/plan.ts';
import type { CheckRecord, PhaseRecord, RunRecord, StageOutcome, Trigger } from '../record/run-record.ts';
import type { ClaimOutcome, DueClaim } from '../record/schedule-store.ts';
import type { Store } from '../record/store.ts';
import type { SandboxRuntime } from '../sandbox/sandbox.ts';
import type { Clock } from '../support/clock.ts';
import type { RuntimeName, StageName } from '../support/vocabulary.ts';

/** One drill to be run now. */
export interface DrillRequest {
  readonly drill: Drill;
  /** Who or what asked: `by hand (alice)`, `schedule`. */
  readonly triggeredBy: string;
  readonly trigger: Trigger;
  /** What is claimed along with the run, where a schedule asked for it; undefined: by hand. */
  readonly due: DueClaim | undefined;
  readonly runtime: RuntimeName | undefined;
  readonly keep: KeepRequest;
  readonly emit: EmitRunEvent;
  /** Aborted to give the run up (Ctrl-C): it ends as `interrupted`, and is torn down all the same. */
  readonly interrupt: AbortSignal;
}

/** Whether the sandbox stays up afterwards for a person to look at; read when the run has been recorded. */
export interface KeepRequest {
  /** How long; undefined: not at all. May be changed while the run goes on. */
  ms: number | undefined;
  /** `ms` will be no more than that: the sandbox's lease allows for it from the start. */
  readonly limitMs: number;
}

/** Everything with a side effect that a drill uses, passed in. */
export interface DrillServices {
  readonly clock: Clock;
  readonly store: Store;
  readonly openSource: (spec: BackupSpec['source']) => Promise<BackupSource>;
  readonly engineOf: (type: EngineSpec['type']) => Promise<Engine>;
  /** Throws when that runtime can make no sandbox; without a name, the default one that can. */
  readonly chooseRuntime: (name: RuntimeName | undefined, signal: AbortSignal) => Promise<SandboxRuntime>;
  /** Image names of this installation in the place of public ones. */
  readonly images: Readonly<Record<string, string>>;
  readonly describeDefinition: (drill: Drill) => string;
  readonly redact: (text: string) => string;
  readonly version: string;
  /** A record that cannot be written is tried again after each of these, in milliseconds. */
  readonly recordRetryDelaysMs: readonly number[];
}

/** A run that was due is not begun: another process has, one of the same drill goes on, or there is no room. Nothing was stored. */
export class RunNotClaimed extends Error {
  override readonly name = 'RunNotClaimed';
  readonly outcome: Exclude<ClaimOutcome, { kind: 'claimed' }>;

  constructor(drill: string, outcome: Exclude<ClaimOutcome, { kind: 'claimed' }>) {
    super(`the run of ${drill} was not claimed: ${outcome.kind}`);
    this.outcome = outcome;
  }
}

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
  | { readonly type: 'run-started'; readonly deadlineMs: number; readonly drillFile: string }
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
