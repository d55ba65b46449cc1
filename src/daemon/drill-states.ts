import { isDeepStrictEqual } from 'node:util';
import type { DrillState, ScheduleStore, SkipRecord } from '../record/schedule-store.ts';

/** What may change in a drill's state; the rest says whose and which version it is. */
export type StateChange = Partial<Omit<DrillState, 'drill' | 'version'>>;

/** What of a drill's state a decision about it rests on. */
export type Basis = Partial<Pick<DrillState, 'handledUntil' | 'handledBackup'>>;

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

  /** Whether a decision still stands: states are read anew also while what was decided waits, so that an up-to-date version says nothing of its age. */
  holds(drill: string, basis: Basis): boolean {
    const { handledUntil, handledBackup } = this.of(drill);
    return isDeepStrictEqual({ handledUntil, handledBackup, ...basis }, { handledUntil, handledBackup });
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
