import type { RunRecord } from '../record/run-record.ts';

/** One retry after a harness failure, in milliseconds after the end of the run; a verdict is never retried. */
const RETRY = {
  /** Time for the cause to clear up, such as an engine restart or a failover of the store. A run whose process died is retried at once. */
  backOffMs: 2 * 60_000,
  /** No alert is sent during this time; after that, the alert no longer waits for the retry. */
  provisionalMs: 3_600_000,
  /** After this time there is no retry; the next scheduled run takes over. */
  latestMs: 6 * 3_600_000,
} as const;

export interface DueRetry {
  /** The run that is retried. */
  readonly run: RunRecord;
  /** undefined: at once. */
  readonly notBefore: Date | undefined;
}

/**
 * The retry that is due for a drill: its newest run was the first attempt for a schedule or a new backup, and errored or was interrupted.
 * @param runs newest first.
 * @returns undefined when no retry is due, or it is too late for one.
 */
export function dueRetry(runs: readonly RunRecord[], now: Date): DueRetry | undefined {
  const [run] = runs;
  if (!run?.endedAt || !run.retryable) return undefined;
  if (isTooLateToRetry(run, now)) return undefined;
  if (run.endedBy === 'process-lost') return { run, notBefore: undefined }; // the clock of the process that found it dead may be ahead
  return { run, notBefore: new Date(run.endedAt.getTime() + RETRY.backOffMs) };
}

/** Whether a run ended too long ago to be retried, or has not ended, so that the next run is awaited. */
export function isTooLateToRetry({ endedAt }: RunRecord, now: Date): boolean {
  return endedAt === undefined || now.getTime() - endedAt.getTime() >= RETRY.latestMs;
}

/** Whether a retry is due soon that will show whether this failure persists. */
export function awaitsRetry(run: RunRecord, now: Date): boolean {
  if (!run.endedAt || !run.retryable) return false;
  return now.getTime() - run.endedAt.getTime() < RETRY.provisionalMs;
}

/** Canceled by the user who started it, or by another user, so no alert is needed. */
export function wasCanceledByUser({ status, trigger, endedBy }: RunRecord): boolean {
  if (status !== 'interrupted') return false;
  return endedBy === 'user' || (endedBy === 'shutdown' && trigger.kind === 'hand');
}
