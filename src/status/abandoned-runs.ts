import type { RunRecord } from '../record/run-record.ts';

/** Runs whose lease has run out as the store keeps them once somebody has looked for abandoned ones: until then, it says that they go on. */
export function markAbandonedInterrupted(runs: readonly RunRecord[], now: Date): readonly RunRecord[] {
  return runs.map((run) => (run.status === 'running' && run.leaseExpiresAt <= now ? toInterrupted(run) : run));
}

function toInterrupted(run: RunRecord): RunRecord {
  const message = `the process that ran it has not been heard of since its lease ended at ${run.leaseExpiresAt.toISOString()}`;
  const error = { code: 'interrupted', stage: run.stages.at(-1)?.name, message, hint: undefined, details: [] } as const;
  return { ...run, status: 'interrupted', endedAt: run.leaseExpiresAt, error };
}
