import type { Drill } from '../config/drill-file.ts';
import type { ServeSettings } from '../config/serve-schema.ts';
import type { Heartbeat } from '../notify/heartbeat.ts';
import type { RunnerRecord } from '../record/queue-store.ts';
import type { Silence } from '../record/silence-store.ts';
import type { DrillServices } from '../run/contract.ts';
import type { PoolService } from '../status/pool-service.ts';
import type { DrillStanding } from '../status/read-standings.ts';
import { earlierOf } from '../support/instants.ts';
import type { LiveChange, WaitingRun } from './control.ts';
import { DrillStates } from './drill-states.ts';
import { dueRetries } from './due-retries.ts';
import type { Housekeeper } from './housekeeper.ts';
import type { DaemonLog } from './log.ts';
import { NewBackupTrigger } from './new-backup-trigger.ts';
import { Overlaps } from './overlaps.ts';
import { PoolQueue } from './pool-queue.ts';
import type { Outcome, QueuedRun } from './queued-run.ts';
import { Races } from './races.ts';
import { CLAIM_RETRY_MS, RunQueue } from './run-queue.ts';
import {
  comesAgain,
  isLostUnlessKept,
  raceAfter,
  staysQueued,
  toByHand,
  toOverlap,
  toRaced,
  toScheduled,
} from './run-requests.ts';
import { type DueRun, ScheduleTrigger } from './schedule-trigger.ts';
import { skipPaused } from './skip-paused.ts';
import { startRuns } from './start-runs.ts';

export interface DispatcherDeps {
  readonly services: DrillServices;
  readonly heartbeat: Heartbeat;
  readonly settings: ServeSettings;
  readonly log: DaemonLog;
  readonly housekeeper: Housekeeper;
  /** From `formatOwner`; its runs are counted here and not in the store. */
  readonly owner: string;
  /** Wakes the scheduler for its next tick. */
  readonly wake: () => void;
  /** Called when pages need an update. */
  readonly onChange: (change: LiveChange) => void;
}

/** Queues runs for schedules, new backups and retries, and settles their outcomes. */
export class Dispatcher {
  readonly runs: RunQueue;
  private readonly deps: DispatcherDeps;
  private readonly states: DrillStates;
  private schedules: ScheduleTrigger;
  private readonly backups: NewBackupTrigger;
  private readonly races: Races;
  private readonly pools: PoolQueue;
  private readonly overlaps: Overlaps;
  private readonly outcomes: { readonly queued: QueuedRun; readonly outcome: Outcome }[] = [];
  private readonly notStarted: QueuedRun[] = []; // settled, but their drills are not scheduled again yet
  private drills: readonly Drill[] = [];
  private byName: ReadonlyMap<string, Drill> = new Map();
  private pauses: readonly Silence[] = []; // those that pause runs
  private isLeading = false;

  constructor(deps: DispatcherDeps) {
    const { services, log, settings, heartbeat, wake } = deps;
    this.deps = deps;
    this.states = new DrillStates(services.store);
    this.schedules = new ScheduleTrigger(this.states, log);
    const onSettled = (drill: string, handledUntil: Date) => this.schedules.settle(drill, handledUntil);
    this.overlaps = new Overlaps({ states: this.states, log, onSettled });
    this.pools = new PoolQueue({ store: services.store, states: this.states, log });
    this.runs = new RunQueue({
      services,
      heartbeat,
      log,
      states: this.states,
      limits: settings,
      onClaimed: ({ drill, change }) => {
        if (!change.handledUntil) return;
        this.schedules.settle(drill.name, change.handledUntil);
        wake(); // the drill may be due again before the next tick
      },
      onOutcome: (queued, outcome) => this.noteOutcome(queued, outcome),
      onChange: deps.onChange,
    });
    this.backups = new NewBackupTrigger({
      services,
      log,
      states: this.states,
      pollIntervalMs: settings.pollBackupsMs,
      isBusy: (drill) => this.isBusy(drill),
      wake,
    });
    this.races = new Races({
      ...deps,
      store: services.store,
      busyWith: (drill) => this.runs.triggerOf(drill) ?? this.pools.triggerOf(drill),
      queue: (drill, race) => {
        this.runs.add(toRaced(drill, race, services.clock.now(), this.backups.diskBytesOf(drill.name)));
        wake();
      },
    });
  }

  /** When the next scheduled run is due here; undefined: never. */
  get nextDueAt(): Date | undefined {
    return this.isLeading ? this.schedules.nextDueAt : undefined;
  }

  /** The service state of each pool that a drill names. */
  get poolServices(): readonly PoolService[] {
    return this.pools.services;
  }

  /** Loads the stored state of each drill, then schedules these drills. */
  async start(drills: readonly Drill[], pauses: readonly Silence[], now: Date): Promise<void> {
    this.isLeading = true;
    await this.states.reload();
    await this.setDrills(drills, pauses, now);
    await this.races.resume(this.byName, now);
  }

  /** Another scheduler now leads, and will start what is queued here, except manual runs. To lead again, call {@link start}. */
  standBy(): void {
    this.isLeading = false;
    this.schedules = new ScheduleTrigger(this.states, this.deps.log);
    this.overlaps.clear();
    for (const queued of this.runs.waiting) if (!isLostUnlessKept(queued)) this.runs.drop(queued.drill.name);
  }

  /** Replaces the drills and the silences that pause runs. Queued runs of removed or rescheduled drills are dropped. */
  async setDrills(drills: readonly Drill[], pauses: readonly Silence[], now: Date): Promise<void> {
    this.drills = drills;
    this.byName = new Map(drills.map((drill) => [drill.name, drill]));
    this.pauses = pauses;
    await this.reschedule(now);
    this.runs.renew(this.byName);
  }

  /** @returns whether a run has ended since the last tick. */
  async settleOutcomes(now: Date): Promise<boolean> {
    const count = this.outcomes.length; // more may come meanwhile, for the next tick
    if (this.outcomes.some(({ outcome }) => outcome.kind === 'not-claimed')) await this.states.reload();
    for (const { queued, outcome } of this.outcomes.slice(0, count)) {
      if (await this.settleOutcome(queued, outcome, now)) this.notStarted.push(queued);
      this.outcomes.shift(); // removed only now, so that one that could not be settled is retried at the next tick
    }
    if (this.notStarted.length > 0) await this.reschedule(now);
    for (const { drill, dueAt } of this.notStarted.splice(0))
      this.schedules.settle(drill.name, this.states.of(drill.name).handledUntil ?? dueAt);
    return count > 0;
  }

  /**
   * Starts what is due and fits.
   * @param hasEnded whether any run has ended, in any process.
   * @param runners currently in the store.
   * @returns when to check again; undefined: nothing is due.
   */
  async dispatch(now: Date, hasEnded: boolean, runners: readonly RunnerRecord[]): Promise<Date | undefined> {
    for (const queued of await this.pools.refresh(this.drills, runners, now))
      if (!this.runs.isRunning(queued.drill.name)) this.runs.add(queued);
    await this.schedules.collectDue(now, (due) => this.enqueue(due));
    const nextPollAt = await this.backups.poll(this.byName, now, (queued) => this.runs.add(queued));
    await this.overlaps.settle(now);
    await this.races.goOnWithEnded(this.byName, this.pools.takeRacedLeft() || hasEnded, now);
    const { runs, states, deps, pauses } = this;
    const onSkipped = (queued: QueuedRun) => this.noteSkipped(queued);
    await skipPaused({ runs, states, store: deps.services.store, log: deps.log, onSkipped }, pauses, now);
    await this.handOver(now);
    await startRuns(runs, deps, now);
    return earlierOf(this.nextDueAt, nextPollAt);
  }

  /** Starts manual runs requested from this process while another scheduler leads. */
  async dispatchRequests(now: Date, runners: readonly RunnerRecord[]): Promise<undefined> {
    await this.pools.read(this.drills, runners, now);
    if (this.runs.waiting.length > 0) await this.states.reload();
    await this.handOver(now);
    await startRuns(this.runs, this.deps, now);
  }

  /** Queues a manual run: see {@link DrillControl.runNow}. */
  runNow(name: string, who: string, isOverBudget = false): 'queued' | 'busy' | 'unknown' {
    const drill = this.byName.get(name);
    if (!drill) return 'unknown';
    if (this.isBusy(name)) return 'busy';
    const expected = { diskBytes: this.backups.diskBytesOf(name), isOverBudget };
    this.runs.add(toByHand(drill, who, this.deps.services.clock.now(), expected));
    this.deps.onChange({ kind: 'waiting', drill: name, runId: undefined });
    this.deps.wake();
    return 'queued';
  }

  /** Queued runs and what they are waiting for. */
  get waiting(): readonly WaitingRun[] {
    const own = this.runs.waiting.filter(({ job }) => job === undefined);
    const waiting = own.map(({ drill: { name }, waitingSince, triggeredBy }) => {
      return { drill: name, since: waitingSince, triggeredBy, waitsFor: this.states.of(name).waitsFor };
    });
    return [...waiting, ...this.pools.waiting];
  }

  /** Queues the retries that are due, those of pools at once. @param standings may be slightly out of date. */
  async retry(standings: readonly DrillStanding[], now: Date): Promise<void> {
    // Runs that ended after the standings were read are not included in them, and may include the retry itself.
    const unread = new Set(this.outcomes.map(({ queued }) => queued.drill.name));
    const isBusy = (drill: string) => this.isBusy(drill) || unread.has(drill);
    const diskBytesOf = (drill: string) => this.backups.diskBytesOf(drill);
    const { byName: drills, pauses } = this;
    for (const queued of dueRetries(standings, { drills, pauses, now, isBusy, diskBytesOf })) {
      if (this.pools.wasRetried(queued.retryOf)) continue;
      this.runs.add(queued);
      this.deps.wake();
    }
    await this.handOver(now);
  }

  /** Stops polling and drops the queue; its runs are due again at the next start. @returns the drills that were queued. */
  async stop(): Promise<readonly string[]> {
    await this.backups.stop();
    const waiting = this.runs.waiting.map(({ drill }) => drill.name);
    for (const drill of waiting) this.runs.drop(drill);
    return waiting;
  }

  private isBusy(drill: string): boolean {
    return this.runs.isRunning(drill) || this.runs.isWaiting(drill) || this.pools.triggerOf(drill) !== undefined;
  }

  private async reschedule(now: Date): Promise<void> {
    if (!this.isLeading) return;
    const [newest] = await this.deps.services.store.getDaemons();
    for (const drill of await this.schedules.set(this.drills, now, newest?.beatAt)) this.runs.drop(drill);
  }

  private enqueue(due: DueRun): void {
    const { name } = due.drill;
    if (this.runs.isRunning(name)) this.overlaps.add(due);
    else this.runs.add(toScheduled(due, this.deps.services.clock.now(), this.backups.diskBytesOf(name)));
  }

  private async noteSkipped(queued: QueuedRun): Promise<void> {
    const { drill, change, race } = queued;
    if (change.handledUntil)
      this.schedules.settle(drill.name, this.states.of(drill.name).handledUntil ?? change.handledUntil);
    if (!comesAgain(queued)) await this.races.goOn(race, this.byName);
  }

  /** Moves the runs of drills with a pool to the pool's queue. */
  private async handOver(now: Date): Promise<void> {
    for (const queued of this.runs.waiting) {
      const { drill, change, notBefore } = queued;
      if (drill.pool === undefined || (notBefore && notBefore > now)) continue;
      const outcome = await this.pools.send(queued);
      this.runs.drop(drill.name);
      if (outcome.kind !== 'queued') this.noteOutcome(queued, { kind: 'not-claimed', outcome });
      else if (change.handledUntil) this.schedules.settle(drill.name, change.handledUntil);
    }
  }

  /** Settled at the next tick, all of them together. */
  private noteOutcome(queued: QueuedRun, outcome: Outcome): void {
    this.outcomes.push({ queued, outcome });
    this.deps.wake();
  }

  /** @returns whether the run was not started and is not queued any more, so that its drill must be scheduled again. */
  private async settleOutcome(queued: QueuedRun, outcome: Outcome, now: Date): Promise<boolean> {
    const { name } = queued.drill;
    const notBefore = new Date(now.getTime() + CLAIM_RETRY_MS);
    if (outcome.kind === 'ended') {
      await this.races.goOn(raceAfter(queued, outcome.run), this.byName);
      return false;
    }
    if (outcome.kind === 'failed') {
      // An unclaimed run is still due. A claimed run that could not be recorded is interrupted when its lease ends, and is then retried.
      if (!outcome.isClaimed) this.runs.add({ ...queued, notBefore });
      return false;
    }
    const result = outcome.outcome;
    if (staysQueued(queued, result)) {
      this.runs.add({ ...queued, notBefore });
      return false;
    }
    const isDue = queued.change.handledUntil !== undefined && this.states.holds(name, queued.basis);
    if ((result.kind === 'overlap' || result.kind === 'waiting') && isDue) {
      const reason = result.kind === 'waiting' ? 'a run was already queued' : `run ${result.runId} was in progress`;
      const skip = toOverlap(name, queued.dueAt, reason, now);
      await this.states.change(name, queued.change, [...queued.skips, skip]);
    }
    const isRaceHeld = queued.race && !queued.retryOf && (result.kind === 'overlap' || result.kind === 'waiting');
    if (result.kind === 'over-budget') await this.races.goOn(queued.race, this.byName);
    else this.deps.log[isRaceHeld ? 'debug' : 'info'](`${name}: not started here: ${result.kind}`, { drill: name });
    if (queued.race && isRaceHeld) this.races.tryAgain(name, queued.race, notBefore);
    return true;
  }
}
