import type { Drill } from '../config/drill-file.ts';
import type { DrillServices } from '../drill.ts';
import { RunNotClaimed } from '../flow/begin-run.ts';
import type { RunEvent } from '../flow/run-events.ts';
import type { Heartbeat } from '../notify/heartbeat.ts';
import type { RunRecord, Trigger } from '../record/run-record.ts';
import type { ClaimOutcome, SkipRecord } from '../record/schedule-store.ts';
import { runAndTell } from '../run-and-tell.ts';
import { asDrillError, DrillError } from '../support/errors.ts';
import type { RuntimeName } from '../support/words.ts';
import { type AdmissionInput, type AdmissionLimits, admit, type RunningRun, type WaitingRun } from './admission.ts';
import type { DrillStates, StateChange } from './drill-states.ts';
import type { DaemonLog } from './log.ts';

/** A run that is due and waits for its turn. */
export interface Wanted {
  readonly drill: Drill;
  readonly trigger: Trigger & { readonly dueAt: Date };
  /** For people: `schedule (due 2026-11-22 03:30)`. */
  readonly triggeredBy: string;
  readonly waitingSince: Date;
  /** What the drill's state becomes in the same moment in which the run is claimed. */
  readonly change: StateChange;
  readonly skips: readonly SkipRecord[];
  /** What the restored data is expected to take; undefined: nothing is known. */
  readonly diskBytes: number | undefined;
  /** It is not tried before; undefined: at once. */
  readonly notBefore?: Date | undefined;
}

/** How a run that was wanted came out, for whoever wanted it. */
export type Outcome =
  | { readonly kind: 'ended'; readonly run: RunRecord }
  /** It could not be claimed, or not be recorded: the store failed. */
  | { readonly kind: 'failed'; readonly error: DrillError; readonly isClaimed: boolean }
  | { readonly kind: 'not-claimed'; readonly outcome: Exclude<ClaimOutcome, { kind: 'claimed' }> };

export interface RunDeskDeps {
  readonly services: DrillServices;
  readonly heartbeat: Heartbeat;
  readonly states: DrillStates;
  readonly log: DaemonLog;
  readonly limits: AdmissionLimits;
  /** Called when the store has the run, and with it that it is no longer due. */
  readonly onClaimed: (wanted: Wanted) => void;
  /** Called when a run has come out, after it has left the desk. */
  readonly onOutcome: (wanted: Wanted, outcome: Outcome) => void;
}

/** A run that goes on in this process. */
interface GoingOn {
  readonly wanted: Wanted;
  readonly ended: Promise<void>;
}

/** Runs that wait, and runs that go on: starts what there is room for, and ends them all when it has to. */
export class RunDesk {
  private readonly deps: RunDeskDeps;
  private readonly queue = new Map<string, Wanted>();
  private readonly running = new Map<string, GoingOn>();
  private readonly giveUp = new AbortController();

  constructor(deps: RunDeskDeps) {
    this.deps = deps;
  }

  get waiting(): readonly Wanted[] {
    return [...this.queue.values()];
  }

  get runningNames(): readonly string[] {
    return [...this.running.keys()];
  }

  isWaiting(drill: string): boolean {
    return this.queue.has(drill);
  }

  isRunning(drill: string): boolean {
    return this.running.has(drill);
  }

  put(wanted: Wanted): void {
    this.queue.set(wanted.drill.name, wanted);
  }

  /** Takes a run out of the queue that has not been started. */
  drop(drill: string): void {
    this.queue.delete(drill);
  }

  /** What waits is started as its drill is now; what is no drill any more is dropped. */
  renew(drills: ReadonlyMap<string, Drill>): void {
    for (const [name, wanted] of this.queue) {
      const drill = drills.get(name);
      if (drill) this.queue.set(name, { ...wanted, drill });
      else this.queue.delete(name);
    }
  }

  /**
   * Starts what there is room for; of the rest it is stored what they wait for.
   * @param defaultRuntime of drills that name none.
   * @param elsewhere runs of other processes on the same store.
   */
  async startWhatFits(
    capacity: AdmissionInput<WaitingRun>['capacity'],
    defaultRuntime: RuntimeName,
    elsewhere: readonly RunningRun[],
    now: Date,
  ): Promise<void> {
    if (this.queue.size === 0) return;
    const { limits, states, log } = this.deps;
    const ready = this.waiting.filter(({ notBefore }) => !notBefore || notBefore <= now);
    const waiting = ready.map((wanted) => toWaiting(wanted, defaultRuntime));
    const here = [...this.running.values()].map(({ wanted }) => toLoad(wanted));
    for (const admission of admit({ waiting, running: [...here, ...elsewhere], capacity, limits, now })) {
      const { drill, wanted } = admission.run;
      if (admission.kind === 'start') this.start(wanted);
      else if (!isSameWait(states.of(drill).waitsFor, admission.why)) {
        log.info(`${drill} waits ${admission.why}`, { drill });
        await states.change(drill, { waitsFor: admission.why });
      }
    }
  }

  /** Gives up every run: each is torn down and recorded as interrupted. */
  giveUpAll(reason: DrillError): void {
    this.giveUp.abort(reason);
  }

  /** Until no run goes on. */
  async settle(): Promise<void> {
    await Promise.all([...this.running.values()].map(({ ended }) => ended));
  }

  private start(wanted: Wanted): void {
    const { name } = wanted.drill;
    this.queue.delete(name);
    this.running.set(name, { wanted, ended: this.run(wanted) });
  }

  private async run(wanted: Wanted): Promise<void> {
    const { services, heartbeat, states, log } = this.deps;
    const { drill, trigger, triggeredBy } = wanted;
    const state = { ...states.of(drill.name), ...wanted.change, waitsFor: undefined };
    const due = { state, skips: wanted.skips, maxRunning: this.deps.limits.sandboxes };
    let isClaimed = false;
    const emit = (event: RunEvent) => {
      if (event.type === 'run-started') {
        isClaimed = true;
        states.stored(state);
        this.deps.onClaimed(wanted);
      }
      this.tell(event);
    };
    let outcome: Outcome;
    try {
      const interrupt = this.giveUp.signal;
      const request = { drill, trigger, triggeredBy, due, runtime: undefined, keepMs: undefined, emit, interrupt };
      outcome = { kind: 'ended', run: await runAndTell(request, services, heartbeat) };
    } catch (thrown) {
      if (thrown instanceof RunNotClaimed) outcome = { kind: 'not-claimed', outcome: thrown.outcome };
      else {
        const error = asDrillError(thrown);
        log.error(`${drill.name}: ${error.code}: ${error.message}`, { drill: drill.name, code: error.code });
        outcome = { kind: 'failed', error, isClaimed };
      }
    }
    this.running.delete(drill.name);
    this.deps.onOutcome(wanted, outcome);
  }

  private tell(event: RunEvent): void {
    const { log } = this.deps;
    const fields = { drill: event.drill, run: event.runId };
    if (event.type === 'run-started') log.info(`${event.drill}: run ${event.runId} started`, fields);
    else if (event.type === 'stage-ended')
      log.debug(`${event.drill}: ${event.stage} ${event.outcome}`, {
        ...fields,
        stage: event.stage,
        durationMs: Math.round(event.durationMs),
      });
    else if (event.type === 'log' && event.level !== 'info') log.warn(`${event.drill}: ${event.message}`, fields);
    else if (event.type === 'run-ended') {
      const level = event.run.verdict === 'passed' ? 'info' : event.run.verdict === 'failed' ? 'error' : 'warn';
      const recoveryMs = event.run.recoveryTimeMs;
      log[level](event.sentence, {
        ...fields,
        ...(recoveryMs === undefined ? {} : { recoveryMs: Math.round(recoveryMs) }),
      });
    }
  }
}

/** Numbers change all the time; what is waited for is worth a line only when it is something else. */
function isSameWait(before: string | undefined, why: string): boolean {
  return before?.replaceAll(/\d+/g, '') === why.replaceAll(/\d+/g, '');
}

/** What admission counts of a run that waits. */
function toWaiting(wanted: Wanted, defaultRuntime: RuntimeName): WaitingRun & { readonly wanted: Wanted } {
  const { drill, trigger, waitingSince } = wanted;
  const runtime = drill.sandbox.runtime ?? defaultRuntime;
  return { ...toLoad(wanted), tier: drill.tier, dueAt: trigger.dueAt, waitingSince, runtime, wanted };
}

function toLoad({ drill: { name, sandbox }, diskBytes }: Wanted): RunningRun {
  const { memoryBytes, cpus, storage } = sandbox;
  return { drill: name, memoryBytes, cpus, diskBytes: storage === 'tmpfs' ? 0 : diskBytes };
}

/** Why runs are given up when the scheduler is told to stop. */
export function stopReason(): DrillError {
  return new DrillError('interrupted', 'the run was given up because the scheduler was told to stop', {
    hint: 'Nothing was judged; the scheduler makes a fresh attempt when it is back.',
  });
}
