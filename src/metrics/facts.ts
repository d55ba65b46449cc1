import type { Drill } from '../config/drill-file.ts';
import type { RunCount } from '../record/schedule-store.ts';
import type { DrillStanding } from '../status/read-standings.ts';

/** What a {@link DrillStanding} tells metrics. */
export type DrillFacts = Omit<DrillStanding, 'drill'> & {
  readonly drill: Pick<Drill, 'name' | 'owner' | 'tier' | 'schedule'> & {
    readonly objectives: Pick<Drill['objectives'], 'rtoMs' | 'rpoMs'>;
  };
};

/** What the scheduler of this process knows of itself. */
export interface SchedulerFacts {
  /** How every drill stands, as of its last look. */
  readonly standings: readonly DrillFacts[];
  /** Drill files that are broken. */
  readonly broken: readonly unknown[];
  /** Runs that are due and wait for their turn. */
  readonly waiting: readonly unknown[];
  /** Runs of this process that go on. */
  readonly running: number;
  /** As many go on at most. */
  readonly sandboxes: number;
  /** When it has last looked at all schedules. */
  readonly lastGoodTickAt: Date;
  /** When it is to look at a schedule next; in the past: it is late. undefined: no drill has times. */
  readonly nextDueAt: Date | undefined;
}

/** Everything that metrics are made of. */
export interface MetricsFacts extends SchedulerFacts {
  readonly now: Date;
  /** undefined: the store does not answer. */
  readonly stored: StoredFacts | undefined;
  /** undefined: not known. */
  readonly storeSizeBytes: number | undefined;
  /** How often the store has failed since the process started. */
  readonly storeErrors: number;
}

export interface StoredFacts {
  readonly runCounts: readonly RunCount[];
  /** Messages on their way. */
  readonly pending: number;
  /** Messages that never arrived. */
  readonly givenUp: number;
}
