import type { RunRecord } from './run-record.ts';

/**
 * Whether a run that has ended is worth a second attempt: it was the first one for a schedule or a new backup, and the harness broke or was
 * cut off. A verdict is never retried, nor what a user asked for or canceled.
 */
export function isRetryable({ status, trigger, endedBy }: Pick<RunRecord, 'status' | 'trigger' | 'endedBy'>): boolean {
  if (trigger.kind === 'hand' || trigger.attempt > 1 || endedBy === 'user') return false;
  return status === 'errored' || status === 'interrupted';
}
