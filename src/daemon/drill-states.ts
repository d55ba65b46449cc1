import type { DrillState, ScheduleStore, SkipRecord } from '../record/schedule-store.ts';

/** What may change in a drill's state; the rest says whose and which version it is. */
export type StateChange = Partial<Omit<DrillState, 'drill' | 'version'>>;

/**
 * The drills' states as last read or written. A change is made only to the version that is known here: where another process was faster, nothing
 * is stored, and its version is read.
 */
export class DrillStates {
  private readonly store: Pick<ScheduleStore, 'getDrillStates' | 'saveDrillState'>;
  private known = new Map<string, DrillState>();

  constructor(store: Pick<ScheduleStore, 'getDrillStates' | 'saveDrillState'>) {
    this.store = store;
  }

  async reload(): Promise<void> {
    const states = await this.store.getDrillStates();
    this.known = new Map(states.map((state) => [state.drill, state]));
  }

  get all(): ReadonlyMap<string, DrillState> {
    return this.known;
  }

  /** The state of a drill that was never scheduled is an empty one. */
  of(drill: string): DrillState {
    return this.known.get(drill) ?? { ...EMPTY, drill };
  }

  /** @returns false when another process was faster; its version is known then. */
  async change(drill: string, change: StateChange, skips: readonly SkipRecord[] = []): Promise<boolean> {
    const next = { ...this.of(drill), ...change };
    if (await this.store.saveDrillState(next, skips)) {
      this.stored(next);
      return true;
    }
    await this.reload();
    return false;
  }

  /** Takes over a state that was stored along with a run. */
  stored(state: DrillState): void {
    this.known.set(state.drill, { ...state, version: state.version + 1 });
  }
}

const EMPTY: Omit<DrillState, 'drill'> = {
  version: 0,
  scheduleHash: undefined,
  scheduledSince: undefined,
  handledUntil: undefined,
  newestBackup: undefined,
  handledBackup: undefined,
  lookError: undefined,
  waitsFor: undefined,
};
