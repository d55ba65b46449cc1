import type { FactCursor } from './report-store.ts';
import type { RunRecord } from './run-record.ts';
import type { RunFilter, Store } from './store.ts';

export interface RecentRuns {
  /**
   * Reads the changes since the last refresh: two lookups, plus one for each run that ended since or is in progress. Overlapping calls share one refresh.
   */
  refresh(): Promise<void>;
  /** Like `Store.findRuns`, as of the last refresh, if a drill is given and no more runs than are cached; otherwise queries the store. */
  findRuns(filter: RunFilter): Promise<readonly RunRecord[]>;
  /** Like `Store.findLatestRuns`, as of the last refresh. */
  findLatestRuns(): Promise<readonly RunRecord[]>;
}

/** If more runs than this ended since the last refresh, everything is read again. */
const FACTS_PER_REFRESH = 1000;

/**
 * Caches the newest complete runs of every drill in memory. An ended run never changes, so the cache is never wrong, only stale until the next refresh.
 * Reading the runs of two hundred drills takes a second; a page requested by twenty people at once has a fiftieth of that.
 */
export function keepRecentRuns(
  store: Pick<Store, 'findFactsSince' | 'findRecentFacts' | 'findRunning' | 'getRuns' | 'findRuns' | 'findLatestRuns'>,
  perDrill: number,
): RecentRuns {
  let cursor: FactCursor | undefined;
  let running: readonly RunRecord[] = [];
  const ended = new Map<string, readonly RunRecord[]>();
  let refreshing: Promise<void> | undefined;

  async function refresh(): Promise<void> {
    // Read before the facts: a run that ends in between is then found both as running and as ended, and ended takes precedence.
    running = await store.findRunning();
    if (cursor === undefined) return readAll();
    const added = await store.findFactsSince(cursor, FACTS_PER_REFRESH);
    if (added.facts.length === FACTS_PER_REFRESH) return readAll();
    keep(await store.getRuns(added.facts.map(({ runId }) => runId)));
    cursor = added.cursor;
  }
  async function readAll(): Promise<void> {
    const now = await store.findFactsSince(undefined, 0);
    ended.clear();
    keep(await store.getRuns((await store.findRecentFacts(perDrill)).map(({ runId }) => runId)));
    cursor = now.cursor;
  }
  function keep(runs: readonly RunRecord[]): void {
    for (const [drill, added] of Map.groupBy(runs, (run) => run.drill)) {
      const ids = new Set(added.map(({ id }) => id));
      const others = (ended.get(drill) ?? []).filter(({ id }) => !ids.has(id));
      ended.set(drill, [...added, ...others].toSorted(newestFirst).slice(0, perDrill));
    }
  }
  function newestOf(drill: string): readonly RunRecord[] {
    const known = ended.get(drill) ?? [];
    const runningNow = running.filter((run) => run.drill === drill && !known.some(({ id }) => id === run.id));
    return runningNow.length === 0 ? known : [...runningNow, ...known].toSorted(newestFirst);
  }

  return {
    async refresh() {
      refreshing ??= refresh().finally(() => {
        refreshing = undefined;
      });
      await refreshing;
    },
    async findRuns(filter) {
      const { drill, limit, ...more } = filter;
      const isPartial = Object.values(more).some((value) => value !== undefined);
      if (drill === undefined || limit > perDrill || isPartial || cursor === undefined) {
        return store.findRuns(filter);
      }
      return newestOf(drill).slice(0, limit);
    },
    async findLatestRuns() {
      if (cursor === undefined) return store.findLatestRuns();
      const drills = new Set([...ended.keys(), ...running.map(({ drill }) => drill)]);
      return [...drills].sort().flatMap((drill) => newestOf(drill)[0] ?? []);
    },
  };
}

/** Compares two runs for sorting. */
export function newestFirst(a: RunRecord, b: RunRecord): number {
  return b.startedAt.getTime() - a.startedAt.getTime() || (a.id < b.id ? 1 : -1);
}
