import type { RunRecord } from '../record/run-record.ts';
import { formatInstant } from '../support/instants.ts';

/** Shows runs with an expired lease as interrupted. The store keeps them as running until the cleanup of abandoned runs marks them. */
export function markAbandonedInterrupted(runs: readonly RunRecord[], now: Date): readonly RunRecord[] {
  return runs.map((run) => (run.status === 'running' && run.leaseExpiresAt <= now ? toInterrupted(run) : run));
}

function toInterrupted(run: RunRecord): RunRecord {
  const message = `the process that ran it has not renewed its lease, which ended on ${formatInstant(run.leaseExpiresAt)}`;
  const error = { code: 'interrupted', stage: run.stages.at(-1)?.name, message, hint: undefined, details: [] } as const;
  return { ...run, status: 'interrupted', endedAt: run.leaseExpiresAt, error };
}
