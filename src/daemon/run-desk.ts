import type { Drill } from '../config/drill-file.ts';
import type { LiveChange, LiveRun } from '../dashboard/control.ts';
import type { Heartbeat } from '../notify/heartbeat.ts';
import type { RunRecord, Trigger } from '../record/run-record.ts';
import type { ClaimOutcome, SkipRecord } from '../record/schedule-store.ts';
import type { DrillServices, RunEvent } from '../run/contract.ts';
import { RunNotClaimed } from '../run/contract.ts';
import { runAndTell } from '../run/run-with-heartbeat.ts';
import { asDrillError, DrillError } from '../support/errors.ts';
import type { RuntimeName } from '../support/words.ts';
import { type AdmissionInput, type AdmissionLimits, admit, type RunningRun, type WaitingRun } from './admission.ts';
import type { Basis, DrillStates, StateChange } from './drill-states.ts';
import { KEEP_LIMIT_MS, LiveRunView } from './live-run.ts';
import type { DaemonLog } from './log.ts';

/** A run that is due and waits for its turn. */
export interface Wanted {
  readonly drill: Drill;
  readonly trigger: Trigger;
  /** Since when it is due; by hand: when it was asked for. */
  readonly dueAt: Date;
  /** For people: `schedule (due 2026-11-22 03:30)`. */
  readonly triggeredBy: string;
  readonly waitingSince: Date;
  /** What the drill's state becomes in the same moment in which the run is claimed. */
  readonly change: StateChange;
  readonly skips: readonly SkipRecord[];
  /** When the store says something else by the time it is started, another process has been faster. Empty by hand. */
  readonly basis: Basis;
  /** Of a fresh attempt: the id of the run that it stands in for, the newest of its drill. */
  readonly standsInFor?: string;
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
  /** Called when a page would show something else. */
  readonly onChange: (change: LiveChange) => void;
}

/** A run that goes on in this process. */
interface GoingOn {
  readonly wanted: Wanted;
  readonly live: LiveRunView;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** Runs that wait, and runs that go on: starts what there is room for, and ends them all when it has to. */
export class RunDesk {
  private readonly deps: RunDeskDeps;
  private readonly queue = new Map<string, Wanted>();
  private readonly running = new Map<string, GoingOn>();
  /** Runs that have been recorded, and whose sandbox somebody looks into: they keep no run of their drill from starting. */
  private readonly kept = new Set<GoingOn>();

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
    defaultRuntime: RuntimeName | undefined,
    elsewhere: readonly RunningRun[],
    now: Date,
  ): Promise<void> {
    if (this.queue.size === 0) return;
    const { limits, states, log } = this.deps;
    const ready = this.waiting.filter(({ notBefore }) => !notBefore || notBefore <= now);
    const waiting = ready.map((wanted) => toWaiting(wanted, defaultRuntime));
    const here = this.goingOn.map(({ wanted }) => toLoad(wanted));
    for (const admission of admit({ waiting, running: [...here, ...elsewhere], capacity, limits, now })) {
      const { drill, wanted } = admission.run;
      if (admission.kind === 'start') this.start(wanted);
      else if (!isSameWait(states.of(drill).waitsFor, admission.why)) {
        log.info(`${drill} waits ${admission.why}`, { drill });
        await states.change(drill, { waitsFor: admission.why });
      }
    }
  }

  /** Everything that has a sandbox here, as far as it has come. */
  get live(): readonly LiveRun[] {
    return this.goingOn.flatMap(({ live }) => live.snapshot() ?? []);
  }

  /** Gives up one run, or removes the sandbox that was kept of it. @returns false: it does not go on here. */
  stop(runId: string, who: string): boolean {
    const one = this.goingOn.find(({ live }) => live.runId === runId);
    one?.stop.abort(stoppedBy(who, one.wanted.drill.name));
    return one !== undefined;
  }

  /** @returns false: it does not go on here, or is past that. */
  keep(runId: string, keepMs: number): boolean {
    const one = this.goingOn.find(({ live }) => live.runId === runId);
    if (!one || one.live.isTearingDown) return false;
    one.live.keep.ms = Math.min(keepMs, KEEP_LIMIT_MS);
    return true;
  }

  /** Gives up every run: each is torn down and recorded as interrupted. Kept sandboxes are removed. */
  giveUpAll(reason: DrillError): void {
    for (const { stop } of this.goingOn) stop.abort(reason);
  }

  /** Removes the sandboxes that are only looked into. */
  endKept(reason: DrillError): void {
    for (const { stop } of this.kept) stop.abort(reason);
  }

  /** Until nothing goes on. */
  async settle(): Promise<void> {
    await Promise.all(this.goingOn.map(({ ended }) => ended));
  }

  private get goingOn(): readonly GoingOn[] {
    return [...this.running.values(), ...this.kept];
  }

  private start(wanted: Wanted): void {
    const { name } = wanted.drill;
    this.queue.delete(name);
    const live = new LiveRunView(wanted.triggeredBy);
    const stop = new AbortController();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const one = { wanted, live, stop, ended };
    this.running.set(name, one);
    void this.run(one).finally(resolve);
  }

  /** Never throws: what goes wrong is the outcome. */
  private async run(one: GoingOn): Promise<void> {
    const { services, heartbeat, states, limits } = this.deps;
    const { wanted, live } = one;
    const { drill, trigger, triggeredBy, skips } = wanted;
    const state = { ...states.of(drill.name), ...wanted.change, waitsFor: undefined };
    const isSound = states.holds(drill.name, wanted.basis); // of the same state that the claim names
    const emit = (event: RunEvent) => {
      live.take(event);
      if (event.type === 'run-started') {
        states.stored(state);
        this.deps.onClaimed(wanted);
      }
      if (event.type === 'run-ended' && live.keep.ms !== undefined) this.moveToKept(one, event.run);
      this.tell(event);
      this.deps.onChange(toChange(event));
    };
    const request = {
      drill,
      trigger,
      triggeredBy,
      due: { state, skips, maxRunning: limits.sandboxes },
      runtime: undefined,
      keep: live.keep,
      emit,
      interrupt: one.stop.signal,
    };
    let outcome: Outcome;
    try {
      if (!(await this.isStillWanted(wanted, isSound))) throw new RunNotClaimed(drill.name, { kind: 'taken' });
      outcome = { kind: 'ended', run: await runAndTell(request, services, heartbeat) };
    } catch (thrown) {
      outcome = this.judge(drill.name, thrown, live.runId !== undefined);
    }
    if (this.kept.delete(one)) {
      this.deps.onChange({ kind: 'ended', drill: drill.name, runId: live.runId }); // it has come out before; its sandbox is gone now
      return;
    }
    this.running.delete(drill.name);
    this.deps.onOutcome(wanted, outcome);
  }

  private async isStillWanted({ drill, standsInFor }: Wanted, isSound: boolean): Promise<boolean> {
    if (!isSound || standsInFor === undefined) return isSound;
    const [newest] = await this.deps.services.store.findRuns({ drill: drill.name, limit: 1 });
    return newest?.id === standsInFor;
  }

  private moveToKept(one: GoingOn, run: RunRecord): void {
    this.running.delete(one.wanted.drill.name);
    this.kept.add(one);
    this.deps.onOutcome(one.wanted, { kind: 'ended', run });
  }

  private judge(drill: string, thrown: unknown, isClaimed: boolean): Outcome {
    if (thrown instanceof RunNotClaimed) return { kind: 'not-claimed', outcome: thrown.outcome };
    const error = asDrillError(thrown);
    this.deps.log.error(`${drill}: ${error.code}: ${error.message}`, { drill, code: error.code });
    return { kind: 'failed', error, isClaimed };
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

const CHANGES: Readonly<Record<RunEvent['type'], LiveChange['kind'] | undefined>> = {
  'run-started': 'started',
  'stage-started': 'stage',
  'stage-ended': 'stage',
  planned: undefined,
  progress: 'progress',
  check: 'check',
  log: undefined,
  kept: 'kept',
  'run-ended': 'ended',
};

function toChange({ type, drill, runId }: RunEvent): LiveChange {
  return { kind: CHANGES[type] ?? 'progress', drill, runId };
}

/** Numbers change all the time; what is waited for is worth a line only when it is something else. */
function isSameWait(before: string | undefined, why: string): boolean {
  return before?.replaceAll(/\d+/g, '') === why.replaceAll(/\d+/g, '');
}

/** What admission counts of a run that waits. */
function toWaiting(wanted: Wanted, defaultRuntime: RuntimeName | undefined): WaitingRun & { readonly wanted: Wanted } {
  const { drill, dueAt, waitingSince } = wanted;
  const runtime = drill.sandbox.runtime ?? defaultRuntime;
  return { ...toLoad(wanted), tier: drill.tier, dueAt, waitingSince, runtime, wanted };
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

/** Why runs are given up when the store has to be opened anew. */
export function storeLost(): DrillError {
  return new DrillError('interrupted', 'the run was given up because the store no longer took what it found', {
    hint: 'Nothing was judged; the scheduler makes a fresh attempt when the store is back.',
  });
}

/** Why a run is given up that somebody stops; no fresh attempt is made of it. */
function stoppedBy(who: string, drill: string): DrillError {
  return new DrillError('stopped', `canceled by ${who}`, {
    hint: `No verdict. Run the drill again: \`firedrill run ${drill}\`.`,
  });
}
