import { findObstacle } from '../../src/record/queries/claim-due.ts';
import type { QueuedJob, QueueStore, RunnerRecord } from '../../src/record/queue-store.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { DrillState, JobPlace, SkipRecord } from '../../src/record/schedule-store.ts';
import { compare } from './compare.ts';

interface MemoryStates {
  readonly running: () => readonly RunRecord[];
  readonly isCurrent: (state: DrillState) => boolean;
  readonly save: (state: DrillState, skips: readonly SkipRecord[]) => void;
}

/** The queue of a store in memory, as several machines would share it. */
export function createMemoryJobs({ running, isCurrent, save }: MemoryStates): QueueStore {
  const jobs: QueuedJob[] = [];
  const runners = new Map<string, RunnerRecord>();
  let queued = 0;
  function remove({ id }: JobPlace): boolean {
    const at = jobs.findIndex((job) => job.id === id);
    if (at >= 0) jobs.splice(at, 1);
    return at >= 0;
  }
  return {
    isShared: true,
    async queueRun(job, state, skips, replaces) {
      if (!isCurrent(state)) return { kind: 'taken' };
      const obstacle = findObstacle(running(), job.drill, { maxRunning: Number.POSITIVE_INFINITY });
      if (obstacle?.kind === 'overlap') return obstacle;
      if (replaces && !remove(replaces)) return { kind: 'taken' };
      if (jobs.some(({ drill, pool }) => drill === job.drill && pool === job.pool)) return { kind: 'waiting' };
      queued += 1;
      jobs.push(structuredClone({ ...job, id: String(queued) }));
      save(state, skips);
      return { kind: 'queued' };
    },
    findJobs: async (pool) => jobs.filter((job) => pool === undefined || job.pool === pool),
    removeJob: async (job) => remove(job),
    async beatRunner(runner) {
      runners.set(runner.owner, structuredClone(runner));
    },
    getRunners: async () =>
      [...runners.values()].toSorted((a, b) => compare(b.beatAt, a.beatAt) || compare(a.owner, b.owner)),
  };
}
