import type { RunRecord } from './run-record.ts';

/**
 * Whether an ended run should be retried: it was the first attempt for a schedule or a new backup, and the harness failed or was interrupted. Runs with a
 * verdict are never retried, nor are those that a user started or canceled.
 */
export function isRetryable({ status, trigger, endedBy }: Pick<RunRecord, 'status' | 'trigger' | 'endedBy'>): boolean {
  if (trigger.kind === 'hand' || trigger.attempt > 1 || endedBy === 'user') return false;
  return status === 'errored' || status === 'interrupted';
}
