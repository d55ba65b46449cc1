import type { Drill } from '../config/drill-file.ts';
import type { NewJob, QueuedJob, QueueOutcome, RunnerRecord } from '../record/queue-store.ts';
import type { SkipRecord } from '../record/schedule-store.ts';
import type { Store } from '../record/store.ts';
import { type PoolService, poolService } from '../status/pool-service.ts';
import type { WaitingRun } from './control.ts';
import type { DrillStates } from './drill-states.ts';
import type { DaemonLog } from './log.ts';
import type { QueuedRun } from './queued-run.ts';
import { toQueued } from './run-requests.ts';

/** A queued run of a drill that this process never had is dropped after this time: no other scheduler seems to know it either. */
const GONE_AFTER_MS = 24 * 3_600_000;

export interface PoolQueueDeps {
  readonly store: Pick<Store, 'isShared' | 'queueRun' | 'findJobs' | 'removeJob' | 'findRuns'>;
  readonly states: DrillStates;
  readonly log: DaemonLog;
}

/** The scheduler's side of the queues in which runs wait for a runner of their drill's pool. */
export class PoolQueue {
  private readonly deps: PoolQueueDeps;
  private jobs: Map<string, QueuedJob> = new Map(); // by id
  /** Queued since `jobs` was read. */
  private sent: NewJob[] = [];
  private triggers: Map<string, NewJob['trigger']> = new Map();
  private hasRacedLeft = false;
  private known: readonly PoolService[] = [];
  /** Drills that this process has known. Another scheduler may have others, and a file that is broken at startup yields none. */
  private readonly had = new Set<string>();
  /** Ids of runs that were already retried, which standings may not show yet. */
  private readonly retried = new Set<string>();

  constructor(deps: PoolQueueDeps) {
    this.deps = deps;
  }

  /** The service state of each pool that a drill names, as of the last {@link refresh}. */
  get services(): readonly PoolService[] {
    return this.known;
  }

  /** What triggered the drill's queued run; undefined: none is queued. */
  triggerOf(drill: string): NewJob['trigger'] | undefined {
    return this.triggers.get(drill);
  }

  /** Whether the retry of this run was already queued, or another run followed it. */
  wasRetried(runId: string | undefined): boolean {
    return runId !== undefined && this.retried.has(runId);
  }

  /** Whether a run that is part of a race has left its queue since the last call: it has started, or a runner has skipped it. */
  takeRacedLeft(): boolean {
    const { hasRacedLeft } = this;
    this.hasRacedLeft = false;
    return hasRacedLeft;
  }

  get waiting(): readonly WaitingRun[] {
    const services = new Map(this.known.map((one) => [one.pool, one]));
    return [...this.jobs.values(), ...this.sent].map(({ drill, pool, waitingSince, triggeredBy }) => {
      const service = services.get(pool);
      const waitsFor =
        service && !service.isServed ? `because ${service.sentence}` : this.deps.states.of(drill).waitsFor;
      return { drill, since: waitingSince, triggeredBy, waitsFor };
    });
  }

  /** Rereads the queues, and determines from the runners which ones are served. Throws the store's errors. */
  async read(drills: readonly Drill[], runners: readonly RunnerRecord[], now: Date): Promise<void> {
    const { store, states } = this.deps;
    const pools = [...new Set(drills.flatMap(({ pool }) => pool ?? []))].toSorted();
    for (const { name } of drills) this.had.add(name);
    if (!store.isShared || [pools.length, this.known.length, this.jobs.size].every((count) => count === 0)) return;
    this.take(await store.findJobs());
    this.known = pools.map((pool) => poolService(pool, runners, now));
    await states.reload(); // runners change them: they store there what a run waits for, and that it has started
  }

  /**
   * Rereads the queues, and updates queued runs to match their drills.
   * @returns the queued runs of drills that are no longer in a pool: the scheduler runs them itself. Throws the store's errors.
   */
  async refresh(drills: readonly Drill[], runners: readonly RunnerRecord[], now: Date): Promise<readonly QueuedRun[]> {
    await this.read(drills, runners, now);
    const byName = new Map(drills.map((drill) => [drill.name, drill]));
    const own: QueuedRun[] = [];
    for (const job of this.jobs.values()) {
      const drill = byName.get(job.drill);
      if (!drill) await this.dropGone(job, now);
      else if (await this.isSuperseded(job)) await this.dropRetry(job);
      else if (drill.pool === undefined) own.push(toQueued(job, drill));
      else if (drill.pool !== job.pool || drill.definitionHash !== job.definitionHash) await this.renew(job, drill);
    }
    return own;
  }

  /** Queues a run in its pool, if it is still due. Throws the store's errors. */
  async send(queued: QueuedRun): Promise<QueueOutcome> {
    const { store, states } = this.deps;
    const { drill, basis, retryOf, change, skips } = queued;
    if (!states.holds(drill.name, basis)) return { kind: 'taken' };
    const job = toJob(queued);
    if (retryOf !== undefined && (await this.isSuperseded(job))) {
      this.retried.add(retryOf);
      return { kind: 'taken' };
    }
    const state = { ...states.of(drill.name), ...change, waitsFor: waitOf(job.pool) };
    const outcome = await store.queueRun(job, state, skips);
    if (outcome.kind !== 'queued') return outcome;
    states.stored(state);
    if (retryOf !== undefined) this.retried.add(retryOf);
    this.sent.push(job);
    this.triggers.set(job.drill, job.trigger);
    this.deps.log.info(`${drill.name}: queued in pool ${drill.pool}`, { drill: drill.name });
    return outcome;
  }

  private take(jobs: readonly QueuedJob[]): void {
    const before = this.triggers;
    this.jobs = new Map(jobs.map((job) => [job.id, job]));
    this.sent = [];
    this.triggers = new Map(jobs.map(({ drill, trigger }) => [drill, trigger]));
    const hasLeft = ([drill, { raceOf }]: [string, NewJob['trigger']]) =>
      raceOf !== undefined && !this.triggers.has(drill);
    this.hasRacedLeft ||= [...before].some(hasLeft);
  }

  private async renew(job: QueuedJob, drill: Drill): Promise<void> {
    const { store, states } = this.deps;
    const { pool = job.pool, definitionHash } = drill;
    const state = { ...states.of(job.drill), waitsFor: waitOf(pool) };
    const outcome = await store.queueRun({ ...job, pool, definitionHash }, state, [], job);
    if (outcome.kind === 'queued') states.stored(state);
  }

  /** Whether another run followed the one that this retry repeats: no runner would start it now. */
  private async isSuperseded({ drill, retryOf }: NewJob): Promise<boolean> {
    if (retryOf === undefined) return false;
    const [newest] = await this.deps.store.findRuns({ drill, limit: 1 });
    return newest?.id !== retryOf;
  }

  private async dropRetry(job: QueuedJob): Promise<void> {
    await this.drop(job, [], `another run came after ${job.retryOf}, which it repeats`);
  }

  private async dropGone(job: QueuedJob, now: Date): Promise<void> {
    const { drill, dueAt, waitingSince } = job;
    if (!this.had.has(drill) && now.getTime() - waitingSince.getTime() < GONE_AFTER_MS) return;
    const reason = 'its drill was removed';
    const skip = { drill, kind: 'gone', reason, count: 1, first: dueAt, last: dueAt, recordedAt: now } as const;
    await this.drop(job, [skip], reason);
  }

  private async drop(job: QueuedJob, skips: readonly SkipRecord[], reason: string): Promise<void> {
    const { store, states, log } = this.deps;
    const { id, drill, trigger } = job;
    if (!(await store.removeJob(job))) return; // it has started meanwhile
    this.jobs.delete(id);
    this.triggers.delete(drill);
    this.hasRacedLeft ||= trigger.raceOf !== undefined;
    log.warn(`${drill}: a queued run is dropped: ${reason}`, { drill });
    await states.change(drill, { waitsFor: undefined }, skips);
  }
}

function toJob({ drill, isOverBudget, ...queued }: QueuedRun): NewJob {
  const { name, pool = '', definitionHash } = drill;
  const { trigger, dueAt, triggeredBy, waitingSince, retryOf, diskBytes } = queued;
  const job = { pool, drill: name, definitionHash, trigger, dueAt, triggeredBy, waitingSince, retryOf, diskBytes };
  return { ...job, ...(isOverBudget && { isOverBudget }) };
}

function waitOf(pool: string): string {
  return `for a runner of pool ${pool}`;
}
