import { findLimit, findObstacle, findOverBudget } from '../../src/record/queries/claim-due.ts';
import { DAEMON_LIMIT } from '../../src/record/queries/daemons.ts';
import { countsOf } from '../../src/record/queries/run-count.ts';
import type { QueueStore } from '../../src/record/queue-store.ts';
import type { CountedRun } from '../../src/record/run-limits.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { DaemonRecord, DrillState, RunCount, ScheduleStore, SkipRecord } from '../../src/record/schedule-store.ts';
import { DrillError } from '../../src/support/errors.ts';
import { compare } from './compare.ts';
import { createMemoryJobs } from './memory-jobs.ts';
import type { MemorySpending } from './memory-spending.ts';

interface MemoryRuns {
  /** Oldest first. */
  readonly running: () => readonly RunRecord[];
  readonly ended: () => readonly RunRecord[];
  readonly claim: (run: RunRecord) => void;
  readonly spending: MemorySpending;
}

interface MemoryParts {
  pruneSkips(before: Date): number;
  /** @returns a function that returns the runs in progress with the pools of their runners. */
  runningInPools(): Promise<() => readonly CountedRun[]>;
}

/** The scheduler's part of the store in memory. */
export function createMemorySchedule({
  running,
  ended,
  claim,
  spending,
}: MemoryRuns): ScheduleStore & QueueStore & MemoryParts {
  const states = new Map<string, DrillState>();
  const daemons = new Map<string, DaemonRecord>();
  const skipped: SkipRecord[] = [];
  let leader: { readonly name: string } | undefined;

  function save(state: DrillState, skips: readonly SkipRecord[]): void {
    const schedules = new Map(states.get(state.drill)?.schedules.map((record) => [record.since.getTime(), record]));
    for (const record of state.schedules) {
      const stored = schedules.get(record.since.getTime());
      const knownUntil = stored?.knownUntil ?? record.knownUntil;
      schedules.set(record.since.getTime(), { ...(stored ?? record), knownUntil });
    }
    const all = [...schedules.values()].toSorted((a, b) => a.since.getTime() - b.since.getTime());
    states.set(state.drill, structuredClone({ ...state, version: state.version + 1, schedules: all }));
    skipped.push(...structuredClone(skips));
  }
  const isCurrent = ({ drill, version }: DrillState) => (states.get(drill)?.version ?? 0) === version;
  const jobs = createMemoryJobs({ running, isCurrent, save });

  /** @returns a function that returns them at any later time: a claim must not wait between its check and its insert. */
  const runningInPools = async () => {
    const pools = new Map((await jobs.getRunners()).map(({ owner, pool }) => [owner, pool]));
    return () => running().map((one) => ({ ...one, pool: pools.get(one.leaseOwner) }));
  };

  return {
    runningInPools,
    async getDrillStates() {
      return [...states.values()].toSorted((a, b) => compare(a.drill, b.drill));
    },
    async saveDrillState(state, skips) {
      if (!isCurrent(state)) return false;
      save(state, skips);
      return true;
    },
    ...jobs,
    async claimDue(run, due) {
      const { state, skips, job } = due;
      const counted = await runningInPools();
      if (state.drill !== run.drill) throw new DrillError('store-failed', `run ${run.id} is not of ${state.drill}`);
      if (!isCurrent(state)) return { kind: 'taken' };
      const obstacle = findObstacle(running(), run.drill, due);
      if (obstacle) return obstacle;
      const limit = findLimit(counted(), due);
      if (limit) return limit;
      const over = due.budget && findOverBudget(run, due, spending.read(due.budget, run.drill));
      if (over && !over.outcome.isSkipped) return over.outcome;
      if (job && !(await jobs.removeJob(job))) return { kind: 'taken' };
      if (over) {
        save(over.state, over.skips);
        return over.outcome;
      }
      claim(run);
      save(state, skips);
      return { kind: 'claimed' };
    },
    async getSpending(budget, drill) {
      const own = skipped.filter(({ kind, recordedAt }) => kind === 'budget' && recordedAt >= budget.from);
      return { ...spending.read(budget, drill), skipped: own.reduce((sum, { count }) => sum + count, 0) };
    },
    async findSkips({ drill, limit }) {
      return skipped
        .toReversed()
        .toSorted((a, b) => compare(b.recordedAt, a.recordedAt))
        .filter((skip) => drill === undefined || skip.drill === drill)
        .slice(0, limit);
    },
    async findRunning() {
      return running();
    },
    async findReading() {
      return running().map(({ readsFrom }) => (readsFrom === undefined ? {} : { readsFrom }));
    },
    async countRuns() {
      return countAll(ended());
    },
    async beat(daemon) {
      daemons.set(daemon.owner, structuredClone(daemon));
    },
    async getDaemons() {
      return [...daemons.values()]
        .toSorted((a, b) => compare(b.beatAt, a.beatAt) || compare(a.owner, b.owner))
        .slice(0, DAEMON_LIMIT);
    },
    openLead(name) {
      const lead = { name };
      return {
        renew: async () => {
          leader ??= lead;
          return leader === lead ? { isOwn: true } : { isOwn: false, by: leader.name };
        },
        [Symbol.asyncDispose]: async () => {
          if (leader === lead) leader = undefined;
        },
      };
    },
    pruneSkips(before) {
      const kept = skipped.filter(({ recordedAt }) => recordedAt >= before);
      return skipped.splice(0, skipped.length, ...kept).length - kept.length;
    },
  };
}

function countAll(runs: readonly RunRecord[]): readonly RunCount[] {
  const counts = new Map<string, RunCount>();
  for (const run of runs) {
    for (const { outcome, reason } of countsOf(run)) {
      const key = JSON.stringify([run.drill, outcome, reason]);
      counts.set(key, { drill: run.drill, outcome, reason, count: (counts.get(key)?.count ?? 0) + 1 });
    }
  }
  return [...counts.values()].toSorted(
    (a, b) => compare(a.drill, b.drill) || compare(a.outcome, b.outcome) || compare(a.reason, b.reason),
  );
}
