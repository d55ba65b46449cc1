import { isDeepStrictEqual } from 'node:util';
import type { DrillState, ScheduleStore, SkipRecord } from '../record/schedule-store.ts';

/** The parts of a drill's state that can change; the rest identifies the drill and the version. */
export type StateChange = Partial<Omit<DrillState, 'drill' | 'version'>>;

/** The parts of a drill's state that a decision was based on. */
export type Basis = Partial<Pick<DrillState, 'handledUntil' | 'handledBackup'>>;

/**
 * The drills' states as last read or written. A change applies only to the version known here: if another process was faster, nothing is stored, and the newer
 * version is read.
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

  /** The state of a drill; empty for one that was never scheduled. */
  of(drill: string): DrillState {
    return this.known.get(drill) ?? { ...EMPTY, drill };
  }

  /** Whether a decision is still valid. States are also reread while a decision waits, so the version number alone does not show that. */
  holds(drill: string, basis: Basis): boolean {
    const { handledUntil, handledBackup } = this.of(drill);
    return isDeepStrictEqual({ handledUntil, handledBackup, ...basis }, { handledUntil, handledBackup });
  }

  /** @returns false if another process was faster; the newer version has then been read. */
  async change(drill: string, change: StateChange, skips: readonly SkipRecord[] = []): Promise<boolean> {
    const next = { ...this.of(drill), ...change };
    if (await this.store.saveDrillState(next, skips)) {
      this.stored(next);
      return true;
    }
    await this.reload();
    return false;
  }

  /** Records a state that was stored together with a run. */
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
  pollError: undefined,
  waitsFor: undefined,
  schedules: [],
};
