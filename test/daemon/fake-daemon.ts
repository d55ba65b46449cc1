import type { Drill, Schedule } from '../../src/config/drill-file.ts';
import type { ReportSpec } from '../../src/config/resolve-reports.ts';
import type { ServePart } from '../../src/config/serve-schema.ts';
import type { LiveChange } from '../../src/daemon/control.ts';
import { Daemon } from '../../src/daemon/daemon.ts';
import type { BrokenFile, CatalogChange } from '../../src/daemon/drill-catalog.ts';
import { leaveToRunners } from '../../src/daemon/leave-to-runners.ts';
import type { Store } from '../../src/record/store.ts';
import { type FakeDrill, type FakeOptions, fakeDefinition, makeFakeDrill } from '../run/fake-drill.ts';

/** A schedule with these times, in UTC. */
export function scheduleOf(cron: string | undefined, changes: Partial<Schedule> = {}): Schedule {
  return {
    cron,
    onNewBackup: undefined,
    timezone: 'UTC',
    missed: 'run-once',
    jitterMs: 0,
    notDuring: [],
    freezes: [],
    overdueAfterMs: 900_000,
    ...changes,
  };
}

export function drillOf(name: string, schedule: Schedule | undefined, changes: Partial<Drill> = {}): Drill {
  return { ...fakeDefinition(600_000), name, schedule, file: `/srv/drills/${name}.yaml`, ...changes };
}

const NO_CHANGE: CatalogChange = { added: [], changed: [], removed: [], broken: [], fixed: [] };

export interface FakeDaemon {
  readonly fake: FakeDrill;
  readonly daemon: Daemon;
  /** For example `info: orders: run … started`. */
  readonly log: readonly string[];
  /** Drill states passed to the notifier: names and states, one line for each evaluation. */
  readonly told: readonly string[];
  /** Replaces the current drills; takes effect at the next tick. */
  setDrills(drills: readonly Drill[]): void;
  start(): void;
  /** Aborts `stop`, and `hurry` if requested. @returns what `run` returned. */
  stop(options?: { readonly hurry?: boolean }): Promise<'stopped' | 'store-lost'>;
}

/** A scheduler whose parts are all in memory; several on one store act as several processes. */
export function makeFakeDaemon(
  drills: readonly Drill[],
  options: FakeOptions & {
    readonly on?: Store;
    readonly sandboxes?: number;
    readonly reports?: readonly ReportSpec[];
    readonly only?: ServePart;
    readonly onChange?: (change: LiveChange, daemon: Daemon) => void;
    readonly onDeliver?: () => void;
  } = {},
): FakeDaemon {
  const made = makeFakeDrill(options);
  const services = { ...made.services, store: options.on ?? made.services.store };
  const fake = { ...made, services, store: options.on ?? made.store };
  const log: string[] = [];
  const told: string[] = [];
  const at = (level: string) => (message: string) => void log.push(`${level}: ${message}`);
  const stop = new AbortController();
  const hurry = new AbortController();
  let inForce = drills;
  let isNew = true;
  const catalog = {
    get drills() {
      return inForce;
    },
    broken: [] as readonly BrokenFile[],
    invalidate: () => undefined,
    refresh: async () => {
      const change = isNew ? NO_CHANGE : undefined;
      isNew = false;
      return change;
    },
  };
  const daemon: Daemon = new Daemon({
    services,
    catalog: options.only === undefined ? catalog : leaveToRunners(catalog),
    only: options.only,
    runtimes: [],
    reports: options.reports ?? [],
    discover: { schedule: undefined, sources: [], servers: [], maxRequests: 1 },
    heartbeat: { ping: async () => undefined },
    notifier: {
      consider: async (subjects) => {
        told.push(subjects.map(({ standing }) => `${standing.drill} ${standing.state}`).join(', '));
        return [];
      },
      digest: async () => false,
      deliver: async () => {
        options.onDeliver?.();
        return { sent: 0, retried: 0, givenUp: 0, problems: [] };
      },
    },
    settings: {
      listen: undefined,
      sandboxes: options.sandboxes ?? 2,
      memoryBytes: undefined,
      cpus: undefined,
      stopGraceMs: 10_000,
      pollBackupsMs: 3_600_000,
    },
    log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    onChange: (change) => options.onChange?.(change, daemon),
    manager: { ready: () => undefined, status: () => undefined, stopping: () => undefined, alive: () => undefined },
  });
  let running: Promise<'stopped' | 'store-lost'> | undefined;
  return {
    fake,
    daemon,
    log,
    told,
    setDrills: (next) => {
      inForce = next;
      isNew = true;
    },
    start: () => {
      running = daemon.run(stop.signal, hurry.signal);
    },
    stop: async ({ hurry: isHurried = false } = {}) => {
      stop.abort();
      if (isHurried) hurry.abort();
      return running ?? 'stopped';
    },
  };
}
