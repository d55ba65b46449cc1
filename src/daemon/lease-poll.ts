import type { Death, RunLease, Store } from '../record/store.ts';
import { LeaseWatch } from '../run/lease-watch.ts';
import type { Clock } from '../support/clock.ts';

/**
 * How often heartbeats are looked at, in ms: a dead process is noticed at most this much later. Reading them is one query of the few runs in progress. Ticks
 * alone would not do: on a busy machine they are many seconds apart.
 */
const POLL_MS = 2000;

export interface LeasePollDeps {
  readonly store: Pick<Store, 'findLeases'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/** Watches the heartbeats of all runs in a shared store, at each tick and between ticks. */
export class LeasePoll {
  private readonly deps: LeasePollDeps;
  private readonly watch = new LeaseWatch();
  private hasEnded = false;
  private isLooking = false;

  constructor(deps: LeasePollDeps) {
    this.deps = deps;
  }

  /** Looks every {@link POLL_MS} until disposed. @param onDead called each time that the process of a run has been silent for too long. */
  start(onDead: () => void): Disposable {
    const timer = setInterval(() => void this.lookBetweenTicks(onDead), POLL_MS);
    timer.unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }

  /** @returns the leases of all runs in progress. Throws the store's errors. */
  async look(): Promise<readonly RunLease[]> {
    const { store, clock } = this.deps;
    const leases = await store.findLeases();
    this.hasEnded = this.watch.look(leases, clock.monotonicMs()) || this.hasEnded;
    return leases;
  }

  /** @returns whether any run has ended, in any process, since the last call; as of the last {@link look}. */
  takeEnded(): boolean {
    const { hasEnded } = this;
    this.hasEnded = false;
    return hasEnded;
  }

  /** As of the last {@link look}: see {@link LeaseWatch.deathOf}. */
  deathOf(lease: RunLease): Death | undefined {
    return this.watch.deathOf(lease);
  }

  private async lookBetweenTicks(onDead: () => void): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    const leases = await this.look().catch(() => []); // the next tick meets the same, and reports it
    this.isLooking = false;
    if (leases.some((lease) => this.deathOf(lease) !== undefined)) onDead();
  }
}
