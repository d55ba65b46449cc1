import type { RunRecord } from '../record/run-record.ts';
import type { DaemonRecord } from '../record/schedule-store.ts';
import type { RunLease } from '../record/store.ts';
import { describeCleanUp, findGone, interruptDead, sweepLimit } from '../run/clean-up.ts';
import type { DrillServices } from '../run/contract.ts';
import type { Capacity, SandboxRuntime } from '../sandbox/sandbox.ts';
import { sweepAll } from '../sandbox/sweep.ts';
import { asDrillError } from '../support/errors.ts';
import { EngineWatch } from './engine-watch.ts';
import { LeasePoll } from './lease-poll.ts';
import type { DaemonLog } from './log.ts';

export interface HousekeeperDeps {
  readonly services: Pick<DrillServices, 'store' | 'clock' | 'chooseRuntime'>;
  readonly runtimes: readonly SandboxRuntime[];
  readonly log: DaemonLog;
  /** Whether it removes old entries from the store: schedulers do, and the user of a runner need not be allowed to. */
  readonly prunes: boolean;
}

const SWEEP_EVERY_MS = 5 * 60_000;
/** Without a shared store, ticks come every 15 s. A longer gap means that the clock jumped or this process was suspended; a lease lasts 2 min. */
const GAP_MS = 60_000;
/** Time for live processes to extend their leases, which they do every 30 s. */
const LEASE_RENEWAL_MS = 60_000;
const SWEEP_TIMEOUT_MS = 30_000;
const MEASURE_TIMEOUT_MS = 10_000;

/** Cleans up after dead processes in the store and the engines, removes old data, and measures the available capacity. */
export class Housekeeper {
  private readonly deps: HousekeeperDeps;
  private nextSweepMs = 0;
  private keptAtMs: number | undefined;
  private leasesUnreliableUntilMs = Number.NEGATIVE_INFINITY;
  private sweeping: Promise<void> | undefined;
  /** Container engines that did not answer last time. */
  private readonly silent = new Set<string>();
  private readonly leases: LeasePoll;
  private readonly engineWatch: EngineWatch;

  constructor(deps: HousekeeperDeps) {
    this.deps = deps;
    this.leases = new LeasePoll(deps.services);
    this.engineWatch = new EngineWatch({ runtimes: deps.runtimes, clock: deps.services.clock });
  }

  /**
   * Records runs of dead processes as interrupted, and removes their leftovers in the background.
   * @returns whether any run has ended that way since the last call; on a shared store, in any way and on any machine. Throws the store's errors.
   */
  async interruptAbandoned(now: Date): Promise<boolean> {
    const { store, clock } = this.deps.services;
    const elapsedMs = clock.monotonicMs();
    if (!store.isShared && !this.areLeasesReliable(now, elapsedMs)) return false;
    const { interrupted, hasEnded } = store.isShared
      ? await this.interruptSilent(now)
      : { interrupted: await interruptDead(store, now), hasEnded: false };
    for (const text of describeCleanUp({ interrupted, swept: [], unanswered: [] })) this.deps.log.warn(text);
    if (interrupted.length === 0 && elapsedMs < this.nextSweepMs) return hasEnded;
    this.nextSweepMs = elapsedMs + SWEEP_EVERY_MS;
    this.sweeping ??= this.sweep(now).finally(() => {
      this.sweeping = undefined;
    });
    return hasEnded || interrupted.length > 0;
  }

  /**
   * @returns whether any run has ended since the last call. For processes that end no runs themselves: others on the store record the runs of dead processes.
   */
  async lookForEnded(): Promise<boolean> {
    await this.leases.look();
    return this.leases.takeEnded();
  }

  /**
   * On a shared store, also looks for dead processes between ticks, until disposed.
   * @param onDead called when {@link interruptAbandoned} has something to do.
   */
  watchBetweenTicks(onDead: () => void): Disposable | undefined {
    return this.deps.services.store.isShared ? this.leases.start(onDead) : undefined;
  }

  /** The container engines for a heartbeat. Call for each heartbeat; queries the engines in the background when it is time. */
  describeEngines(): Pick<DaemonRecord, 'engines'> {
    this.engineWatch.look();
    const { engines } = this.engineWatch;
    return engines ? { engines } : {};
  }

  /** Resolves when no sweep and no engine query is in progress. */
  async settle(): Promise<void> {
    await this.engineWatch.settle();
    await this.sweeping;
  }

  /**
   * The capacity of the runtimes. One that does not answer is omitted: the run that needs it reports that, and is recorded.
   * @returns `defaultRuntime`: for drills that name none; undefined if none can be chosen, so that no other runtime's capacity is used instead.
   */
  async measure(): Promise<{
    readonly capacity: Partial<Record<string, readonly Capacity[]>>;
    readonly defaultRuntime: string | undefined;
  }> {
    const { services, runtimes, log } = this.deps;
    const signal = AbortSignal.timeout(MEASURE_TIMEOUT_MS);
    const chosen = services.chooseRuntime(undefined, signal).then(
      ({ name }) => name,
      (thrown: unknown) => {
        log.debug(`no runtime available: ${asDrillError(thrown).message}`);
        return undefined;
      },
    );
    const measured = await Promise.all(runtimes.map((runtime) => this.measureOne(runtime, signal)));
    const answered = measured.flatMap((one) => one ?? []);
    const capacity = Object.groupBy(answered, ({ runtime }) => runtime);
    return {
      capacity: Object.fromEntries(
        Object.entries(capacity).map(([name, some = []]) => [name, some.map((one) => one.capacity)]),
      ),
      defaultRuntime: await chosen,
    };
  }

  private async measureOne(
    runtime: SandboxRuntime,
    signal: AbortSignal,
  ): Promise<{ readonly runtime: string; readonly capacity: Capacity } | undefined> {
    const { name, containerEngine } = runtime;
    try {
      const measured = await runtime.capacity(signal);
      if (containerEngine !== undefined && this.silent.delete(containerEngine))
        this.deps.log.info(`${name}: the engine at ${containerEngine} answers again`);
      return { runtime: name, capacity: measured };
    } catch (thrown) {
      const { message } = asDrillError(thrown);
      if (containerEngine === undefined) this.deps.log.debug(`${name} did not report its capacity: ${message}`);
      else if (!this.silent.has(containerEngine)) {
        this.silent.add(containerEngine);
        this.deps.log.warn(`${name}: no runs are placed on ${containerEngine} until it answers: ${message}`);
      }
      return undefined;
    }
  }

  /** On a shared store, judged by heartbeats, because clocks may differ. */
  private async interruptSilent(
    now: Date,
  ): Promise<{ readonly interrupted: readonly RunRecord[]; readonly hasEnded: boolean }> {
    const { store } = this.deps.services;
    const leases = await this.leases.look();
    const hasEnded = this.leases.takeEnded();
    const deathOf = (lease: RunLease) => findGone(lease) ?? this.leases.deathOf(lease);
    if (leases.every((lease) => deathOf(lease) === undefined)) return { interrupted: [], hasEnded };
    return { interrupted: await store.interruptAbandoned(now, deathOf), hasEnded };
  }

  /** After a clock jump or a suspend, every lease looks expired, even those of runs in this process. */
  private areLeasesReliable(now: Date, elapsedMs: number): boolean {
    if (this.keptAtMs !== undefined && now.getTime() - this.keptAtMs > GAP_MS) {
      this.leasesUnreliableUntilMs = elapsedMs + LEASE_RENEWAL_MS;
      this.deps.log.warn(
        'the clock jumped ahead or this process was suspended: no run is considered dead for a minute',
      );
    }
    this.keptAtMs = now.getTime();
    return elapsedMs >= this.leasesUnreliableUntilMs;
  }

  private async sweep(now: Date): Promise<void> {
    const { runtimes, log, services, prunes } = this.deps;
    const outcome = await sweepAll(runtimes, now, sweepLimit(SWEEP_TIMEOUT_MS));
    for (const text of describeCleanUp({ interrupted: [], ...outcome })) log.warn(text);
    if (!prunes) return;
    try {
      await services.store.prune(now);
    } catch (thrown) {
      log.warn(`could not remove old entries from the store: ${asDrillError(thrown).message}`);
    }
  }
}
