import type { Drill } from '../config/drill-file.ts';
import type { DiscoveryRecord } from '../record/discovery-store.ts';
import type { RunCount } from '../record/schedule-store.ts';
import type { DrillStanding } from '../status/read-standings.ts';
import type { EndpointRate } from '../status/request-rates.ts';

/** The parts of a {@link DrillStanding} that metrics need. */
export type DrillFacts = Omit<DrillStanding, 'drill'> & {
  readonly drill: Pick<Drill, 'name' | 'owner' | 'tier' | 'schedule' | 'proveEveryMs' | 'definitionHash'> & {
    readonly objectives: Pick<Drill['objectives'], 'rtoMs' | 'rpoMs'>;
  };
};

/** The state of this process's scheduler. */
export interface SchedulerFacts {
  /** The state of every drill at the scheduler's last tick. */
  readonly standings: readonly DrillFacts[];
  /** Invalid drill files. */
  readonly broken: readonly unknown[];
  /** Runs that are due and queued. */
  readonly waiting: readonly unknown[];
  /** Runs in progress in this process. */
  readonly running: number;
  /** The largest number of concurrent runs. */
  readonly sandboxes: number;
  /** When it last checked all schedules. */
  readonly lastGoodTickAt: Date;
  /** When the next schedule is due; in the past: the scheduler is late. undefined: no drill has times. */
  readonly nextDueAt: Date | undefined;
  /** The last scan for what no drill covers; undefined: there was none. */
  readonly discovery?: DiscoveryRecord | undefined;
  /** State of every store, from its requests over 30 days. */
  readonly providers?: readonly EndpointRate[];
}

/** Everything that metrics are made from. */
export interface MetricsFacts extends SchedulerFacts {
  readonly now: Date;
  /** undefined: the store does not respond. */
  readonly stored: StoredFacts | undefined;
  /** undefined: unknown. */
  readonly storeSizeBytes: number | undefined;
  /** Store errors since the process started. */
  readonly storeErrors: number;
}

export interface StoredFacts {
  readonly runCounts: readonly RunCount[];
  /** Notifications still to be delivered. */
  readonly pending: number;
  /** Notifications that could not be delivered and are no longer retried. */
  readonly givenUp: number;
}
