import type { BaselineStore } from '../../src/record/baseline-store.ts';
import { acceptedBefore } from '../../src/record/queries/baselines.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import { DrillError } from '../../src/support/errors.ts';

export function createMemoryBaselines(runs: Map<string, RunRecord>): BaselineStore {
  const snapshots = new Map<string, string>();
  return {
    async keepSnapshot(text) {
      const id = [...snapshots].find(([, known]) => known === text)?.[0] ?? `snapshot-${snapshots.size}`;
      snapshots.set(id, text);
      return id;
    },
    async getSnapshot(id) {
      return snapshots.get(id);
    },
    async accept({ runId, ...accepted }) {
      const run = runs.get(runId);
      if (!run) throw new DrillError('run-not-found', `there is no run '${runId}'`);
      if (run.accepted) throw acceptedBefore(runId, run.accepted.by);
      runs.set(runId, { ...run, accepted });
    },
  };
}
