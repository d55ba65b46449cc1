import type { RunnerRecord } from '../record/queue-store.ts';
import type { Store } from '../record/store.ts';
import type { Clock } from '../support/clock.ts';
import { SilenceWatch } from '../support/silence-watch.ts';

export interface FleetWatchDeps {
  readonly store: Pick<Store, 'isShared' | 'getDaemons' | 'getRunners'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/** Schedulers send a heartbeat every 3 s and runners every 5 s, so at least one is missing by then. */
const OVERDUE_MS = 10_000;

/** Tracks which schedulers and runners of a shared store have stopped sending heartbeats, long before they count as lost. */
export class FleetWatch {
  private readonly deps: FleetWatchDeps;
  private readonly watch = new SilenceWatch();
  private overdue: ReadonlyMap<string, number> = new Map();
  private lastRunners: readonly RunnerRecord[] = [];

  constructor(deps: FleetWatchDeps) {
    this.deps = deps;
  }

  /** Time since the last heartbeat of each process whose heartbeat is overdue, in ms, by owner. */
  get silences(): ReadonlyMap<string, number> {
    return this.overdue;
  }

  /** As of the last {@link look}, most recent heartbeat first; empty if the store is not shared. */
  get runners(): readonly RunnerRecord[] {
    return this.lastRunners;
  }

  /**
   * Call every few seconds.
   * @returns whether a process has become overdue since the last call, or has resumed. Throws the store's errors.
   */
  async look(): Promise<boolean> {
    const { store, clock } = this.deps;
    if (!store.isShared) return false;
    this.lastRunners = await store.getRunners();
    const records = [...(await store.getDaemons()), ...this.lastRunners];
    const beats = new Map(
      records.flatMap(({ owner, beatAt, stoppedAt }) => (stoppedAt ? [] : [[owner, beatAt.getTime()]])),
    );
    this.watch.look(beats, clock.monotonicMs());
    const before = this.overdue;
    const silences = [...beats].map(([owner, beat]) => [owner, this.watch.silentMs(owner, beat)] as const);
    this.overdue = new Map(silences.filter(([, silentMs]) => silentMs >= OVERDUE_MS));
    return before.size !== this.overdue.size || [...before.keys()].some((owner) => !this.overdue.has(owner));
  }
}
