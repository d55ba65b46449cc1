import type { RunnerRecord } from '../record/queue-store.ts';
import type { Store } from '../record/store.ts';
import type { Clock } from '../support/clock.ts';
import { SilenceWatch } from '../support/silence-watch.ts';

export interface FleetWatchDeps {
  readonly store: Pick<Store, 'isShared' | 'getDaemons' | 'getRunners'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/** Schedulers send a heartbeat every 3 s and runners every 5 s, so one is missing. */
const OVERDUE_MS = 10_000;

/** Which schedulers and runners of a shared store have stopped sending heartbeats, long before they count as lost. */
export class FleetWatch {
  private readonly deps: FleetWatchDeps;
  private readonly watch = new SilenceWatch();
  private overdue: ReadonlyMap<string, number> = new Map();
  private lastRunners: readonly RunnerRecord[] = [];

  constructor(deps: FleetWatchDeps) {
    this.deps = deps;
  }

  /** By owner: how long no heartbeat has come from a process whose heartbeat is overdue, in ms. */
  get silences(): ReadonlyMap<string, number> {
    return this.overdue;
  }

  /** As of the last {@link look}, most recent heartbeat first; none where the store is not shared. */
  get runners(): readonly RunnerRecord[] {
    return this.lastRunners;
  }

  /** To be called every few seconds. @returns whether a process has become overdue since the last look, or has been heard again. Throws what the store throws. */
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
