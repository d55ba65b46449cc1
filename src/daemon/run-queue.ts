import type { Drill } from '../config/drill-file.ts';
import type { Heartbeat } from '../notify/heartbeat.ts';
import { budgetFor } from '../record/month-budget.ts';
import { type CountedRun, limitsOn } from '../record/run-limits.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { BudgetClaim } from '../record/schedule-store.ts';
import type { DrillServices, RunEvent } from '../run/contract.ts';
import { RunNotClaimed } from '../run/contract.ts';
import { runWithHeartbeat } from '../run/run-with-heartbeat.ts';
import { asDrillError, type DrillError } from '../support/errors.ts';
import { currentOwner } from '../support/owner.ts';
import { type AdmissionInput, admit, type WaitingRun } from './admission.ts';
import { canceledBy } from './cancel-reasons.ts';
import type { LiveChange, LiveRun } from './control.ts';
import type { DrillStates } from './drill-states.ts';
import { KEEP_LIMIT_MS, LiveRunView } from './live-run.ts';
import type { DaemonLog } from './log.ts';
import type { AdmissionLimits, RunningRun } from './place-run.ts';
import { type Outcome, type QueuedRun, toCounted, toLoad, toWaiting } from './queued-run.ts';
import { logRunEvent, toChange } from './run-events.ts';

export interface RunQueueDeps {
  readonly services: DrillServices;
  readonly heartbeat: Heartbeat;
  readonly states: DrillStates;
  readonly log: DaemonLog;
  readonly limits: AdmissionLimits;
  /** Called when the run was claimed, and so is no longer due. */
  readonly onClaimed: (queued: QueuedRun) => void;
  /** Called when a run has an outcome and has left the queue. */
  readonly onOutcome: (queued: QueuedRun, outcome: Outcome) => void;
  /** Called when pages need an update. */
  readonly onChange: (change: LiveChange) => void;
}

/** A run in progress in this process. */
interface ActiveRun {
  readonly queued: QueuedRun;
  /** The engine it was placed on; undefined: there was no choice. */
  readonly containerEngine: string | undefined;
  readonly live: LiveRunView;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/**
 * Limits how many reasons for waiting are stored per tick. In a long queue, all runs wait for the next one, so every start changes all reasons; those further
 * back are stored at later ticks.
 */
const WAITS_STORED_AT_ONCE = 200;

/** Delay before a failed or refused claim is retried. */
export const CLAIM_RETRY_MS = 10_000;

/** Queued and active runs. Starts runs that fit the limits, and cancels all on shutdown. */
export class RunQueue {
  private readonly deps: RunQueueDeps;
  /** Whose runs count towards the limit of concurrent runs; undefined: all runs in the store. */
  private readonly host: string | undefined;
  private readonly queue = new Map<string, QueuedRun>();
  private readonly running = new Map<string, ActiveRun>();
  /** Recorded runs with a kept sandbox. They do not block the next run of their drill. */
  private readonly kept = new Set<ActiveRun>();

  constructor(deps: RunQueueDeps) {
    this.deps = deps;
    this.host = deps.services.store.isShared ? currentOwner().host : undefined;
  }

  get waiting(): readonly QueuedRun[] {
    return [...this.queue.values()];
  }

  /** The queued runs, including those that are added while the caller iterates. */
  eachWaiting(): Iterable<QueuedRun> {
    return this.queue.values();
  }

  get runningNames(): readonly string[] {
    return [...this.running.keys()];
  }

  /** What triggered the drill's queued or active run; undefined: neither. */
  triggerOf(drill: string): QueuedRun['trigger'] | undefined {
    return (this.queue.get(drill) ?? this.running.get(drill)?.queued)?.trigger;
  }

  isWaiting(drill: string): boolean {
    return this.queue.has(drill);
  }

  isRunning(drill: string): boolean {
    return this.running.has(drill);
  }

  add(queued: QueuedRun): void {
    this.queue.set(queued.drill.name, queued);
  }

  /** Removes a run that has not started. */
  drop(drill: string): void {
    this.queue.delete(drill);
  }

  /** Applies the current configuration to queued runs and drops those whose drill was removed. */
  renew(drills: ReadonlyMap<string, Drill>): void {
    for (const [name, queued] of this.queue) {
      const drill = drills.get(name);
      if (drill) this.queue.set(name, { ...queued, drill });
      else this.queue.delete(name);
    }
  }

  /**
   * Starts the runs that fit, and stores what the others are waiting for.
   * @param defaultRuntime for drills that name none.
   * @param elsewhere runs of other processes on this machine.
   * @param fleet runs of other processes on any machine.
   */
  async startQueued(
    capacity: AdmissionInput<WaitingRun>['capacity'],
    defaultRuntime: string | undefined,
    elsewhere: readonly RunningRun[],
    fleet: readonly CountedRun[],
    now: Date,
  ): Promise<void> {
    if (this.queue.size === 0) return;
    const { limits, states, log, services } = this.deps;
    const ready = this.waiting.filter(({ notBefore }) => !notBefore || notBefore <= now);
    const waiting = ready.map((queued) => toWaiting(queued, defaultRuntime, services.limits.runs));
    const own = this.active.map(({ queued, containerEngine, live }) => ({
      ...toLoad(queued),
      containerEngine,
      runId: live.runId,
    }));
    const running = [...own, ...elsewhere];
    const counted = [...[...this.running.values()].map(({ queued }) => toCounted(queued)), ...fleet];
    let stored = 0;
    for (const admission of admit({ waiting, running, capacity, limits, fleet: counted, now })) {
      const { drill, queued } = admission.run;
      if (admission.kind === 'start') this.start(queued, admission.containerEngine);
      else if (stored < WAITS_STORED_AT_ONCE && !isSameWait(states.of(drill).waitsFor, admission.why)) {
        stored += 1;
        log.info(`${drill} waits ${admission.why}`, { drill });
        await states.change(drill, { waitsFor: admission.why });
      }
    }
  }

  /** Snapshots of all active runs. */
  get live(): readonly LiveRun[] {
    return this.active.flatMap(({ live }) => live.snapshot() ?? []);
  }

  /** Cancels a run, or removes its kept sandbox. @returns false if it is not active in this process. */
  stop(runId: string, who: string): boolean {
    const one = this.active.find(({ live }) => live.runId === runId);
    one?.stop.abort(canceledBy(who, one.queued.drill.name));
    return one !== undefined;
  }

  /** @returns false if it is not active in this process, or is already being torn down. */
  keep(runId: string, keepMs: number): boolean {
    const one = this.active.find(({ live }) => live.runId === runId);
    if (!one || one.live.isTearingDown) return false;
    one.live.keep.ms = Math.min(keepMs, KEEP_LIMIT_MS);
    return true;
  }

  /** Cancels every run: each is torn down and recorded as interrupted. Kept sandboxes are removed. */
  cancelAll(reason: DrillError): void {
    for (const { stop } of this.active) stop.abort(reason);
  }

  /** Removes kept sandboxes. */
  endKept(reason: DrillError): void {
    for (const { stop } of this.kept) stop.abort(reason);
  }

  /** Resolves when no run is active. */
  async settle(): Promise<void> {
    await Promise.all(this.active.map(({ ended }) => ended));
  }

  private get active(): readonly ActiveRun[] {
    return [...this.running.values(), ...this.kept];
  }

  private start(queued: QueuedRun, containerEngine: string | undefined): void {
    const { name } = queued.drill;
    this.queue.delete(name);
    const live = new LiveRunView(queued.triggeredBy);
    const stop = new AbortController();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const one = { queued, containerEngine, live, stop, ended };
    this.running.set(name, one);
    void this.run(one).finally(resolve);
  }

  /** Never throws: a failure is an outcome. */
  private async run(one: ActiveRun): Promise<void> {
    const { services, heartbeat, states, limits } = this.deps;
    const { queued, containerEngine, live } = one;
    const { drill, trigger, triggeredBy, skips } = queued;
    const state = { ...states.of(drill.name), ...queued.change, waitsFor: undefined };
    const isSound = states.holds(drill.name, queued.basis); // based on the same state that the claim names
    const emit = (event: RunEvent) => {
      live.take(event);
      if (event.type === 'run-started') {
        states.stored(state);
        this.deps.onClaimed(queued);
      }
      if (event.type === 'run-ended' && event.run.sandbox?.kept) this.moveToKept(one, event.run);
      logRunEvent(this.deps.log, event);
      this.deps.onChange(toChange(event));
    };
    const request = {
      drill,
      trigger,
      triggeredBy,
      due: {
        state,
        skips,
        maxRunning: limits.sandboxes,
        host: this.host,
        limits: limitsOn(toCounted(queued), services.limits.runs),
        budget: budgetOf(queued, services),
        job: queued.job,
      },
      runtime: undefined,
      containerEngine,
      keep: live.keep,
      emit,
      interrupt: one.stop.signal,
    };
    let outcome: Outcome;
    try {
      if (!(await this.isStillDue(queued, isSound))) throw new RunNotClaimed(drill.name, { kind: 'taken' });
      outcome = { kind: 'ended', run: await runWithHeartbeat(request, services, heartbeat) };
    } catch (thrown) {
      outcome = this.judge(drill.name, thrown, live.runId !== undefined);
      await this.noteBudget(drill.name, outcome);
    }
    if (this.kept.delete(one)) {
      this.deps.onChange({ kind: 'ended', drill: drill.name, runId: live.runId }); // the outcome was reported before; now its sandbox is gone
      return;
    }
    this.running.delete(drill.name);
    this.deps.onOutcome(queued, outcome);
  }

  private async isStillDue({ drill, retryOf }: QueuedRun, isSound: boolean): Promise<boolean> {
    if (!isSound || retryOf === undefined) return isSound;
    const [newest] = await this.deps.services.store.findRuns({ drill: drill.name, limit: 1 });
    return newest?.id === retryOf;
  }

  private moveToKept(one: ActiveRun, run: RunRecord): void {
    this.running.delete(one.queued.drill.name);
    this.kept.add(one);
    this.deps.onOutcome(one.queued, { kind: 'ended', run });
  }

  private async noteBudget(drill: string, outcome: Outcome): Promise<void> {
    const { states, log } = this.deps;
    if (outcome.kind !== 'not-claimed' || outcome.outcome.kind !== 'over-budget') return;
    const { isSkipped, why } = outcome.outcome;
    const waitsFor = `for the ${why}`;
    if (isSkipped) log.warn(`${drill}: a run skipped (budget): over the ${why}`, { drill, kind: 'budget' });
    else if (states.of(drill).waitsFor !== waitsFor) {
      await states.change(drill, { waitsFor }).catch((thrown: unknown) => {
        log.warn(`${drill}: could not record what it waits for: ${asDrillError(thrown).message}`, { drill });
      });
    }
  }

  private judge(drill: string, thrown: unknown, isClaimed: boolean): Outcome {
    if (thrown instanceof RunNotClaimed) return { kind: 'not-claimed', outcome: thrown.outcome };
    const error = asDrillError(thrown);
    this.deps.log.error(`${drill}: ${error.code}: ${error.message}`, { drill, code: error.code });
    return { kind: 'failed', error, isClaimed };
  }
}

/** A retry stays due until its time is over, so it waits. */
function budgetOf(
  { retryOf, dueAt, isOverBudget }: QueuedRun,
  { limits, clock }: Pick<DrillServices, 'limits' | 'clock'>,
): BudgetClaim | undefined {
  const budget = isOverBudget ? undefined : budgetFor(limits.costPerMonth, clock.now());
  return budget && { ...budget, onExceeded: retryOf === undefined ? 'skip' : 'wait', dueAt };
}

/** Numbers change all the time, so a wait is logged again only when its wording changes. */
function isSameWait(before: string | undefined, why: string): boolean {
  return before?.replaceAll(/\d+/g, '') === why.replaceAll(/\d+/g, '');
}
